"""Reads an analysis from plain tables with a header: cases, places, and who was at risk."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
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
from throughline.cli.scan.population import (
    AtRisk,
    Census,
    Floats,
    constant,
    population_of,
    read_day,
    read_persons,
)
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
TAKEN_BY: Mapping[str, set[str]] = {
    "population": {"poisson"},
    "controls": {"bernoulli"},
    "max_days": {"prospective", "retrospective", "temporal"},
    "max_radius_km": {"prospective", "retrospective", "spatial"},
    "max_share": {"prospective", "retrospective", "spatial"},
    "adjust": {"prospective", "retrospective"},
}  # options that not every analysis, or not every model, takes
MODELS = {"permutation": "space-time permutation", "poisson": "discrete Poisson", "bernoulli": "Bernoulli"}


@dataclass(frozen=True)
class Request:
    """What is asked for on the command line; None leaves the choice to the data."""

    cases: Path
    places: Path | None = None
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

    def given(self) -> Mapping[str, Any]:
        """The options that differ from what holds unless told."""
        values = ((each, getattr(self, each.name)) for each in fields(self))
        return {each.name: value for each, value in values if value != each.default}


@dataclass(frozen=True)
class Tables:
    """What the tables hold; a purely temporal scan may do without places."""

    request: Request
    places: Places | None
    place_records: list[Record]
    calendar: Calendar
    counter: Counter
    cases: list[Count]

    @property
    def place_count(self) -> int:
        return len(self.places.ids) if self.places else 1

    @property
    def has_population(self) -> bool:
        in_places = bool(self.place_records) and "population" in self.place_records[0].cells
        return self.request.population is not None or in_places


def read_lists(request: Request) -> Analysis:
    """The scan of plain tables. A fault names the file, row and value that can't be read."""
    tables = _tables(request)
    model = _model(tables)
    _check_taken(request, model)
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
        places=tables.places.ids if tables.places else (),
        calendar=tables.calendar,
        days_per_look=1.0 if request.question == "prospective" else None,
        warnings=tuple(tables.counter.warnings()),
    )


def _tables(request: Request) -> Tables:
    lines = list(_lines(request, request.cases))
    records = list(read_records(request.places, needed=("place",))) if request.places else []
    places, calendar = _places(request, records), _calendar(request, lines)
    counter = Counter(places.index if places else None, calendar, Unit.DAY, ignore_other_times=True)
    cases = list(counter.read(lines))
    check_cases(cases)
    return Tables(request, places, records, calendar, counter, cases)


def _check_taken(request: Request, model: str) -> None:
    """A fault by name where an option would be passed over."""
    for option, value in request.given().items():
        takers = TAKEN_BY.get(option)
        if takers and takers.isdisjoint({request.analysis, model}):
            kind, taker = ("model", model) if takers <= MODELS.keys() else ("analysis", request.analysis)
            raise Fault(
                f"--{option.replace('_', '-')} {value}: --{kind} {taker} doesn't take it. "
                f"Expected --{kind} {' or '.join(sorted(takers))}."
            )


def _lines(request: Request, path: Path) -> Iterator[Line]:
    for record in read_records(path, needed=("place", "date") if request.places else ("date",)):
        cells = record.cells
        read_time(
            record.row, cells["date"], Unit.DAY, near=None
        )  # a year of four digits, before they are compared
        yield Line(record.row, cells.get("place", ""), cells.get("count", "1"), cells["date"])


def _places(request: Request, records: list[Record]) -> Places | None:
    if request.places:
        return _read_places(request.places, records)
    if request.question != "temporal":
        raise Fault(f"An analysis that is {ANALYSES[request.analysis]} needs --places. Expected PLACES.csv.")
    return None


def _read_places(path: Path, records: list[Record]) -> Places:
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
    if request.model == "permutation" and request.question not in SPACE_TIME:
        raise Fault(
            f"--model permutation: a permutation needs places and time; --analysis {request.analysis} leaves one out. "
            "Expected --analysis prospective or retrospective, or another model."
        )
    if request.model:
        return request.model
    if request.controls:
        return "bernoulli"
    return "permutation" if request.question in SPACE_TIME and not tables.has_population else "poisson"


def _where(tables: Tables) -> dict[str, Any]:
    request = tables.request
    if tables.places is None or request.question == "temporal":
        return {}
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
        return {"model": model, "population": _population(tables)}
    if request.controls is None:
        raise Fault("The Bernoulli model compares cases with controls. Expected --controls FILE.csv.")
    controls = list(tables.counter.read(_lines(request, request.controls)))
    check_some(controls, "controls")
    by_cell = table(controls, tables.place_count, tables.calendar.intervals)
    return {"model": model, "controls": margin(by_cell, question)}


def _population(tables: Tables) -> AtRisk | Floats:
    question, calendar = tables.request.question, tables.calendar
    if question == "temporal" and not tables.has_population:
        return constant(calendar)
    places = len(tables.places.ids) if tables.places else None
    return population_of(_censuses(tables), tables.cases, question, calendar, places=places)


def _censuses(tables: Tables) -> list[Census]:
    """The population of a file of its own, or else of the table of places; without a date it holds all along."""
    records = tables.place_records
    if tables.request.population:
        records = list(read_records(tables.request.population, needed=("place", "population")))
    elif not tables.has_population:
        raise Fault(
            "The Poisson model compares cases with persons at risk. "
            "Expected a column population in the table of places, or --population FILE.csv."
        )
    names = dict.fromkeys(record.cells["place"] for record in records)
    index = tables.places.index if tables.places else {name: number for number, name in enumerate(names)}
    censuses = [_census(record, index, tables.calendar) for record in records]
    return list(_once(censuses, repeatable=tables.request.population is None))


def _once(censuses: Iterable[Census], *, repeatable: bool) -> Iterator[Census]:
    """One census of each place and day; a place of the table of places may be told again as it was."""
    found: dict[tuple[int, int], Census] = {}
    for census in censuses:
        first = found.setdefault((census.place, census.day), census)
        if first is census:
            yield census
        elif not repeatable or first.persons != census.persons:
            expected = f"one line for a place and day; line {first.row.line} has {first.persons:g}"
            raise census.row.fault("population", f"{census.persons:g}", expected)


def _census(record: Record, places: Mapping[str, int], calendar: Calendar) -> Census:
    row, cells = record.row, record.cells
    place = places.get(cells["place"])
    if place is None:
        raise row.fault("place", cells["place"], "a place of the table of places")
    day = read_day(row, cells["date"], calendar) if "date" in cells else calendar.end
    return Census(row, place, day, read_persons(row, cells["population"]), ())
