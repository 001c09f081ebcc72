"""How a signal is answered: open, plan, move help, close."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from throughline.action.response.models import Response
from throughline.decisions.commitments.models import Outcome
from throughline.ledger.actions import record
from throughline.members.accounts.models import Person
from throughline.members.groups.models import Group
from throughline.signals.actions import acknowledge_signal, close_signal
from throughline.signals.models import Signal, Verdict

PARAGRAPH = "\n\n"


@transaction.atomic
def open_response(*, signal: Signal, by: Person, at: datetime, group: Group | None = None) -> Response:
    """Acknowledge the signal and begin to answer it; opened twice, it is the same response."""
    acknowledge_signal(signal=signal, by=by, at=at)
    response, is_new = Response.objects.get_or_create(
        signal=signal, defaults={"group": group, "opened_at": at, "opened_by": by}
    )
    if is_new:
        record("open_response", by=by, at=at, subject=response)
    return response


@transaction.atomic
def plan_response(*, response: Response, plan: str, by: Person, at: datetime) -> Response:
    """Say what will be done. A plan may be bettered; its clock keeps the time of the first one."""
    _lock_open(response)
    plan = plan.strip()
    if not plan:
        raise ValidationError(_("Say what will be done: who goes where, when, with what."))
    if plan == response.plan:
        return response
    response.plan = plan
    response.planned_at, response.planned_by = response.planned_at or at, response.planned_by or by
    response.save()
    record("plan_response", by=by, at=at, subject=response)
    return response


@transaction.atomic
def record_movement(*, response: Response, movement: str, by: Person, at: datetime) -> Response:
    """Say what help went where. Later movements are added below; the clock keeps the time of the first."""
    _lock_open(response)
    movement = movement.strip()
    if not movement:
        raise ValidationError(_("Say what help went where."))
    if not response.planned_at:
        raise ValidationError(_("Write the plan first, then say what moved."))
    if movement in response.movement.split(PARAGRAPH):
        return response
    response.movement = PARAGRAPH.join(filter(None, [response.movement, movement]))
    response.moved_at, response.moved_by = response.moved_at or at, response.moved_by or by
    response.save()
    record("record_movement", by=by, at=at, subject=response)
    return response


@transaction.atomic
def close_response(*, signal: Signal, verdict: str, note: str = "", by: Person, at: datetime) -> Signal:
    """Close the signal with a verdict, and its response with it.

    A false alarm may be closed from any state, with a note. Any other verdict needs a response, and a promise
    that was done or a note that says why there is none.
    """
    signal.refresh_from_db(from_queryset=Signal.objects.select_for_update())
    if signal.is_open and verdict in set(Verdict.values) - {Verdict.FALSE_ALARM}:
        _check_answered(signal, note)
    return close_signal(signal=signal, verdict=verdict, note=note, by=by, at=at)


def _lock_open(response: Response) -> None:
    """Read the row anew and hold it; the signal's row too, since closing takes that one."""
    signal = Signal.objects.select_for_update().get(pk=response.signal_id)
    if signal.closed_at:
        raise ValidationError(_("This signal is closed already."), code="closed")
    response.refresh_from_db()


def _check_answered(signal: Signal, note: str) -> None:
    if not Response.objects.filter(signal=signal).exists():
        raise ValidationError(_("Open a response first: a signal that nobody answered has no such verdict."))
    if not note.strip() and not signal.commitments.filter(outcome=Outcome.DONE).exists():
        raise ValidationError(_("No commitment of this signal is done. Say in a note why none was needed."))
