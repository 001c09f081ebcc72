"""The clock of a promise: worked examples."""

from datetime import UTC, date, datetime

import pytest

from throughline.policy.deadlines import (
    Clock,
    Renegotiation,
    clock,
    due_on,
    escalates,
    hours_left,
    is_overdue,
    kept,
    slips,
    standing_due_on,
)

DUE = date(2026, 3, 10)


def moved(agreed_day: int, due_day: int) -> Renegotiation:
    return Renegotiation(agreed_on=date(2026, 3, agreed_day), due_on=date(2026, 3, due_day))


def test_an_answer_is_due_so_many_days_after_it_was_asked_for() -> None:
    assert due_on(date(2026, 2, 24), days=14) == date(2026, 3, 10)
    assert due_on(DUE, days=0) == DUE


def test_the_due_date_itself_is_in_time() -> None:
    assert not is_overdue(DUE, today=DUE)
    assert is_overdue(DUE, today=date(2026, 3, 11))


@pytest.mark.parametrize(("done_day", "expected"), [(1, True), (10, True), (11, False)])
def test_done_by_its_date_a_promise_is_kept(done_day: int, expected: bool) -> None:
    assert kept(DUE, [], date(2026, 3, done_day)) is expected


def test_a_new_date_agreed_in_time_keeps_the_promise() -> None:
    assert kept(DUE, [moved(agreed_day=10, due_day=20)], done_on=date(2026, 3, 20))
    assert not kept(DUE, [moved(agreed_day=10, due_day=20)], done_on=date(2026, 3, 21))


def test_a_new_date_agreed_too_late_does_not() -> None:
    assert not kept(DUE, [moved(agreed_day=11, due_day=20)], done_on=date(2026, 3, 12))


def test_each_new_date_is_held_against_the_one_before() -> None:
    late_second = [moved(21, 30), moved(9, 20)]
    in_time = [moved(20, 30), moved(9, 20)]

    assert not kept(DUE, late_second, done_on=date(2026, 3, 25))
    assert kept(DUE, in_time, done_on=date(2026, 3, 25))


def test_the_third_slip_escalates() -> None:
    assert [escalates(n) for n in range(5)] == [False, False, False, True, True]


def test_every_later_date_is_a_slip_and_an_earlier_one_is_not() -> None:
    assert slips(DUE) == 0
    assert slips(DUE, [moved(9, 20), moved(15, 18), moved(17, 25)]) == 2
    assert slips(DUE, [moved(9, 10)]) == 0


def test_the_last_agreed_date_stands() -> None:
    assert standing_due_on(DUE) == DUE
    assert standing_due_on(DUE, [moved(15, 18), moved(9, 20)]) == date(2026, 3, 18)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 3, 6), Clock.OPEN),
        (date(2026, 3, 7), Clock.DUE_SOON),
        (date(2026, 3, 10), Clock.DUE_SOON),
        (date(2026, 3, 11), Clock.OVERDUE),
    ],
)
def test_an_unfinished_promise_is_open_then_due_soon_then_overdue(today: date, expected: Clock) -> None:
    assert clock(DUE, today) is expected


def test_a_late_new_date_stops_the_alarm_but_the_promise_stays_broken() -> None:
    late = [moved(agreed_day=12, due_day=30)]

    assert clock(DUE, date(2026, 3, 13), renegotiations=late) is Clock.OPEN
    assert clock(DUE, date(2026, 3, 13), renegotiations=late, done_on=date(2026, 3, 13)) is Clock.BROKEN


def test_a_finished_promise_is_kept_or_broken_for_good() -> None:
    next_year = date(2027, 1, 1)

    assert clock(DUE, next_year, done_on=DUE) is Clock.KEPT
    assert clock(DUE, next_year, done_on=date(2026, 3, 11)) is Clock.BROKEN
    assert clock(DUE, next_year, dropped_on=date(2026, 3, 1)) is Clock.BROKEN


def test_hours_left_run_below_zero() -> None:
    due_at = datetime(2026, 3, 10, 12, tzinfo=UTC)

    assert hours_left(due_at, datetime(2026, 3, 10, 8, 30, tzinfo=UTC)) == 3.5
    assert hours_left(due_at, datetime(2026, 3, 11, 12, tzinfo=UTC)) == -24


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match="due in -1 days"):
        due_on(DUE, days=-1)
    with pytest.raises(ValueError, match="time zone, got 2026-03-10T12:00:00"):
        hours_left(datetime(2026, 3, 10, 12), datetime(2026, 3, 10, 8, tzinfo=UTC))  # noqa: DTZ001
