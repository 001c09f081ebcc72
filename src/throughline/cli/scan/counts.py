"""Reads how many cases or controls there were, where and when."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from throughline.cli.faults import Fault
from throughline.cli.scan.analysis import SPACE_TIME, Question
from throughline.cli.scan.calendar import Calendar, Span, Unit, parse_time
from throughline.cli.scan.rows import Row

Stratum = tuple[str, ...]
Number = TypeVar("Number", bound=np.generic)
MOST_CASES = 2**23  # that of science.scan.models, which is too heavy to load before files are read
NEEDED = {
    Unit.YEAR: "a year such as 1985",
    Unit.MONTH: "a month such as 1985/6",
    Unit.DAY: "a day such as 1985/6/1",
}


@dataclass(frozen=True, slots=True)
class Line:
    """The text of one line: `time` is empty where none is asked for."""

    row: Row
    place: str
    count: str
    time: str = ""
    stratum: Stratum = ()


@dataclass(frozen=True, slots=True)
class Count:
    """`count` cases (or controls) of one stratum, at a place, in an interval."""

    row: Row
    place: int
    interval: int
    count: int
    stratum: Stratum


@dataclass(frozen=True)
class Counter:
    """Turns lines into counts of known places and intervals.

    places: index by identifier; None where places don't matter. unit: how exact times must be. Lines outside of
    the study period, or of unknown places, are faults unless they may be ignored; `ignored` tells how many were.
    """

    places: Mapping[str, int] | None
    calendar: Calendar
    unit: Unit
    ignore_other_times: bool = False
    ignore_other_places: bool = False
    ignored: dict[str, int] = field(default_factory=dict)

    def read(self, lines: Iterable[Line]) -> Iterator[Count]:
        for line in lines:
            count = line.row.count("count", line.count)
            place, interval = self._place(line), self._interval(line)
            if place is not None and interval is not None:
                yield Count(line.row, place, interval, count, line.stratum)

    def warnings(self) -> list[str]:
        return [f"{lines} lines of {what} were ignored." for what, lines in self.ignored.items()]

    def _place(self, line: Line) -> int | None:
        if self.places is None:
            return 0
        place = self.places.get(line.place)
        if place is None and not self._may_ignore("unknown locations", self.ignore_other_places):
            raise line.row.fault("location", line.place, "an identifier that the file of places holds")
        return place

    def _interval(self, line: Line) -> int | None:
        if self.unit is Unit.NONE:
            return 0
        span = read_time(line.row, line.time, self.unit, near=self.calendar.end)
        interval = self.calendar.interval(span)
        if interval is None and not self._may_ignore(
            "times outside the study period", self.ignore_other_times
        ):
            first, last = self.calendar.shown(self.calendar.starts[0]), self.calendar.shown(self.calendar.end)
            expected = f"a time in the study period, {first} to {last}, and in one of its intervals"
            raise line.row.fault("time", line.time, expected)
        return interval

    def _may_ignore(self, what: str, allowed: bool) -> bool:
        if allowed:
            self.ignored[what] = self.ignored.get(what, 0) + 1
        return allowed


def read_time(row: Row, text: str, unit: Unit, *, near: int | None) -> Span:
    """A time at least as exact as `unit`."""
    expected = NEEDED.get(unit, "a whole number")
    span = parse_time(text, unit, near=near)
    if span is None or span.unit < unit:
        raise row.fault("time", text, expected)
    return span


def split_lines(rows: Sequence[Row], *, timed: bool, strata: bool) -> Iterator[Line]:
    """Lines of a .cas or .ctl file: location, count, a time where times are given, covariates where allowed."""
    names = ["location", "count", *(["time"] if timed else [])]
    width = max(len(names), len(rows[0].fields) if strata else 0)
    covariates = f" and {width - len(names)} covariates, as in the first line" if strata else ""
    for row in rows:
        row.check_width(f"{', '.join(names)}{covariates}", width, width)
        place, count, *rest = row.fields
        yield Line(row, place, count, rest[0] if timed else "", tuple(rest[1:] if timed else rest))


def check_cases(counts: Iterable[Count]) -> None:
    """A fault where there are none, or more than can be scanned."""
    total = check_some(counts, "cases")
    if total > MOST_CASES:
        raise Fault(f"There are {total:,} cases in the study period. Expected no more than {MOST_CASES:,}.")


def check_some(counts: Iterable[Count], kind: str) -> int:
    """How many there are; a fault where there are none."""
    total = sum(each.count for each in counts)
    if not total:
        raise Fault(f"There are no {kind} in the study period. Expected one or more.")
    return total


def table(counts: Iterable[Count], places: int, intervals: int) -> NDArray[np.int64]:
    """Counts by place and interval."""
    by_cell = np.zeros((places, intervals), np.int64)
    for each in counts:
        by_cell[each.place, each.interval] += each.count
    return by_cell


def margin(by_cell: NDArray[Number], question: Question) -> NDArray[Number]:
    """By place alone, or of all places together, where the question is about one of the two."""
    if question in SPACE_TIME:
        return by_cell
    return np.asarray(by_cell.sum(axis=1) if question == "spatial" else by_cell.sum(axis=0, keepdims=True))


def columns(counts: Sequence[Count], question: Question) -> dict[str, NDArray[np.int64]]:
    """The arguments place, interval and count of a scan, as far as it asks for them."""
    unasked = {"spatial": "interval", "temporal": "place"}.get(question)
    names = [name for name in ("place", "interval", "count") if name != unasked]
    return {name: np.array([getattr(each, name) for each in counts], np.int64) for name in names}


def stratum_numbers(counts: Sequence[Count]) -> dict[str, NDArray[np.int64]]:
    """The argument strata of a permutation: a number for each row's covariates; none where there are none."""
    numbers = {stratum: number for number, stratum in enumerate(sorted({each.stratum for each in counts}))}
    if len(numbers) < 2:
        return {}
    return {"strata": np.array([numbers[each.stratum] for each in counts], np.int64)}


def by_stratum(counts: Iterable[Count]) -> dict[Stratum, int]:
    """Cases of each stratum."""
    found: dict[Stratum, int] = defaultdict(int)
    for each in counts:
        found[each.stratum] += each.count
    return found
