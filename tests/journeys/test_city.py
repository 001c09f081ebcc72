"""The whole loop on simulated files: received, noticed, answered through the pages, measured, published."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from journeys.conftest import City, Clock

from throughline.decisions.commitments.models import Commitment
from throughline.evidence.feeds.clocks.actions import raise_silences
from throughline.evidence.feeds.models import Delivery
from throughline.evidence.feeds.queries import warehouse
from throughline.evidence.surveillance.actions import detect_after_deliveries
from throughline.formats.faults import UnreadableFile
from throughline.ledger.queries import verify
from throughline.members.accounts.actions import set_password
from throughline.members.groups.models import Seat
from throughline.results.evaluation.models import Effect
from throughline.results.publications.models import Publication
from throughline.signals.models import Signal

END_OF_TIME = datetime(2100, 1, 1, tzinfo=UTC)
PASSWORD = "a long pass phrase"
FIRST_LOOK_AFTER = 60  # days: before, there is too little history


@pytest.mark.parametrize("months", [4])
def test_every_receipt_says_what_is_true_of_its_file(city: City) -> None:
    for sent, receipt in city.receive_until(END_OF_TIME):
        assert isinstance(receipt, UnreadableFile) == sent["refused"], sent["file"]
        if isinstance(receipt, Delivery):
            assert facts(receipt) == {name: sent[name] for name in facts(receipt)}, sent["file"]
            assert rejected(receipt) == sent["rejected"], sent["file"]
            assert receipt.quarantined == len(sent["rejected"])
    assert Delivery.objects.count() == sum(not sent["refused"] for sent in city.truth["files"])


def facts(receipt: Delivery) -> dict[str, int]:
    return {name: getattr(receipt, name) for name in ("rows", "accepted", "revisions", "duplicates")}


def rejected(receipt: Delivery) -> list[dict[str, Any]]:
    rows = warehouse().quarantined(receipt.feed.key, str(receipt.pk))
    return [{"row": row.row, "field": row.field, "reason": str(row.reason)} for row in rows]


@pytest.mark.slow
def test_from_a_file_to_a_public_page(
    city: City, clock: Clock, django_assert_num_queries: Callable[[int], Any]
) -> None:
    first_day, last_day = (date.fromisoformat(city.truth[day]) for day in ("first_day", "last_day"))
    helped = city.truth["help"]
    outbreak = next(one for one in city.truth["outbreaks"] if one["key"] == helped["answers"])
    life = live(city, clock, first_day, last_day + timedelta(days=1))

    signal = next(found for _ in life if (found := signal_of(outbreak)))
    commitment = answer(signal, clock)

    help_begins_on = date.fromisoformat(helped["begins_on"])
    live_until(life, clock, help_begins_on - timedelta(days=1))
    person = sign_in(commitment.owner)
    post(person, "response_move", signal.pk, movement="Two outreach workers with naloxone, every evening.")
    proof = {"kind": "number", "statement": "Kits handed out, from the log.", "number": "37", "done": "done"}
    post(person, "commitment_prove", commitment.pk, **proof)
    post(
        sign_in("project_manager"), "response_close", signal.pk, verdict="cannot_tell", note="Measured later."
    )

    live_until(life, clock, help_begins_on + timedelta(days=48))
    publication = measure_and_publish(signal)
    with django_assert_num_queries(0):
        page = Client().get(f"/public/{publication.slug}/").content.decode()
    assert publication.title in page
    assert str(commitment.owner.organization) in page
    assert commitment.owner.full_name not in page

    for _ in life:
        pass
    (dead,) = city.truth["dead_feeds"]
    silent = Signal.objects.filter(kind="silent_feed", evidence__feed=dead["feed"]).latest("raised_at")
    assert datetime.fromisoformat(silent.evidence["last_received_at"]) == datetime.fromisoformat(
        dead["last_received_at"]
    )
    score = detection_score(city.truth["outbreaks"], first_day + timedelta(days=FIRST_LOOK_AFTER))
    print(score)  # noqa: T201  shown with -s
    assert not strong_spikes(city).intersection(score["missed"])
    assert verify().intact


def live(city: City, clock: Clock, first: date, last: date) -> Iterator[date]:
    """Day after day, files come and the watch looks."""
    for number in range((last - first).days + 1):
        on = first + timedelta(days=number)
        clock.at = timezone.make_aware(datetime.combine(on, time(20)))
        list(city.receive_until(clock.at))
        if number >= FIRST_LOOK_AFTER:
            detect_after_deliveries(by="system:test", at=clock.at)
            raise_silences(by="system:test", at=clock.at)
        yield on


def live_until(life: Iterator[date], clock: Clock, on: date) -> None:
    while timezone.localdate(clock.at) < on:
        next(life)


def signal_of(outbreak: dict[str, Any]) -> Signal | None:
    signals = Signal.objects.filter(kind="spike", evidence__indicator="overdoses")
    return next((signal for signal in signals if tells_of(signal, outbreak)), None)


def answer(signal: Signal, clock: Clock) -> Commitment:
    """An analyst takes it on; a responder plans and promises."""
    post(sign_in("analyst"), "response_open", signal.pk)
    seat = Seat.objects.filter(role="responder", holder__isnull=False, deputy__isnull=False).first()
    responder = sign_in(seat.holder)
    post(responder, "response_plan", signal.pk, plan="Outreach with naloxone where it happened.")
    promise = {
        "what": "Post an outreach team in the afternoons",
        "owner": seat.holder.pk,
        "deputy": seat.deputy.pk,
        "due_on": (timezone.localdate(clock.at) + timedelta(days=7)).isoformat(),
        "signal": signal.pk,
    }
    post(responder, "commitment_new", **promise)
    return Commitment.objects.get(signal=signal)


def measure_and_publish(signal: Signal) -> Publication:
    analyst = sign_in("analyst")
    post(analyst, "effect_new", signal.response.pk, after_days=28, baseline_days=84)
    effect = Effect.objects.get(response__signal=signal)
    assert effect.settled
    words = {"title": "Outreach after a spike", "summary": "Outreach teams went where the signal pointed."}
    preview = analyst.post(reverse("publication_new", args=[effect.pk]), words)
    assert not Publication.objects.exists(), preview
    post(analyst, "publication_new", effect.pk, **words, publish="publish")
    return Publication.objects.get(effect=effect)


def sign_in(who: Any) -> Client:
    """A browser in which a person, or the first holder of a role, has typed a password."""
    if isinstance(who, str):
        who = Seat.objects.filter(role=who, holder__isnull=False).order_by("pk").first().holder
    set_password(who, password=PASSWORD, by="system:test", at=timezone.now())
    client = Client()
    response = client.post(reverse("account_login"), {"login": who.email, "password": PASSWORD})
    assert response.status_code == 302, response.content.decode()
    return client


def post(browser: Client, name: str, *arguments: Any, **form: Any) -> HttpResponse:
    """Send a form; pages answer a form that they took with a redirect."""
    response = browser.post(reverse(name, args=arguments), form)
    assert response.status_code == 302, response.content.decode()
    return response


def detection_score(outbreaks: list[dict[str, Any]], watched_since: date) -> dict[str, Any]:
    """Outbreaks that a signal tells of, those that none does, and how many signals tell of no planned outbreak."""
    signals = list(Signal.objects.filter(kind__in=["spike", "hotspot"]).prefetch_related("places__children"))
    told = {
        outbreak["key"]: {signal.pk for signal in signals if tells_of(signal, outbreak)}
        for outbreak in outbreaks
        if date.fromisoformat(outbreak["begins_on"]) >= watched_since
    }
    return {
        "found": [key for key, telling in told.items() if telling],
        "missed": [key for key, telling in told.items() if not telling],
        "signals": len(signals),
        "of no planned outbreak": len(signals) - len(set().union(*told.values())),
    }


def strong_spikes(city: City) -> set[str]:
    """Spikes of a single neighbourhood: five overdoses a day where one comes in weeks."""
    return {
        one["key"]
        for one in city.truth["outbreaks"]
        if (one["kind"], one["level"]) == ("spike", "neighbourhood")
    }


def tells_of(signal: Signal, outbreak: dict[str, Any]) -> bool:
    codes = {
        code
        for place in signal.places.all()
        for code in (place.code, *(c.code for c in place.children.all()))
    }
    begins_on, ends_on = (date.fromisoformat(outbreak[day]) for day in ("begins_on", "ends_on"))
    in_time = begins_on <= signal.ends_on <= ends_on + timedelta(days=7) and signal.begins_on <= ends_on
    return in_time and bool(codes & set(outbreak["places"]))
