"""Turns the reference's limits, adjustments and ways of inference into options of a scan."""

from typing import Any

from throughline.cli.scan.analysis import SPACE_TIME, Question
from throughline.cli.scan.calendar import Calendar, Unit, divide
from throughline.cli.scan.parameters import Parameters

RATES = {"1": "high", "2": "low", "3": "both"}
OVERLAPS = {
    "0": "none",
    "1": "centres apart",
    "2": "outside likelier",
    "3": "outside less likely",
    "4": "not mutual",
    "5": "any",
}
LOOK_DAYS = {"1": 1.0, "2": 7.0, "3": 365.25 / 12, "4": 365.25 / 4, "5": 365.25}


def options(parameters: Parameters, question: Question, calendar: Calendar) -> dict[str, Any]:
    """The arguments of a scan that say how to look, rather than at what."""
    return {
        **_inference(parameters),
        **(_space(parameters, question) if question != "temporal" else {}),
        **(_time(parameters, calendar) if question != "spatial" else {}),
        **_repetition(parameters, question, calendar),
        **_adjustment(parameters, question),
    }


def look_days(parameters: Parameters) -> float | None:
    """How many days lie between two looks of a prospective analysis."""
    if parameters.text("AnalysisType") not in {"4", "6"}:
        return None
    kind = parameters.text("ProspectiveFrequencyType")
    if kind != "0":
        return LOOK_DAYS[kind] * parameters.whole("ProspectiveFrequency", least=1)
    return parameters.unit("TimeAggregationUnits").days * parameters.whole("TimeAggregationLength", least=1)


def _inference(parameters: Parameters) -> dict[str, Any]:
    kind = parameters.text("PValueReportType")
    threshold = {"0": 50, "2": parameters.whole("EarlyTerminationThreshold", least=1)}.get(kind)
    chosen: dict[str, Any] = {
        "rates": RATES[parameters.text("ScanAreas")],
        "minimum_cases": max(parameters.whole("MinimumCasesInHighRateClusters"), 1),
        "minimum_low_cases": parameters.whole("MinimumCasesInLowRateClusters"),
        "replicates": parameters.whole("MonteCarloReps"),
        "stop_after": threshold,
    }
    if parameters.is_on("IterativeScan"):
        chosen["iterations"] = parameters.whole("IterativeScanMaxIterations", least=1)
        chosen["iteration_p"] = parameters.number("IterativeScanMaxPValue", most=1)
    return chosen


def _space(parameters: Parameters, question: Question) -> dict[str, Any]:
    share = parameters.number("MaxSpatialSizeInPopulationAtRisk", most=50) / 100
    if not share:
        raise parameters.fault("MaxSpatialSizeInPopulationAtRisk", "a number above 0, up to 50")
    overlap = OVERLAPS[parameters.text("CriteriaForReportingSecondaryClusters")]
    chosen: dict[str, Any] = {"maximum_population_share": share, "overlap": overlap}
    if parameters.is_on("UseDistanceFromCenterOption"):
        chosen["maximum_radius_km"] = parameters.number("MaxSpatialSizeInDistanceFromCenter")
    if parameters.text("SpatialWindowShapeType") == "1":
        chosen["ellipses"] = _ellipses(parameters, question)
    return chosen


def _ellipses(parameters: Parameters, question: Question) -> dict[str, Any]:
    if question != "spatial" or parameters.text("CoordinatesType") == "1":
        raise parameters.fault(
            "SpatialWindowShapeType", "0, as ellipses are for purely spatial scans on a plane"
        )
    shapes, angles = parameters.numbers("EllipseShapes"), parameters.numbers("EllipseAngles")
    if len(shapes) != len(angles) or min(shapes) <= 1:
        raise parameters.fault("EllipseShapes", "numbers above 1, as many as EllipseAngles")
    if any(angle < 1 or angle != int(angle) for angle in angles):
        raise parameters.fault("EllipseAngles", "whole numbers of 1 or more")
    compactness = parameters.named("NonCompactnessPenalty")
    return {"shapes": shapes, "angles": tuple(map(int, angles)), "compactness": compactness}


def _time(parameters: Parameters, calendar: Calendar) -> dict[str, Any]:
    length = parameters.whole("TimeAggregationLength", least=1)
    shortest = -(-parameters.whole("MinimumTemporalClusterSize", least=1) // length)
    longest = _longest(parameters, calendar) // length
    if longest > calendar.intervals:
        raise parameters.fault("MaxTemporalSize", f"no more than the study's {calendar.intervals} intervals")
    if not longest:
        raise parameters.fault("MaxTemporalSize", "one interval of time aggregation or more")
    if shortest > longest:
        raise parameters.fault(
            "MinimumTemporalClusterSize", f"no more than the largest size, {longest} intervals"
        )
    return {"minimum_length": shortest, "maximum_length": longest}


def _longest(parameters: Parameters, calendar: Calendar) -> int:
    """The longest window in units of time aggregation: years, months, days."""
    if parameters.text("MaxTemporalSizeInterpretation") == "1":
        return parameters.whole("MaxTemporalSize", least=1)
    units = divide(calendar.starts[0], calendar.end, calendar.unit, 1).intervals
    return int(units * parameters.number("MaxTemporalSize", most=100) / 100 + 1e-9)


def _repetition(parameters: Parameters, question: Question, calendar: Calendar) -> dict[str, Any]:
    is_prospective = parameters.text("AnalysisType") in {"4", "6"}
    if question == "temporal":
        if is_prospective and parameters.is_on("AdjustForEarlierAnalyses"):
            raise parameters.fault("AdjustForEarlierAnalyses", "n, but for a prospective space-time analysis")
        is_alive = is_prospective or parameters.text("IncludeClusters") == "1"
        return {"prospective": is_alive} if is_alive else {}
    if not (is_prospective and parameters.is_on("AdjustForEarlierAnalyses")):
        return {}
    kind = Unit.GENERIC if calendar.unit is Unit.GENERIC else Unit.DAY
    first = calendar.interval(parameters.time("ProspectiveStartDate", kind))
    if first is None:
        raise parameters.fault("ProspectiveStartDate", "a time within the study period")
    return {"earlier_since": first}


def _adjustment(parameters: Parameters, question: Question) -> dict[str, Any]:
    by_time, by_weekday = (
        parameters.text("TimeTrendAdjustmentType") == "4",
        parameters.is_on("AdjustForWeeklyTrends"),
    )
    if by_time:
        _check_time_strata(parameters, question)
    if by_weekday:
        _check_weekdays(parameters, question)
    if by_time or by_weekday:
        return {"adjust": "time" if by_time else "weekday"}
    return {}


def _check_time_strata(parameters: Parameters, question: Question) -> None:
    if question not in SPACE_TIME or parameters.text("ModelType") != "0":
        raise parameters.fault(
            "TimeTrendAdjustmentType", "0, but for a space-time analysis of the Poisson model"
        )
    if parameters.text("TimeStratifiedAdjLength") not in {"1", parameters.text("TimeAggregationLength")}:
        raise parameters.fault("TimeStratifiedAdjLength", "1, as each interval is a stratum")


def _check_weekdays(parameters: Parameters, question: Question) -> None:
    unit, length = parameters.unit("TimeAggregationUnits"), parameters.text("TimeAggregationLength")
    is_daily = unit is Unit.DAY and length == "1"
    if question not in SPACE_TIME or parameters.text("ModelType") != "2" or not is_daily:
        raise parameters.fault("AdjustForWeeklyTrends", "n, but for space-time permutations of single days")
