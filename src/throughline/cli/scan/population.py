"""Reads who was at risk, and works out what to expect of every place and interval."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from throughline.cli.scan.analysis import SPACE_TIME, Question
from throughline.cli.scan.calendar import Calendar, Unit, parse_time
from throughline.cli.scan.counts import Count, Stratum, by_stratum, margin
from throughline.cli.scan.rows import Row, read_rows

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Census:
    """Persons of one stratum at a place, counted on a day (an ordinal)."""

    row: Row
    place: int
    day: int
    persons: float
    stratum: Stratum


@dataclass(frozen=True)
class AtRisk:
    """Expected counts, up to a factor: `space` (places, parts) @ `time` (parts, intervals)."""

    space: Floats
    time: Floats

    def table(self) -> Floats:
        return self.space @ self.time


def read_population(path: Path, *, places: Mapping[str, int] | None, calendar: Calendar) -> list[Census]:
    """A .pop file: location, time, persons, covariates. A year stands for its July 1, a month for its 15th.

    Where the question isn't where, and `places` is None, places are numbered as they come.
    """
    rows = list(read_rows(path))
    width = max(3, len(rows[0].fields))
    for row in rows:
        row.check_width("location, time, persons and covariates, as in the first line", width, width)
    names = dict.fromkeys(row.fields[0] for row in rows)
    index = {name: number for number, name in enumerate(names)} if places is None else places
    return [_census(row, index, calendar) for row in rows]


def _census(row: Row, places: Mapping[str, int], calendar: Calendar) -> Census:
    name, time, persons, *covariates = row.fields
    if name not in places:
        raise row.fault("location", name, "an identifier that the file of places holds")
    day = read_day(row, time, calendar)
    return Census(row, places[name], day, read_persons(row, persons), tuple(covariates))


def read_day(row: Row, time: str, calendar: Calendar) -> int:
    """The day on which a census stands."""
    unit = Unit.GENERIC if calendar.unit is Unit.GENERIC else Unit.DAY
    span = parse_time(time, unit, near=calendar.end)
    if span is None:
        raise row.fault("time", time, "a year, month or day, such as 1985, 1985/6 or 1985/6/1")
    return span.middle


def read_persons(row: Row, text: str) -> float:
    persons = row.number("population", text, "a number of 0 or more")
    if persons < 0:
        raise row.fault("population", text, "a number of 0 or more")
    return persons


def population_of(
    censuses: Sequence[Census],
    cases: Sequence[Count],
    question: Question,
    calendar: Calendar,
    *,
    places: int | None,
) -> AtRisk | Floats:
    """The population that a question asks for: of places and intervals, or added up over one of them.

    places: how many there are; None where the censuses number them. A fault where cases meet nobody at risk.
    """
    numbered = 1 + max(census.place for census in censuses) if places is None else places
    at_risk = expose(censuses, cases, numbered, calendar)
    expected = at_risk.table()
    everywhere = np.broadcast_to(expected.sum(axis=0), expected.shape)
    _check_cells(everywhere if question == "temporal" else expected, cases)
    return at_risk if question in SPACE_TIME else margin(expected, question)


def expose(censuses: Sequence[Census], cases: Sequence[Count], places: int, calendar: Calendar) -> AtRisk:
    """What to expect after indirect standardization by strata, from persons at risk interpolated day by day.

    The cases of each stratum are shared out by its person-days. Between two censuses the number of persons
    changes linearly; before the first and after the last it stays. A fault where cases are of no one's stratum.
    """
    days = sorted({census.day for census in censuses})
    time = _hats(days, calendar)
    space = np.zeros((places, len(days)))
    unmet = by_stratum(cases)
    for stratum, persons in _persons(censuses, places, days).items():
        person_days = float((persons @ time).sum())
        if person_days > 0:
            space += persons * (unmet.pop(stratum, 0) / person_days)
    _check_strata(unmet, cases)
    return AtRisk(space, time)


def _hats(days: Sequence[int], calendar: Calendar) -> Floats:
    """How much each census counts in each interval, (censuses, intervals): in person-days per person."""
    middles = calendar.days() + 0.5
    starts = np.array(calendar.starts) - calendar.starts[0]
    weights = [np.interp(middles, days, unit) for unit in np.eye(len(days))]
    return np.array([np.add.reduceat(weight, starts) for weight in weights])


def _persons(censuses: Iterable[Census], places: int, days: Sequence[int]) -> dict[Stratum, Floats]:
    """Persons by stratum, shape (places, censuses): where a place lacks a census, between its others."""
    column = {day: index for index, day in enumerate(days)}
    found: dict[Stratum, Floats] = {}
    for census in censuses:
        if census.stratum not in found:
            found[census.stratum] = np.full((places, len(days)), np.nan)
        cell = census.place, column[census.day]
        found[census.stratum][cell] = np.nan_to_num(found[census.stratum][cell]) + census.persons
    return {stratum: _filled(persons, days) for stratum, persons in found.items()}


def _filled(persons: Floats, days: Sequence[int]) -> Floats:
    at = np.array(days, np.float64)
    for place in np.flatnonzero(np.isnan(persons).any(axis=1)):
        known = ~np.isnan(persons[place])
        persons[place] = np.interp(at, at[known], persons[place, known]) if known.any() else 0.0
    return persons


def _check_strata(without_persons: Mapping[Stratum, int], cases: Iterable[Count]) -> None:
    for case in cases:
        if case.count and case.stratum in without_persons:
            raise case.row.fault(
                "covariates", " ".join(case.stratum), "a stratum with persons in the population file"
            )


def _check_cells(expected: Floats, cases: Iterable[Count]) -> None:
    for case in cases:
        if case.count and expected[case.place, case.interval] == 0:
            raise case.row.fault("count", str(case.count), "no cases where and when the population is 0")


def constant(calendar: Calendar) -> Floats:
    """Where no population is given, time itself: the days of each interval, (1, intervals)."""
    return np.diff([[*calendar.starts, calendar.end + 1]]).astype(np.float64)
