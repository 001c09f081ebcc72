"""Times are read as the reference writes them, and study periods divided as it divides them."""

from datetime import date

import pytest

from throughline.cli.scan.calendar import Span, Unit, divide, is_even, one_interval, parse_time


def day(year: int, month: int = 1, number: int = 1) -> int:
    return date(year, month, number).toordinal()


@pytest.mark.parametrize(
    ("text", "first", "last", "unit"),
    [
        ("1985", day(1985), day(1985, 12, 31), Unit.YEAR),
        ("1985/6", day(1985, 6), day(1985, 6, 30), Unit.MONTH),
        ("1985-02", day(1985, 2), day(1985, 2, 28), Unit.MONTH),
        ("1985/6/1", day(1985, 6), day(1985, 6), Unit.DAY),
        ("1985-06-01", day(1985, 6), day(1985, 6), Unit.DAY),
    ],
)
def test_a_time_means_all_days_that_it_may_mean(text, first, last, unit):
    assert parse_time(text, Unit.DAY) == Span(first, last, unit)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "85/13",
        "1985/0/1",
        "1985/1/0",
        "85/6/1",
        "1985/2/30",
        "6/1/1985",
        "yesterday",
        "1985/6/1/2",
        "19850601",
        "0202-01-02",
        "1799",
    ],
)
def test_what_is_no_time_is_none(text):
    assert parse_time(text, Unit.DAY) is None


@pytest.mark.parametrize(("text", "year"), [("73", 1973), ("91", 1991), ("12", 2012)])
def test_two_digits_mean_the_year_nearest_to_the_study(text, year):
    assert parse_time(text, Unit.DAY, near=day(1995)).first == day(year)


def test_a_count_of_a_year_stands_on_july_1_and_one_of_a_month_on_the_15th():
    assert [parse_time(text, Unit.DAY).middle for text in ("1985", "1984", "1985/6", "1985/6/9")] == [
        day(1985, 7),
        day(1984, 7),
        day(1985, 6, 15),
        day(1985, 6, 9),
    ]


def test_generic_times_are_whole_numbers():
    assert parse_time("17", Unit.GENERIC) == Span(17, 17, Unit.GENERIC)
    assert parse_time("1985/6/1", Unit.GENERIC) is None


def test_years_start_with_the_study():
    calendar = divide(day(1973), day(1991, 12, 31), Unit.YEAR, 1)
    assert calendar.starts == tuple(day(year) for year in range(1973, 1992))
    assert is_even(calendar, 1)


def test_intervals_are_counted_back_from_the_end_so_the_first_is_short():
    calendar = divide(day(2026, 3, 1), day(2026, 3, 10), Unit.DAY, 7)
    assert [calendar.shown(start) for start in calendar.starts] == ["2026-03-01", "2026-03-04"]
    assert calendar.shown(calendar.last(0)) == "2026-03-03"
    assert not is_even(calendar, 7)


def test_months_keep_their_own_lengths():
    calendar = divide(day(2026, 1, 1), day(2026, 3, 31), Unit.MONTH, 1)
    assert [calendar.shown(start) for start in calendar.starts] == ["2026-01-01", "2026-02-01", "2026-03-01"]


def test_a_time_belongs_to_the_interval_that_holds_all_of_it():
    calendar = divide(day(2025), day(2026, 12, 31), Unit.YEAR, 1)
    assert calendar.interval(parse_time("2026", Unit.DAY)) == 1
    assert calendar.interval(parse_time("2025/12/31", Unit.DAY)) == 0
    assert calendar.interval(parse_time("2027/1/1", Unit.DAY)) is None
    half_year = one_interval(day(2026, 1, 1), day(2026, 6, 30), Unit.DAY)
    assert half_year.interval(parse_time("2026", Unit.DAY)) is None
