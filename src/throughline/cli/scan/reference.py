"""Reads an analysis of the reference program: its parameter file and the data files that it names."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from throughline.cli.scan.analysis import Analysis, Question
from throughline.cli.scan.calendar import Calendar, Unit, divide, is_even, one_interval
from throughline.cli.scan.counts import (
    Count,
    Counter,
    check_cases,
    check_some,
    columns,
    margin,
    split_lines,
    stratum_numbers,
    table,
)
from throughline.cli.scan.limits import look_days, options
from throughline.cli.scan.parameters import Parameters, read_parameters
from throughline.cli.scan.places import Places, read_grid, read_places
from throughline.cli.scan.population import AtRisk, Floats, constant, population_of, read_population
from throughline.cli.scan.rows import read_rows

MODELS = {"0": "poisson", "1": "bernoulli", "2": "permutation"}
QUESTIONS: dict[str, Question] = {
    "1": "spatial",
    "2": "temporal",
    "3": "space_time",
    "4": "prospective",
    "6": "temporal",
}


@dataclass(frozen=True)
class Study:
    """What all files of an analysis share: when, where, and how cases are told apart."""

    parameters: Parameters
    question: Question
    calendar: Calendar
    places: Places | None
    counter: Counter

    @property
    def place_count(self) -> int:
        return len(self.places.ids) if self.places else 1


def read_analysis(path: Path) -> Analysis:
    """The scan that a .prm file asks for. A fault names the file, line and value that can't be read or honoured."""
    parameters = read_parameters(path)
    study = _study(parameters)
    how = options(parameters, study.question, study.calendar)
    cases = _counts(study, "CaseFile", strata=parameters.text("ModelType") != "1")
    return Analysis(
        question=study.question,
        arguments={
            **columns(cases, study.question),
            **_where(study),
            **_time(study),
            **_background(study, cases),
            **how,
        },
        analysis=parameters.named("AnalysisType"),
        model=parameters.named("ModelType"),
        rates=parameters.named("ScanAreas"),
        places=study.places.ids if study.places else (),
        calendar=study.calendar,
        from_reference=True,
        days_per_look=look_days(parameters),
        warnings=(*_warnings(study), *study.counter.warnings()),
        unused=parameters.unused,
    )


def _study(parameters: Parameters) -> Study:
    question = _question(parameters)
    calendar, places = _calendar(parameters, question), _places(parameters, question)
    counter = Counter(
        places=places.index if places else None,
        calendar=calendar,
        unit=parameters.unit("PrecisionCaseTimes"),
        ignore_other_times=parameters.text("StudyPeriodCheckType") == "1",
        ignore_other_places=parameters.text("GeographicalCoordinatesCheckType") == "1",
    )
    return Study(parameters, question, calendar, places, counter)


def _question(parameters: Parameters) -> Question:
    """A retrospective scan for clusters that are still alive is a prospective one, looked at once."""
    question = QUESTIONS[parameters.text("AnalysisType")]
    if parameters.text("ModelType") == "2" and question in {"spatial", "temporal"}:
        raise parameters.fault("ModelType", "0 or 1, as a permutation needs space and time")
    is_alive = question == "space_time" and parameters.text("IncludeClusters") == "1"
    return "prospective" if is_alive else question


def _calendar(parameters: Parameters, question: Question) -> Calendar:
    precision, unit = parameters.unit("PrecisionCaseTimes"), parameters.unit("TimeAggregationUnits")
    start, end = _period(parameters, precision)
    if question == "spatial":
        return one_interval(start, end, precision)
    if precision is Unit.NONE:
        raise parameters.fault("PrecisionCaseTimes", "1, 2, 3 or 4, as the analysis looks at time")
    if unit is Unit.NONE or unit > precision or (unit is Unit.GENERIC) != (precision is Unit.GENERIC):
        raise parameters.fault("TimeAggregationUnits", "a unit no finer than PrecisionCaseTimes")
    return divide(start, end, unit, parameters.whole("TimeAggregationLength", least=1))


def _period(parameters: Parameters, precision: Unit) -> tuple[int, int]:
    kind = Unit.GENERIC if precision is Unit.GENERIC else Unit.DAY
    start, end = parameters.time("StartDate", kind).first, parameters.time("EndDate", kind).last
    if end < start:
        raise parameters.fault("EndDate", f"a time no earlier than StartDate={parameters.text('StartDate')}")
    return start, end


def _places(parameters: Parameters, question: Question) -> Places | None:
    if question == "temporal":
        return None
    geographic = parameters.text("CoordinatesType") == "1"
    places = read_places(parameters.needed_file("CoordinatesFile"), geographic=geographic)
    if len(places.ids) < 2:
        raise parameters.fault("CoordinatesFile", "two or more places, as a cluster lies among others")
    return places


def _counts(study: Study, key: str, *, strata: bool) -> list[Count]:
    rows = list(read_rows(study.parameters.needed_file(key)))
    timed = study.counter.unit is not Unit.NONE
    counts = list(study.counter.read(split_lines(rows, timed=timed, strata=strata)))
    if key == "ControlFile":
        check_some(counts, "controls")
    else:
        check_cases(counts)
    return counts


def _where(study: Study) -> dict[str, Any]:
    if study.places is None:
        return {}
    centres = {}
    if study.parameters.is_on("UseGridFile"):
        path = study.parameters.needed_file("GridFile")
        centres = {"centres": read_grid(path, geographic=study.places.geographic)}
    return {**study.places.coordinates(), **centres}


def _time(study: Study) -> dict[str, Any]:
    return {} if study.question == "spatial" else {"intervals": study.calendar.intervals}


def _background(study: Study, cases: list[Count]) -> dict[str, Any]:
    """The model, and what cases are compared with."""
    model = MODELS[study.parameters.text("ModelType")]
    if model == "permutation":
        return {"model": model, **stratum_numbers(cases)}
    if model == "bernoulli":
        controls = _counts(study, "ControlFile", strata=False)
        by_cell = table(controls, study.place_count, study.calendar.intervals)
        return {"model": model, "controls": margin(by_cell, study.question)}
    return {"model": model, "population": _population(study, cases)}


def _population(study: Study, cases: list[Count]) -> AtRisk | Floats:
    if study.question == "temporal" and study.parameters.file("PopulationFile") is None:
        return constant(study.calendar)
    index = study.places.index if study.places else None
    path = study.parameters.needed_file("PopulationFile")
    censuses = read_population(path, places=index, calendar=study.calendar)
    places = len(study.places.ids) if study.places else None
    return population_of(censuses, cases, study.question, study.calendar, places=places)


def _warnings(study: Study) -> Iterator[str]:
    length = study.parameters.whole("TimeAggregationLength", least=1)
    if study.question != "spatial" and not is_even(study.calendar, length):
        yield (
            "The study period is no multiple of the time aggregation: its first interval is shorter, and ends on "
            f"{study.calendar.shown(study.calendar.last(0))}."
        )
