"""How the simulated city's leaders answer signals: most in time, some late, some never."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from throughline.action.response import actions as responses
from throughline.action.response.models import Response
from throughline.decisions.commitments import actions as commitments
from throughline.decisions.commitments.models import Commitment, Outcome, Proof
from throughline.members.groups.models import Seat
from throughline.results.evaluation.actions import measure_effect
from throughline.results.publications.actions import publish_effect
from throughline.signals.models import Signal, Verdict
from throughline.signals.queries import backbone_holder

PROMISES = (
    "Post an outreach team with naloxone in {place} in the afternoons",
    "Restock the public naloxone boxes nearest to {place}",
    "Visit everyone revived in {place} within a day, with a peer",
    "Hold five same-day treatment starts open for {place}",
)
KEPT, MOVED = 0.7, 0.2  # of the promises; the rest are forgotten for a while
MEASURED_AFTER_DAYS = 45
CLOSED_AFTER_DAYS = 16


class Leaders:
    """Acts for everyone. What happens to a signal follows from its number, so the same city lives the same life."""

    def __init__(self, help_given: dict[str, Any]) -> None:
        self._help = help_given
        seats = Seat.objects.filter(role="responder", holder__isnull=False, deputy__isnull=False)
        self._seats = list(seats.select_related("holder", "deputy", "group").order_by("pk"))

    def answer(self, *, at: datetime, leaves_new: bool) -> None:
        """One evening's work; on the last ones new signals are left for whoever opens the demo."""
        for commitment in Commitment.objects.open().select_related("owner", "signal"):
            self._keep(commitment, at)
        for response in Response.objects.filter(signal__closed_at=None).select_related("signal", "opened_by"):
            self._go_on(response, at)
        if not leaves_new:
            for signal in Signal.objects.unacknowledged():
                self._begin(signal, at) if signal.places.exists() else self._take_note(signal, at)
        for response in Response.objects.filter(effects=None).exclude(moved_at=None).select_related("signal"):
            self._measure(response, at)

    def _begin(self, signal: Signal, at: datetime) -> None:
        chance = Random(signal.pk)
        if (at - signal.raised_at).days < (0 if chance.random() < 0.85 else 2):
            return
        seat = chance.choice(self._seats)
        by = signal.owner or seat.holder
        response = responses.open_response(signal=signal, by=by, at=at, group=seat.group)
        if chance.random() < 0.1:
            note = "Checked with the agency: one incident was entered several times."
            responses.close_response(signal=signal, verdict=Verdict.FALSE_ALARM, note=note, by=by, at=at)
            return
        responses.plan_response(
            response=response,
            plan="Outreach, naloxone and a follow-up visit where it happened.",
            by=by,
            at=at,
        )
        for what in chance.sample(PROMISES, k=2):
            self._promise(what, signal, chance, at)

    def _take_note(self, signal: Signal, at: datetime) -> None:
        """A silent feed or a forgotten promise: most owners look within days, some leave it lying."""
        if signal.owner and (at - signal.raised_at).days >= 2 and Random(signal.pk).random() < 0.7:
            responses.open_response(signal=signal, by=signal.owner, at=at)

    def _promise(self, what: str, signal: Signal, chance: Random, at: datetime) -> None:
        seat = chance.choice(self._seats)
        commitments.make_commitment(
            what=what.format(place=signal.places.first()),
            owner=seat.holder,
            deputy=seat.deputy,
            due_on=timezone.localdate(at) + timedelta(days=chance.choice([3, 5, 7])),
            signal=signal,
            group=seat.group,
            by=seat.holder,
            at=at,
        )

    def _go_on(self, response: Response, at: datetime) -> None:
        if (
            response.planned_at
            and not response.moved_at
            and timezone.localdate(at) >= self._moves_on(response)
        ):
            responses.record_movement(
                response=response,
                movement="Two outreach workers with 40 kits, 16 to 20 h, for a week.",
                by=response.opened_by,
                at=at,
            )
        waiting = response.signal.commitments.open().exists()
        if response.moved_at and not waiting and (at - response.moved_at).days >= CLOSED_AFTER_DAYS:
            responses.close_response(
                signal=response.signal, verdict=Verdict.CANNOT_TELL, by=response.opened_by, at=at,
                note="Help went out as planned; the effect is measured later.",
            )  # fmt: skip

    def _moves_on(self, response: Response) -> date:
        """Where the city's truth knows of help that worked, help moves on that very day."""
        codes = set(response.signal.places.values_list("code", flat=True))
        begins_on = date.fromisoformat(self._help["begins_on"])
        opened_on = timezone.localdate(response.opened_at)
        if codes & set(self._help["places"]) and opened_on <= begins_on <= opened_on + timedelta(days=7):
            return begins_on - timedelta(days=1)
        return opened_on + timedelta(days=1)

    def _keep(self, commitment: Commitment, at: datetime) -> None:
        on = timezone.localdate(at)
        chance = Random(commitment.pk)
        habit = chance.random()
        if habit >= KEPT and not commitment.slips.exists():
            before_due = habit < KEPT + MOVED
            if on >= commitment.due_on + timedelta(days=-1 if before_due else 3):
                commitments.move_due_date(
                    commitment=commitment, to_on=on + timedelta(days=7), by=commitment.owner, at=at,
                    reason="The team was short of people this week.",
                )  # fmt: skip
        elif on >= commitment.due_on and chance.random() < 0.97:
            proof = {
                "kind": Proof.Kind.NUMBER,
                "statement": "Kits handed out or visits made, from the team's log.",
                "number": chance.randint(8, 60),
            }
            commitments.close_commitment(
                commitment=commitment, outcome=Outcome.DONE, proof=proof, by=commitment.owner, at=at
            )

    def _measure(self, response: Response, at: datetime) -> None:
        if (at - response.moved_at).days < MEASURED_AFTER_DAYS:
            return
        by = backbone_holder("analyst", on=timezone.localdate(at))  # counts are read in its name
        try:
            effect = measure_effect(response=response, as_of=at, by=by, at=at)
        except ValidationError:
            return  # the city's records begin too late to say how it was before
        publish_effect(
            effect=effect,
            title=f"Outreach after a signal, {response.signal.begins_on:%B %Y}",
            summary="Outreach teams and naloxone went to these places. This page says what changed afterwards.",
            by=by,
            at=at,
        )
