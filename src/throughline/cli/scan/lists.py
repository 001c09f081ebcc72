"""Reads an analysis from plain tables with a header: cases, places, and who was at risk."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from throughline.cli.faults import Fault
from throughline.cli.scan.analysis import SPACE_TIME, Analysis, Question
from throughline.cli.scan.calendar import Calendar, Unit, divide, one_interval
from throughline.cli.scan.counts import (
    Count,
    Counter,
    Line,
    check_cases,
    check_some,
    columns,
    margin,
    read_time,
    table,
)
from throughline.cli.scan.places import Places, places_at
from throughline.cli.scan.population import Census, population_of, read_day, read_persons
from throughline.cli.scan.rows import Record, read_records

QUESTIONS: Mapping[str, Question] = {
    "prospective": "prospective",
    "retrospective": "space_time",
    "spatial": "spatial",
    "temporal": "temporal",
}
ANALYSES = {
    "prospective": "prospective space-time",
    "retrospective": "retrospective space-time",
    "spatial": "purely spatial",
    "temporal": "purely temporal",
}
DEFAULT_DAYS = 28  # the longest window that overdose programmes look back with
MODELS = {"permutation": "space-time permutation", "poisson": "discrete Poisson", "bernoulli": "Bernoulli"}


@dataclass(frozen=True)
class Request:
    """What is asked for on the command line; None leaves the choice to the data."""

    cases: Path
    places: Path
    population: Path | None = None
    controls: Path | None = None
    analysis: str = "prospective"
    model: str | None = None
    start: date | None = None
    end: date | None = None
    max_days: int | None = None
    max_radius_km: float | None = None
    max_share: float = 0.5
    rates: str = "high"
    adjust: str = "none"

    @property
    def question(self) -> Question:
        return QUESTIONS[self.analysis]


@dataclass(frozen=True)
class Tables:
    """What the tables hold."""

    request: Request
    places: Places
    place_records: list[Record]
    calendar: Calendar
    counter: Counter
    cases: list[Count]


def read_lists(request: Request) -> Analysis:
    """The scan of plain tables. A fault names the file, row and value that can't be read."""
    tables = _tables(request)
    model = _model(tables)
    return Analysis(
        question=request.question,
        arguments={
            **columns(tables.cases, request.question),
            **_where(tables),
            **_when(tables),
            **_background(tables, model),
            "rates": request.rates,
        },
        analysis=ANALYSES[request.analysis],
        model=MODELS[model],
        rates="high or low rates" if request.rates == "both" else f"{request.rates} rates",
        places=tables.places.ids,
        calendar=tables.calendar,
        days_per_look=1.0 if request.question == "prospective" else None,
        warnings=tuple(tables.counter.warnings()),
    )


def _tables(request: Request) -> Tables:
    lines = list(_lines(request.cases))
    records = list(read_records(request.places, needed=("place",)))
    places, calendar = _places(request.places, records), _calendar(request, lines)
    counter = Counter(places.index, calendar, Unit.DAY, ignore_other_times=True)
    cases = list(counter.read(lines))
    check_cases(cases)
    return Tables(request, places, records, calendar, counter, cases)


def _lines(path: Path) -> Iterator[Line]:
    for record in read_records(path, needed=("place", "date")):
        cells = record.cells
        read_time(
            record.row, cells["date"], Unit.DAY, near=None
        )  # a year of four digits, before they are compared
        yield Line(record.row, cells["place"], cells.get("count", "1"), cells["date"])


def _places(path: Path, records: list[Record]) -> Places:
    names = set(records[0].cells) if records else set()
    geographic = names >= {"latitude", "longitude"}
    first, second = ("latitude", "longitude") if geographic else ("x", "y")
    if not names >= {first, second}:
        raise Fault(f"{path.name}: {', '.join(sorted(names))}. Expected latitude and longitude, or x and y.")
    lines = ((each.row, each.cells["place"], each.cells[first], each.cells[second]) for each in records)
    places = places_at(lines, geographic=geographic)
    if len(places.ids) < 2:
        raise Fault(f"{path.name}: there is one place. Expected two or more, as a cluster lies among others.")
    return places


def _calendar(request: Request, lines: list[Line]) -> Calendar:
    days = [read_time(line.row, line.time, Unit.DAY, near=None).first for line in lines]
    if not days:
        raise Fault(f"{request.cases.name}: there are no cases. Expected one or more.")
    start = request.start.toordinal() if request.start else min(days)
    end = request.end.toordinal() if request.end else max(days)
    if end < start:
        raise Fault(
            f"The study ends on {date.fromordinal(end)}, before it starts on {date.fromordinal(start)}."
        )
    if request.question == "spatial":
        return one_interval(start, end, Unit.DAY)
    return divide(start, end, Unit.DAY, 1)


def _model(tables: Tables) -> str:
    """As told, or else as the tables allow: with controls, with a population, with cases alone."""
    request = tables.request
    if request.model:
        return request.model
    if request.controls:
        return "bernoulli"
    has_population = request.population or "population" in tables.place_records[0].cells
    return "permutation" if request.question in SPACE_TIME and not has_population else "poisson"


def _where(tables: Tables) -> dict[str, Any]:
    if tables.request.question == "temporal":
        return {}
    request = tables.request
    return {
        **tables.places.coordinates(),
        "maximum_population_share": request.max_share,
        "maximum_radius_km": request.max_radius_km,
    }


def _when(tables: Tables) -> dict[str, Any]:
    request, intervals = tables.request, tables.calendar.intervals
    if request.question == "spatial":
        return {}
    longest = request.max_days or min(DEFAULT_DAYS, max(intervals // 2, 1))
    if longest > intervals:
        raise Fault(f"--max-days {longest}: the study has {intervals} days. Expected no more than that.")
    adjustment = {"adjust": request.adjust} if request.question in SPACE_TIME else {}
    return {"intervals": intervals, "maximum_length": longest, **adjustment}


def _background(tables: Tables, model: str) -> dict[str, Any]:
    """The model, and what cases are compared with."""
    request, question = tables.request, tables.request.question
    if model == "permutation":
        return {"model": model}
    if model == "poisson":
        censuses, places = _censuses(tables), len(tables.places.ids)
        population = population_of(censuses, tables.cases, question, tables.calendar, places=places)
        return {"model": model, "population": population}
    if request.controls is None:
        raise Fault("The Bernoulli model compares cases with controls. Expected --controls FILE.csv.")
    controls = list(tables.counter.read(_lines(request.controls)))
    check_some(controls, "controls")
    by_cell = table(controls, len(tables.places.ids), tables.calendar.intervals)
    return {"model": model, "controls": margin(by_cell, question)}


def _censuses(tables: Tables) -> list[Census]:
    """The population of a file of its own, or else of the table of places; without a date it holds all along."""
    records = tables.place_records
    if tables.request.population:
        records = list(read_records(tables.request.population, needed=("place", "population")))
    elif "population" not in records[0].cells:
        raise Fault(
            "The Poisson model compares cases with persons at risk. "
            "Expected a column population in the table of places, or --population FILE.csv."
        )
    return [_census(tables, record) for record in records]


def _census(tables: Tables, record: Record) -> Census:
    row, cells, calendar = record.row, record.cells, tables.calendar
    place = tables.places.index.get(cells["place"])
    if place is None:
        raise row.fault("place", cells["place"], "a place of the table of places")
    day = read_day(row, cells["date"], calendar) if "date" in cells else calendar.end
    return Census(row, place, day, read_persons(row, cells["population"]), ())
