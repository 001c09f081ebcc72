"""Moving the day: in time it is a renegotiation, later a slip; the third slip goes up."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from factories import NOON, make_group, make_person, make_seat

from throughline.decisions.commitments.actions import close_commitment, escalate_overdue, move_due_date
from throughline.decisions.commitments.models import Slip
from throughline.decisions.commitments.queries import clock_of
from throughline.ledger.models import Entry
from throughline.policy.deadlines import Clock
from throughline.signals.models import Signal

DAY = timedelta(days=1)


def noon(day):
    return NOON + (day - NOON.date())


def move(promised, to_on, *, on, reason="The van is in repair", by=None):
    return move_due_date(
        commitment=promised, to_on=to_on, reason=reason, by=by or promised.owner, at=noon(on)
    )


def slip(promised, times):
    """Let the day pass and move it by a week, so many times."""
    for _ in range(times):
        move(promised, promised.due_on + 7 * DAY, on=promised.due_on + DAY)


class TestMovingTheDay:
    def test_on_the_due_date_itself_is_in_time(self, promise):
        promised = promise(due_on=date(2026, 3, 14))
        assert not move(promised, date(2026, 3, 20), on=date(2026, 3, 14)).counts

    def test_on_the_day_after_it_counts_as_a_slip(self, promise):
        promised = promise(due_on=date(2026, 3, 14))
        assert move(promised, date(2026, 3, 20), on=date(2026, 3, 15)).counts

    def test_moves_the_due_date_and_keeps_the_first(self, promise):
        promised = promise(due_on=date(2026, 3, 14))
        move(promised, date(2026, 3, 20), on=date(2026, 3, 10))
        promised.refresh_from_db()
        assert (promised.first_due_on, promised.due_on) == (date(2026, 3, 14), date(2026, 3, 20))

    def test_two_clicks_move_it_once(self, promise):
        promised = promise()
        first = move(promised, date(2026, 3, 20), on=date(2026, 3, 10))
        assert move(promised, date(2026, 3, 20), on=date(2026, 3, 10)) == first
        assert Slip.objects.count() == Entry.objects.filter(verb="move_due_date").count() == 1

    @pytest.mark.parametrize(
        ("to_on", "on", "reason", "sentence"),
        [
            (date(2026, 3, 14), date(2026, 3, 10), "Repair", "Choose a day after"),
            (date(2026, 3, 20), date(2026, 3, 25), "Repair", "is past"),
            (date(2026, 3, 20), date(2026, 3, 10), "  ", "Say why"),
        ],
    )
    def test_refused(self, promise, to_on, on, reason, sentence):
        promised = promise(due_on=date(2026, 3, 14))
        with pytest.raises(ValidationError, match=sentence):
            move(promised, to_on, on=on, reason=reason)
        assert not Slip.objects.exists()

    def test_a_closed_promise_moves_no_more(self, promise):
        promised = promise()
        close_commitment(
            commitment=promised, outcome="dropped", note="No longer needed", by=promised.owner, at=NOON
        )
        with pytest.raises(ValidationError, match="closed already"):
            move(promised, date(2026, 3, 20), on=date(2026, 3, 10))


class TestTheThirdSlip:
    def test_raises_a_signal_for_the_groups_chair(self, promise):
        group, chair = make_group(), make_person()
        make_seat(group=group, role="chair", holder=chair)
        slip(promise(group=group), times=3)
        signal = Signal.objects.get()
        assert (signal.kind, signal.owner) == ("slipping_promise", chair)
        assert signal.evidence["slips"] == 3

    def test_without_a_chair_goes_to_the_backbones_project_manager(self, promise):
        manager = make_person()
        make_seat(group=make_group(kind="backbone"), role="project_manager", holder=manager)
        slip(promise(group=make_group()), times=3)
        assert Signal.objects.get().owner == manager

    def test_the_second_does_not(self, promise):
        slip(promise(), times=2)
        assert not Signal.objects.exists()

    def test_moves_made_in_time_do_not_count(self, promise):
        promised = promise()
        for _ in range(5):
            move(promised, promised.due_on + 7 * DAY, on=promised.due_on)
        assert not Signal.objects.exists()
        assert clock_of(promised, on=promised.due_on) == Clock.DUE_SOON

    def test_a_long_promise_still_gets_its_signal(self, promise):
        slip(promise(what="Post a unit " * 24), times=3)
        assert len(Signal.objects.get().title) <= 200


class TestAWeekOfSilence:
    def test_brings_the_deputy_in(self, promise):
        promised = promise(due_on=date(2026, 3, 14))
        assert escalate_overdue(on=date(2026, 3, 20), by="system:schedule", at=NOON) == []
        (signal,) = escalate_overdue(on=date(2026, 3, 21), by="system:schedule", at=NOON)
        assert (signal.kind, signal.owner) == ("overdue_promise", promised.deputy)

    def test_raises_one_signal_however_often_the_schedule_runs(self, promise):
        promise(due_on=date(2026, 3, 14))
        for day in range(21, 25):
            escalate_overdue(on=date(2026, 3, day), by="system:schedule", at=NOON)
        assert Signal.objects.count() == 1

    def test_again_after_it_was_moved_and_forgotten(self, promise):
        promised = promise(due_on=date(2026, 3, 14))
        escalate_overdue(on=date(2026, 3, 21), by="system:schedule", at=NOON)
        move(promised, date(2026, 3, 28), on=date(2026, 3, 22))
        escalate_overdue(on=date(2026, 4, 4), by="system:schedule", at=NOON)
        assert Signal.objects.count() == 2

    def test_goes_to_the_chair_where_the_deputy_has_left(self, promise):
        group, chair, deputy = make_group(), make_person(), make_person()
        make_seat(group=group, role="chair", holder=chair)
        promise(group=group, deputy=deputy)
        deputy.is_active = False
        deputy.save()
        (signal,) = escalate_overdue(on=date(2026, 3, 21), by="system:schedule", at=NOON)
        assert signal.owner == chair
