"""When is a file late, or half-empty, and when does a feed dry up? Worked examples of `throughline.science.rhythm`."""

from datetime import UTC, datetime, timedelta

import pytest

from throughline.science.rhythm import (
    find_decline,
    learn_rhythm,
    learn_size,
    moment_after,
)

MONDAY = datetime(2026, 1, 5, 8, tzinfo=UTC)
SATURDAY, SUNDAY = 5, 6


def days(count: int, *, every: int = 1) -> list[datetime]:
    return [MONDAY + timedelta(days=every * n) for n in range(count)]


def test_before_eight_intervals_are_known_nothing_is_said():
    assert learn_rhythm(days(8)) is None
    assert learn_rhythm(days(9)).intervals == 8


def test_a_feed_that_never_wavers_has_a_quarter_of_its_interval_as_grace():
    rhythm = learn_rhythm(days(30, every=7))
    assert (rhythm.typical_days, rhythm.late_after_days) == (7, 1.25)
    assert rhythm.quiet_weekdays == {1, 2, 3, 4, 5, 6}  # it comes on Mondays: of those, every one counts
    assert moment_after(MONDAY, rhythm.late_after_days, rhythm.quiet_weekdays) == MONDAY + timedelta(
        days=7, hours=6
    )


def test_what_happens_more_often_than_twice_a_year_is_not_late():
    """Every tenth file comes half a day late, and the next one in time."""
    wavering = [at + timedelta(hours=12 if n % 10 == 5 else 0) for n, at in enumerate(days(200))]
    assert learn_rhythm(wavering).late_after_days == pytest.approx(1.5 * 1.05)


def test_a_feed_that_was_often_away_does_not_teach_that_this_is_well():
    with_gaps = [at for n, at in enumerate(days(200)) if n % 20 not in {7, 8, 9}]
    assert learn_rhythm(with_gaps).late_after_days == 2


def test_weekdays_without_files_are_not_waited_for():
    rhythm = learn_rhythm([at for at in days(60) if at.weekday() < SATURDAY])
    assert rhythm.quiet_weekdays == {SATURDAY, SUNDAY}
    friday = MONDAY + timedelta(days=4)
    assert moment_after(friday, rhythm.late_after_days, rhythm.quiet_weekdays) == friday + timedelta(
        days=3, hours=6
    )


def test_several_files_of_a_day_are_one_arrival():
    twice = [at + timedelta(hours=later) for at in days(20) for later in (0, 3)]
    assert learn_rhythm(twice).typical_days == 1


def test_the_usual_size_is_the_median_with_bounds_for_chance_and_habit():
    size = learn_size([98, 102, 100, 95, 105, 101, 99, 100, 2, 700])  # an outage, and a file of a whole week
    assert size.typical == 100
    assert (size.low, size.high) == pytest.approx((68.0, 138.1), abs=0.5)
    assert size.is_half_empty(40)
    assert not size.is_half_empty(60)  # few, but not half of the usual


def test_of_small_files_none_is_half_empty():
    assert not learn_size([2, 1, 3, 2, 0, 2, 4, 2]).is_half_empty(0)


def test_many_small_steps_down_are_a_decline_and_chance_is_none():
    decline = find_decline([100, 97, 93, 90, 87, 83, 80, 76, 72, 68, 64, 60, 56, 53, 50, 47])
    assert (decline.before, decline.now) == (95, 51.5)
    assert find_decline([100, 97, 103, 99, 96, 104, 98, 101, 100, 97, 103, 99]) is None
    assert find_decline([100, 96, 92, 88]) is None  # too few to say


def test_one_bad_week_is_no_decline():
    assert find_decline([100] * 15 + [20]) is None
