"""Divides a study period into the intervals that are scanned."""

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import MAXYEAR, date
from enum import IntEnum
from functools import lru_cache
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

FIRST_YEAR = 1800  # earlier is a slip of a digit
DATE = re.compile(r"(\d{4}|\d{2})(?:[/-](\d{1,2})(?:[/-](\d{1,2}))?)?")


class Unit(IntEnum):
    """What a time is given in. The numbers are the reference's."""

    NONE = 0
    YEAR = 1
    MONTH = 2
    DAY = 3
    GENERIC = 4  # plain whole numbers: weeks of a trial, batches

    @property
    def days(self) -> float:
        """The mean length of one; a generic one has none."""
        return {Unit.YEAR: 365.25, Unit.MONTH: 365.25 / 12, Unit.DAY: 1.0}.get(self, float("nan"))


@dataclass(frozen=True, slots=True)
class Span:
    """The days that a time may mean, first and last: a year has many, a day is one. Days are date ordinals."""

    first: int
    last: int
    unit: Unit

    @property
    def middle(self) -> int:
        """Where counts of a year or month stand: July 1, or the 15th."""
        return self.first + {Unit.YEAR: 181 + (self.last - self.first - 364), Unit.MONTH: 14}.get(
            self.unit, 0
        )


@lru_cache(100_000)  # a file of many cases has few days
def parse_time(text: str, unit: Unit, *, near: int | None = None) -> Span | None:
    """1985, 1985/6, 1985/6/1 or 1985-06-01, or a whole number where time is generic; None where it's none of them,
    or before 1800.

    Two digits mean the year of the century that lies nearest to the day `near`, and without it no year at all.
    """
    if unit is Unit.GENERIC:
        return Span(int(text), int(text), unit) if re.fullmatch(r"-?\d{1,9}", text) else None
    match = DATE.fullmatch(text)
    if not match or (near is None and len(match[1]) == 2):
        return None
    month, day = (int(part) if part else None for part in match.groups()[1:])
    try:
        return _span(_full_year(match[1], near), month, day)
    except ValueError:
        return None


def _full_year(text: str, near: int | None) -> int:
    if near is None or len(text) == 4:
        return int(text)
    return min(
        (1900 + int(text), 2000 + int(text)), key=lambda year: abs(date(year, 7, 1).toordinal() - near)
    )


def _span(year: int, month: int | None, day: int | None) -> Span:
    if year < FIRST_YEAR:
        raise ValueError(year)
    unit = Unit.YEAR if month is None else Unit.MONTH if day is None else Unit.DAY
    first = date(year, 1 if month is None else month, 1 if day is None else day)
    months = {Unit.YEAR: 12, Unit.MONTH: 1}
    following = months_later(first, months[unit]) if unit in months else first.toordinal() + 1
    return Span(first.toordinal(), following - 1, unit)


def months_later(day: date, months: int) -> int:
    """The same day of a later or earlier month, or the month's last where it is shorter; as an ordinal."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > MAXYEAR:
        return date.max.toordinal() + 1
    for last in range(day.day, day.day - 4, -1):
        try:
            return date(year, month + 1, last).toordinal()
        except ValueError:
            continue
    raise ValueError(day)


@dataclass(frozen=True)
class Calendar:
    """The intervals of a study: `starts` are their first days, `end` is the last day of all."""

    starts: tuple[int, ...]
    end: int
    unit: Unit

    @property
    def intervals(self) -> int:
        return len(self.starts)

    def interval(self, span: Span) -> int | None:
        """The interval that holds the whole span; None where it lies outside, or not in one interval."""
        index = bisect_right(self.starts, span.first) - 1
        inside = index >= 0 and span.last <= self.last(index)
        return index if inside else None

    def last(self, index: int) -> int:
        return self.end if index == self.intervals - 1 else self.starts[index + 1] - 1

    def days(self) -> NDArray[np.int64]:
        """Every day of the study."""
        return np.arange(self.starts[0], self.end + 1)

    def shown(self, day: int) -> str:
        return str(day) if self.unit is Unit.GENERIC else date.fromordinal(day).isoformat()


def one_interval(start: int, end: int, unit: Unit) -> Calendar:
    return Calendar((start,), end, unit)


def divide(start: int, end: int, unit: Unit, length: int) -> Calendar:
    """Intervals of `length` units, counted back from the end, so that the first is short where one must be."""
    after = end + 1
    back = _stepper(after, unit, length)
    starts = list(takewhile(lambda day: day > start, (back(step) for step in range(1, after - start + 1))))
    return Calendar((start, *reversed(starts)), end, unit)


def _stepper(after: int, unit: Unit, length: int) -> Callable[[int], int]:
    if unit in {Unit.DAY, Unit.GENERIC}:
        return lambda step: after - step * length
    months = length * (12 if unit is Unit.YEAR else 1)
    following = date.fromordinal(after)
    return lambda step: months_later(following, -step * months)


def is_even(calendar: Calendar, length: int) -> bool:
    """Whether the first interval is as long as it would be, had the study begun earlier."""
    back = _stepper(calendar.end + 1, calendar.unit, length)
    return back(calendar.intervals) == calendar.starts[0]


def day_of(day: date) -> Span:
    return Span(day.toordinal(), day.toordinal(), Unit.DAY)
