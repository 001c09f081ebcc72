"""What to expect: persons interpolated day by day, and cases of each stratum shared out by its person-days."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughline.cli.scan.calendar import Unit, divide
from throughline.cli.scan.counts import Count
from throughline.cli.scan.population import Census, expose
from throughline.cli.scan.rows import Row

ROW = Row("study.pop", 1, ())
TWO_YEARS = divide(date(2025, 1, 1).toordinal(), date(2026, 12, 31).toordinal(), Unit.YEAR, 1)


def census(place: int, day: date, persons: float, *stratum: str) -> Census:
    return Census(ROW, place, day.toordinal(), persons, stratum)


def cases(place: int, count: int, *stratum: str) -> Count:
    return Count(ROW, place, 0, count, stratum)


def test_one_census_holds_for_all_time():
    found = expose(
        [census(0, date(1990, 7, 1), 30), census(1, date(1990, 7, 1), 10)], [cases(0, 8)], 2, TWO_YEARS
    )
    np.testing.assert_allclose(found.table(), [[3, 3], [1, 1]])


def test_between_two_censuses_persons_change_linearly_day_by_day():
    days = TWO_YEARS.days()
    first, second = date(2025, 7, 1), date(2026, 7, 1)
    found = expose([census(0, first, 100), census(0, second, 300)], [cases(0, 1)], 1, TWO_YEARS).table()[0]
    daily = np.interp(days + 0.5, [first.toordinal(), second.toordinal()], [100, 300])
    np.testing.assert_allclose(found, [daily[:365].sum() / daily.sum(), daily[365:].sum() / daily.sum()])


def test_each_stratum_has_its_own_rate():
    """The old are ten times as often cases; a place of old people expects most of them."""
    on = date(2026, 1, 1)
    persons = [
        census(0, on, 90, "young"),
        census(0, on, 10, "old"),
        census(1, on, 10, "young"),
        census(1, on, 90, "old"),
    ]
    found = expose(persons, [cases(0, 10, "young"), cases(1, 100, "old")], 2, TWO_YEARS)
    np.testing.assert_allclose(found.table().sum(axis=1), [9 + 10, 1 + 90])


def test_a_place_that_lacks_a_census_is_interpolated_between_its_others():
    dates = [date(2024, 1, 1), date(2026, 1, 1), date(2028, 1, 1)]
    whole = [census(0, day, persons) for day, persons in zip(dates, (100, 200, 400), strict=True)]
    other = [census(1, dates[0], 100), census(1, dates[2], 301)]
    middle = 100 + 201 * (dates[1] - dates[0]).days / (dates[2] - dates[0]).days
    filled = [*other, census(1, dates[1], middle)]
    np.testing.assert_allclose(
        expose([*whole, *other], [cases(0, 1)], 2, TWO_YEARS).table(),
        expose([*whole, *filled], [cases(0, 1)], 2, TWO_YEARS).table(),
    )


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1500), st.integers(1, 1000)), min_size=1),
    st.integers(1, 50),
)
def test_as_many_cases_are_expected_as_there_were(counts, number):
    persons = [census(place, date.fromordinal(738000 + day), each) for place, day, each in counts]
    found = expose(persons, [cases(counts[0][0], number)], 4, TWO_YEARS)
    assert found.table().sum() == pytest.approx(number)
