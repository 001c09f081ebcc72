"""Scans tables as analysts have them: pandas, polars or Arrow go in, tables of the same kind come out."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Generic, Literal

import narwhals as nw
import numpy as np
from narwhals.typing import IntoDataFrame, IntoDataFrameT
from numpy.typing import NDArray

from throughline.science.scan.answering import ScanResult
from throughline.science.scan.calendar import Every, Intervals, divide
from throughline.science.scan.clusters import Cluster
from throughline.science.scan.columns import Table, read_day
from throughline.science.scan.exposure import Exposure
from throughline.science.scan.models import Model
from throughline.science.scan.plot import plot_scan
from throughline.science.scan.questions import (
    prospective_scan,
    space_time_scan,
    spatial_scan,
    temporal_scan,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Question = Literal["prospective", "space-time", "spatial", "temporal"]
Columns = dict[str, Any]

QUESTIONS: Mapping[str, Callable[..., ScanResult]] = {
    "prospective": prospective_scan,
    "space-time": space_time_scan,
    "spatial": spatial_scan,
    "temporal": temporal_scan,
}
DAYS: Mapping[str, float] = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}
EARTH, PLANE = ("latitude", "longitude"), ("x", "y")
DEGREES = {"latitude": 90, "longitude": 180}
MAY_BE_MISSING = ("p_value", "gumbel_p_value", "recurrence_interval_days")
FIGURES = (
    "observed", "expected", "relative_risk", "log_likelihood_ratio", "test_statistic", "high",
    "p_value", "gumbel_p_value",
)  # fmt: skip


@dataclass(frozen=True)
class TableScan(Generic[IntoDataFrameT]):
    """What a scan of tables found.

    clusters: a row per cluster, the likeliest first; its members are a list of identifiers, nearest to the centre
    first, its window dates, both included. members: a row per cluster and place. result: the same by numbers, of rows
    of the table of places and of `intervals`. arguments: what the question was asked with.
    """

    clusters: IntoDataFrameT
    members: IntoDataFrameT
    result: ScanResult
    intervals: Intervals | None
    arguments: Mapping[str, Any]

    def plot(self) -> "Figure":
        """A map and a time chart: see `plot_scan`."""
        dates = None if self.intervals is None else self.intervals.first
        return plot_scan(self.result, dates=dates, **self.arguments)


def scan_table(
    cases: IntoDataFrameT,
    places: IntoDataFrame | None = None,
    *,
    question: Question = "prospective",
    every: Every = "day",
    start: date | str | None = None,
    end: date | str | None = None,
    controls: IntoDataFrame | None = None,
    model: Model | None = None,
    **options: Any,
) -> TableScan[IntoDataFrameT]:
    """Asks one question of a table of cases and a table of places, from pandas, polars or Arrow.

    cases: columns `place` and `date`, and `count` unless each row is one case; a spatial scan needs no dates, a
    temporal one no places. places: `place`, and `latitude`, `longitude` or `x`, `y`; at equal statistics the earlier
    row wins. Its column `population`, or a table of `controls` with the columns of cases, makes the model Poisson or
    Bernoulli unless `model` says otherwise; without either it is a permutation.

    The study lasts from `start` to `end`, both included, or from the first to the last case. Intervals of a day,
    week, month or year are counted back from its end; persons at risk count by days. options: the question's own,
    such as maximum_length=28 (intervals), maximum_radius_km=5 and seed=1.

    ValueError names the table, the row (the first is 0), the column, the value and what was expected.
    """
    _check_choices(question, every, options)
    table = _table("cases", cases)
    scope = Scope(
        None if question == "temporal" else _read_places(places),
        None if question == "spatial" else _read_intervals(table, every, start, end),
    )
    among = None if controls is None else _table("controls", controls)
    model = model or scope.fitting_model(among)
    arguments = {
        "model": model,
        **scope.locate(),
        **scope.count(table),
        **scope.at_risk(model, among),
        **options,
    }
    result = QUESTIONS[question](**arguments)
    return TableScan(
        _as_table(_clusters(result, scope, DAYS[every]), table),
        _as_table(_members(result, scope), table),
        result,
        scope.intervals,
        arguments,
    )


@dataclass(frozen=True)
class Places:
    """Identifiers, coordinates, and persons at risk where the table has them, by row."""

    identifiers: Sequence[Hashable]
    coordinates: Mapping[str, Floats]
    population: Floats | None

    def named(self, members: Sequence[int]) -> list[Hashable]:
        return [self.identifiers[member] for member in members]


@dataclass(frozen=True)
class Scope:
    """Where and when; None where the question doesn't ask."""

    places: Places | None
    intervals: Intervals | None

    def fitting_model(self, controls: Table | None) -> Model:
        if controls is not None:
            return "bernoulli"
        if self.places is None or self.intervals is None or self.places.population is not None:
            return "poisson"
        return "permutation"

    def locate(self) -> Columns:
        return {} if self.places is None else dict(self.places.coordinates)

    def count(self, table: Table) -> Columns:
        """Cases as the questions take them."""
        place, interval, count = self._read(table)
        where = {} if self.places is None else {"place": place}
        when = {} if self.intervals is None else {"interval": interval, "intervals": len(self.intervals)}
        return {**where, **when, "count": count}

    def at_risk(self, model: Model, controls: Table | None) -> Columns:
        """What cases are compared with; the question says whether it goes with the model."""
        population = {"population": self._persons()} if model == "poisson" else {}
        return population if controls is None else population | {"controls": self._by_cell(controls)}

    def _read(self, table: Table) -> tuple[Indices, Indices, Indices]:
        """Place, interval and count of each row."""
        place, interval = np.zeros(len(table), np.int64), np.zeros(len(table), np.int64)
        if self.places is not None:
            place = table.numbers_of("place", self.places.identifiers)
        if self.intervals is not None:
            interval = _read_interval(table, self.intervals)
        return place, interval, table.counts("count")

    def _persons(self) -> Exposure:
        """A place's persons are at risk on every day."""
        days = np.ones(1) if self.intervals is None else self.intervals.days
        if self.places is None:
            return Exposure(np.ones((1, 1)), days[None, :])
        if self.places.population is None:
            raise ValueError("the Poisson model needs a column 'population' of places.")
        return Exposure(self.places.population[:, None], days[None, :])

    def _by_cell(self, table: Table) -> Indices:
        """(places, intervals)."""
        places = 1 if self.places is None else len(self.places.identifiers)
        place, interval, count = self._read(table)
        cells = np.zeros((places, 1 if self.intervals is None else len(self.intervals)), np.int64)
        np.add.at(cells, (place, interval), count)
        return cells


def _table(name: str, given: IntoDataFrame) -> Table:
    return Table(name, nw.from_native(given, eager_only=True))


def _check_choices(question: str, every: str, options: Mapping[str, Any]) -> None:
    for name, value, choices in (("question", question, QUESTIONS), ("every", every, DAYS)):
        if value not in choices:
            raise ValueError(f"{name} must be one of {', '.join(choices)}, got {value!r}.")
    if options.get("adjust") == "weekday" and every != "day":
        raise ValueError(f"adjust='weekday' needs every='day', got every={every!r}.")


def _read_places(given: IntoDataFrame | None) -> Places:
    if given is None:
        raise ValueError("a scan of places needs a table of places; for time alone, ask question='temporal'.")
    table = _table("places", given)
    coordinates = PLANE if table.has("x") and not table.has("latitude") else EARTH
    return Places(
        table.identifiers("place"),
        {name: _read_coordinate(table, name) for name in coordinates},
        table.floats("population", least=0, expected="a number, 0 or more")
        if table.has("population")
        else None,
    )


def _read_coordinate(table: Table, name: str) -> Floats:
    limit = DEGREES.get(name, np.inf)
    expected = "a number" if name in PLANE else f"degrees between -{limit} and {limit}"
    return table.floats(name, least=-limit, most=limit, expected=expected)


def _read_intervals(
    cases: Table, every: Every, start: date | str | None, end: date | str | None
) -> Intervals:
    days = cases.days("date")
    if not len(days):
        raise ValueError("cases have no rows.")
    first = days.min() if start is None else read_day("start", start)
    last = days.max() if end is None else read_day("end", end)
    if first > last:
        raise ValueError(f"the study must not start after its end, got {first} and {last}.")
    return divide(first, last, every)


def _read_interval(table: Table, intervals: Intervals) -> Indices:
    days = table.days("date")
    table.check("date", intervals.hold(days), f"a date from {intervals.first[0]} to {intervals.last}")
    return intervals.of(days)


def _clusters(result: ScanResult, scope: Scope, days_per_interval: float) -> Columns:
    found = result.clusters
    looks = [cluster.recurrence_interval for cluster in found]
    return {
        "cluster": range(1, len(found) + 1),
        **_where(found, scope.places),
        **_when(found, scope.intervals),
        **{name: [getattr(cluster, name) for cluster in found] for name in FIGURES},
        "recurrence_interval_days": [look and look * days_per_interval for look in looks],
    }


def _where(found: Sequence[Cluster], places: Places | None) -> Columns:
    if places is None:
        return {}
    names = (*places.coordinates, "radius_km")
    members = {"members": [places.named(cluster.members) for cluster in found]}
    return members | {name: [getattr(cluster, name) for cluster in found] for name in names}


def _when(found: Sequence[Cluster], intervals: Intervals | None) -> Columns:
    if intervals is None:
        return {}
    start, end = (
        np.array([getattr(cluster, name) for cluster in found], np.int64) for name in ("start", "end")
    )
    return {"start": intervals.first[start], "end": intervals.ends[end]}


def _members(result: ScanResult, scope: Scope) -> Columns:
    named = (
        [] if scope.places is None else [scope.places.named(cluster.members) for cluster in result.clusters]
    )
    return {
        "cluster": [number for number, names in enumerate(named, 1) for _ in names],
        "place": [name for names in named for name in names],
    }


def _as_table(columns: Columns, like: Table) -> Any:
    """Of the same kind."""
    schema = {name: nw.Float64 if name in MAY_BE_MISSING else None for name in columns}
    return nw.from_dict(columns, schema, backend=like.frame.implementation).to_native()
