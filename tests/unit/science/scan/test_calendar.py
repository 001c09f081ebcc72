"""Days are gathered into days, weeks, months or years, counted back from the last day."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughline.science.scan.calendar import divide

day = np.datetime64


def starts(first, last, every):
    return divide(day(first), day(last), every).first.astype(str).tolist()


def test_every_day_is_an_interval():
    assert starts("2026-02-27", "2026-03-01", "day") == ["2026-02-27", "2026-02-28", "2026-03-01"]


def test_weeks_end_with_the_study_and_the_first_may_be_short():
    assert starts("2026-01-01", "2026-01-20", "week") == ["2026-01-01", "2026-01-07", "2026-01-14"]


def test_months_that_end_with_a_month_are_the_calendars():
    assert starts("2025-12-10", "2026-02-28", "month") == ["2025-12-10", "2026-01-01", "2026-02-01"]


def test_months_that_end_within_one_begin_on_the_same_day_of_each():
    assert starts("2026-01-16", "2026-03-15", "month") == ["2026-01-16", "2026-02-16"]


def test_a_month_too_short_for_that_day_lends_its_last():
    assert starts("2026-01-31", "2026-03-30", "month") == ["2026-01-31", "2026-02-28"]


def test_years_and_how_many_days_they_have():
    years = divide(day("2023-07-01"), day("2025-12-31"), "year")
    assert years.first.astype(str).tolist() == ["2023-07-01", "2024-01-01", "2025-01-01"]
    assert years.days.tolist() == [184, 366, 365]
    assert years.ends.astype(str).tolist() == ["2023-12-31", "2024-12-31", "2025-12-31"]


@given(
    first=st.dates().filter(lambda date: 1900 < date.year < 2100),
    length=st.integers(0, 1500),
    every=st.sampled_from(["day", "week", "month", "year"]),
)
def test_every_day_of_the_study_lies_in_one_interval(first, length, every):
    last = day(first) + length
    intervals = divide(day(first), last, every)
    days = np.arange(day(first), last + 1)
    number = intervals.of(days)
    assert intervals.hold(days).all()
    assert (intervals.first[number] <= days).all()
    assert (days <= intervals.ends[number]).all()
    assert (np.diff(number) >= 0).all()
    assert set(number.tolist()) == set(range(len(intervals)))
    assert intervals.days.sum() == length + 1


@pytest.mark.parametrize("outside", ["2025-12-31", "2026-02-01"])
def test_days_before_and_after_are_outside(outside):
    assert not divide(day("2026-01-01"), day("2026-01-31"), "week").hold(
        np.array([outside], "datetime64[D]")
    )[0]
