"""Assigning, acknowledging and closing: who may, once only, and no order of moves breaks a signal."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone
from factories import NOON, make_person, make_signal, person_with
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from throughline.ledger.models import Entry
from throughline.members.access import Permission
from throughline.signals.actions import acknowledge_signal, assign_signal, close_signal
from throughline.signals.models import Signal, Verdict
from throughline.signals.queries import may_answer, signals_late_first

LATER = NOON + timedelta(hours=1)


@pytest.mark.django_db
class TestAssigning:
    def test_names_the_owner(self):
        signal, owner = make_signal(), make_person()
        assign_signal(signal=signal, owner=owner, by=make_person(), at=LATER)
        assert Signal.objects.get().owner == owner

    def test_to_the_present_owner_records_nothing(self):
        owner = make_person()
        assign_signal(signal=make_signal(owner=owner), owner=owner, by=owner, at=LATER)
        assert not Entry.objects.exists()

    def test_to_somebody_who_has_left_is_refused(self):
        with pytest.raises(ValidationError, match="has left"):
            assign_signal(
                signal=make_signal(), owner=make_person(is_active=False), by=make_person(), at=LATER
            )


@pytest.mark.django_db
class TestAcknowledging:
    def test_stops_the_clock(self):
        signal = make_signal()
        acknowledge_signal(signal=signal, by=make_person(), at=LATER)
        assert not Signal.objects.late(signal.due_at + timedelta(days=1)).exists()

    def test_gives_an_unowned_signal_to_whoever_acknowledges(self):
        signal, person = make_signal(), make_person()
        acknowledge_signal(signal=signal, by=person, at=LATER)
        assert signal.owner == person

    def test_leaves_the_owner_where_there_is_one(self):
        owner = make_person()
        signal = make_signal(owner=owner)
        acknowledge_signal(signal=signal, by=make_person(), at=LATER)
        assert signal.owner == owner

    def test_twice_counts_once_even_from_a_stale_page(self):
        first = make_signal()
        stale = Signal.objects.get(pk=first.pk)
        one, other = make_person(), make_person()
        acknowledge_signal(signal=first, by=one, at=LATER)
        acknowledge_signal(signal=stale, by=other, at=LATER + timedelta(minutes=1))
        assert stale.acknowledged_by == one
        assert Entry.objects.filter(verb="acknowledge_signal").count() == 1


@pytest.mark.django_db
class TestClosing:
    def test_needs_a_verdict(self):
        with pytest.raises(ValidationError, match="what came of it"):
            close_signal(signal=make_signal(), verdict="", by=make_person(), at=LATER)

    @pytest.mark.parametrize("note", ["", "   \n"])
    def test_a_false_alarm_needs_a_note(self, note):
        with pytest.raises(ValidationError, match="false alarm"):
            close_signal(
                signal=make_signal(), verdict=Verdict.FALSE_ALARM, note=note, by=make_person(), at=LATER
            )

    def test_happens_once(self):
        signal, person = make_signal(), make_person()
        stale = Signal.objects.get(pk=signal.pk)
        close_signal(signal=signal, verdict=Verdict.WORKED, by=person, at=LATER)
        with pytest.raises(ValidationError, match="closed already"):
            close_signal(signal=stale, verdict=Verdict.DID_NOT, by=person, at=LATER)
        assert Signal.objects.get().verdict == Verdict.WORKED

    def test_acknowledges_what_nobody_had_acknowledged(self):
        signal, person = make_signal(), make_person()
        close_signal(signal=signal, verdict=Verdict.FALSE_ALARM, note="A test run", by=person, at=LATER)
        assert (signal.acknowledged_at, signal.acknowledged_by) == (LATER, person)


@pytest.mark.django_db
class TestWhoMayAnswer:
    def test_the_owner_whatever_their_seat(self):
        owner = person_with(role="member")
        assert may_answer(owner, make_signal(owner=owner), on=timezone.localdate())

    def test_seats_that_answer_signals(self):
        assert may_answer(person_with(Permission.ANSWER_SIGNALS), make_signal(), on=timezone.localdate())

    def test_no_other_member(self):
        assert not may_answer(
            person_with(role="member"), make_signal(owner=make_person()), on=timezone.localdate()
        )


@pytest.mark.django_db
def test_late_signals_come_first_then_open_ones_then_closed_ones():
    person = make_person()
    closed = make_signal(title="closed", raised_at=NOON + timedelta(hours=9))
    close_signal(signal=closed, verdict=Verdict.WORKED, by=person, at=NOON + timedelta(hours=9))
    make_signal(title="in time", raised_at=NOON + timedelta(hours=8))
    make_signal(title="late", raised_at=NOON)
    acknowledge_signal(signal=make_signal(title="answered", raised_at=NOON), by=person, at=NOON)
    found = signals_late_first(NOON + timedelta(hours=10))
    assert [signal.title for signal in found] == ["late", "in time", "answered", "closed"]


MOVES = st.lists(
    st.sampled_from(["assign", "acknowledge", "close", "false_alarm", "bad_verdict"]), max_size=8
)


class TestNoOrderOfMovesBreaksASignal(TestCase):
    @settings(max_examples=60, deadline=None)
    @given(moves=MOVES)
    def test_invariants(self, moves):
        signal, person = make_signal(), make_person()
        for minute, move in enumerate(moves):
            _try(move, signal, person, NOON + timedelta(minutes=minute))
        stored = Signal.objects.get(pk=signal.pk)
        assert bool(stored.closed_at) == any(move in {"close", "false_alarm"} for move in moves)
        assert not stored.closed_at or stored.acknowledged_at <= stored.closed_at
        assert not stored.acknowledged_at or stored.owner
        assert Entry.objects.filter(subject=f"signal:{signal.pk}", verb="close_signal").count() <= 1
        assert not Signal.objects.filter(acknowledged_at__lt=F("raised_at")).exists()


def _try(move, signal, person, at):
    by = {"signal": signal, "by": person, "at": at}
    acts = {
        "assign": lambda: assign_signal(owner=person, **by),
        "acknowledge": lambda: acknowledge_signal(**by),
        "close": lambda: close_signal(verdict="worked", **by),
        "false_alarm": lambda: close_signal(verdict="false_alarm", note="A drill", **by),
        "bad_verdict": lambda: close_signal(verdict="perhaps", **by),
    }
    try:
        acts[move]()
    except ValidationError:
        signal.refresh_from_db()
