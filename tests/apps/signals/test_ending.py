"""What a signal tells of can end by itself: then it waits for nobody, and its page says why."""

from datetime import timedelta

import pytest
from django.urls import reverse
from factories import NOON, make_person, make_signal

from throughline.ledger.models import Entry
from throughline.signals.actions import acknowledge_signal, close_signal, end_signal
from throughline.signals.clock import standing
from throughline.signals.models import Signal

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=2)
BECAUSE = "A file came on March 9."


def end(signal: Signal, **changes: object) -> bool:
    return end_signal(**{"signal": signal, "because": BECAUSE, "by": "system:test", "at": LATER} | changes)


def test_an_ended_signal_no_longer_waits_and_is_not_late():
    signal = make_signal()
    assert signal in Signal.objects.late(LATER)
    assert end(signal)
    assert not Signal.objects.waiting().exists()
    assert not Signal.objects.late(LATER).exists()
    assert not signal.is_waiting
    assert signal in Signal.objects.open()
    assert standing(signal, LATER).label == "Over"


def test_an_end_is_told_once():
    signal = make_signal()
    assert end(signal)
    assert not end(signal, because="Another file came.", at=LATER + timedelta(days=1))
    assert (signal.over_at, signal.over_because) == (LATER, BECAUSE)
    assert Entry.objects.get(verb="end_signal").detail == {"because": BECAUSE}


def test_what_somebody_closed_keeps_their_verdict():
    signal = make_signal()
    close_signal(signal=signal, verdict="worked", by=make_person(), at=NOON)
    assert not end(signal)
    assert signal.over_at is None


def test_an_ended_signal_can_still_be_acknowledged_and_closed_with_a_verdict():
    signal, person = make_signal(), make_person()
    end(signal)
    acknowledge_signal(signal=signal, by=person, at=LATER)
    close_signal(signal=signal, verdict="cannot_tell", by=person, at=LATER)
    assert standing(signal, LATER).label == "Answered, and we can't tell yet"


def test_pages_leave_it_out_of_the_open_ones_and_say_why(client_for):
    signal = make_signal(title="No file for 3 days")
    end(signal)
    client = client_for("member")
    assert signal.title not in client.get(reverse("signals")).content.decode()
    assert signal.title in client.get(reverse("signals"), {"show": "all"}).content.decode()
    page = client.get(reverse("signal", args=[signal.pk])).content.decode()
    assert BECAUSE in page
    assert "Acknowledge by" not in page
    assert "saw that it is over" in page
