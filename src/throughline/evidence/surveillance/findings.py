"""What the methods of `science` find in counts, told in places, days and plain words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from throughline.evidence.surveillance.queries import PlaceDays
from throughline.indicators import Indicator
from throughline.members.places.models import Place
from throughline.science.scan import Cluster, prospective_scan
from throughline.science.spikes import SpikeResult, daily_spikes, day_threshold

SHOWN_DAYS = 90
SCAN: dict[str, Any] = {"model": "permutation", "maximum_length": 28, "maximum_population_share": 0.5}
REPLICATES = 999
# With less history than two windows, a feed's first busy weeks would look like a cluster.
SHORTEST_STUDY_DAYS = 56
# A hotspot is raised when chance alone would show one as strong no more than once a year.
HOTSPOT_RECURRENCE_DAYS = 365
# With this many of 999 replicates as large, the recurrence interval is far below a year whatever the others say.
STOP_AFTER = 10


@dataclass(frozen=True)
class Finding:
    """Something that a named person should answer. The title goes to every member, so it holds no count."""

    kind: str
    title: str
    sentence: str
    places: tuple[Place, ...]
    begins_on: date
    ends_on: date
    evidence: dict[str, Any]


@dataclass(frozen=True)
class Series:
    """Counts per day of one place: a finest one, or one that sums the places inside it."""

    place: Place
    members: tuple[int, ...]  # rows of PlaceDays.counts


def find_spikes(counted: PlaceDays, indicator: Indicator, places: dict[str, Place]) -> list[Finding]:
    """Places, and the districts around them, whose last day is a spike.

    A district is left out where a place inside it explains the spike.
    """
    series = all_series(counted, places)
    if not series:
        return []
    counts = np.array([counted.counts[list(one.members)].sum(axis=0) for one in series])
    result = daily_spikes(counts)
    alarms = [row for row in np.flatnonzero(result.alarm) if not _explained(row, series, result.alarm)]
    return [
        _spike(row, series[row], counts[row], result=result, counted=counted, indicator=indicator)
        for row in alarms
    ]


def find_hotspots(counted: PlaceDays, indicator: Indicator, places: dict[str, Place]) -> list[Finding]:
    """Clusters of places that are alive on the last day and that chance rarely makes."""
    located = [row for row, code in enumerate(counted.places) if code in places and places[code].is_located]
    counts = counted.counts[located]
    if counts.sum() < 2 or counts.shape[1] < SHORTEST_STUDY_DAYS:
        return []
    place_of_case, day_of_case = _cases(counts)
    found = prospective_scan(
        place=place_of_case,
        interval=day_of_case,
        latitude=[places[counted.places[row]].latitude for row in located],
        longitude=[places[counted.places[row]].longitude for row in located],
        intervals=counts.shape[1],
        seed=int(f"{_last_day(counted):%Y%m%d}"),
        replicates=REPLICATES,
        stop_after=STOP_AFTER,
        **SCAN,
    )
    return [
        _hotspot(cluster, [located[member] for member in cluster.members], counted, indicator, places)
        for cluster in found.clusters
        if (cluster.recurrence_interval or 0) >= HOTSPOT_RECURRENCE_DAYS
    ]


def all_series(counted: PlaceDays, places: dict[str, Place]) -> list[Series]:
    """Every counted place, then every parent with all that is counted inside it."""
    rows = {code: row for row, code in enumerate(counted.places) if code in places}
    finest = [Series(places[code], (row,)) for code, row in rows.items()]
    inside: dict[Place, list[int]] = {}
    for one in finest:
        if one.place.parent and one.place.parent.parent_id:
            inside.setdefault(one.place.parent, []).extend(one.members)
    return finest + [Series(parent, tuple(members)) for parent, members in inside.items()]


def _explained(row: int, series: list[Series], alarm: np.ndarray[Any, Any]) -> bool:
    """Whether the alarm of a district is that of a place inside it."""
    members = set(series[row].members)
    return any(
        alarm[other] and members > set(inner.members) for other, inner in enumerate(series) if other != row
    )


def _spike(
    row: int, series: Series, counts: Any, *, result: SpikeResult, counted: PlaceDays, indicator: Indicator
) -> Finding:
    day = _last_day(counted)
    observed, expected = int(result.observed[row]), float(result.expected[row])
    shown = min(SHOWN_DAYS, len(counts))
    history = day_threshold(counts, last=shown)
    drawn = _series_shown(counted, counts, history)
    drawn["threshold"][-1] = float(result.upper_bound[row]) + 1  # of whichever rule fired, where it is lower
    evidence = _evidence(counted, indicator, method="daily_spikes", observed=observed, expected=expected) | {
        "series": drawn,
        "places": [_place_line(series.place, observed, expected)],
        "p_value": float(result.p_value[row]),
        "settings": {"upper_bound": float(result.upper_bound[row])},
        "fired": list(result.methods(row)),
    }
    facts = {
        "cases": _cases_in_words(observed, indicator),
        "events": _(indicator.many),
        "place": series.place.name,
        "day": date_format(day),
        "expected": _expected_in_words(expected),
    }
    return Finding(
        kind="spike",
        title=_("%(place)s: unusually many %(events)s on %(day)s") % facts,
        sentence=_("%(cases)s in %(place)s on %(day)s, where %(expected)s were expected.") % facts,
        places=(series.place,),
        begins_on=day,
        ends_on=day,
        evidence=evidence,
    )


def _hotspot(
    cluster: Cluster, rows: list[int], counted: PlaceDays, indicator: Indicator, places: dict[str, Place]
) -> Finding:
    members = [places[counted.places[row]] for row in rows]
    begins_on = counted.first_day + timedelta(days=cluster.start)
    in_window = counted.counts[rows, cluster.start :].sum(axis=1)
    totals = counted.counts[rows].sum(axis=1)
    expected_each = cluster.expected * totals / max(int(totals.sum()), 1)
    evidence = _evidence(
        counted, indicator, method="prospective_scan", observed=cluster.observed, expected=cluster.expected
    ) | {
        "series": _series_shown(counted, counted.counts[rows].sum(axis=0), None),
        "places": [
            _place_line(place, int(observed), float(expected))
            for place, observed, expected in zip(members, in_window, expected_each, strict=True)
        ],
        "p_value": cluster.p_value,
        "recurrence_interval_days": cluster.recurrence_interval,
        "log_likelihood_ratio": cluster.log_likelihood_ratio,
        "radius_km": cluster.radius_km,
        "settings": SCAN | {"replicates": REPLICATES, "study_days": counted.counts.shape[1]},
    }
    facts = {
        "cases": _cases_in_words(cluster.observed, indicator),
        "events": _(indicator.many),
        "places": _places_in_words(members),
        "since": date_format(begins_on),
        "expected": _expected_in_words(cluster.expected),
        "years": f"{cluster.recurrence_interval / 365.25:.1f}",
    }
    return Finding(
        kind="hotspot",
        title=_("%(places)s: unusually many %(events)s since %(since)s") % facts,
        sentence=_(
            "%(cases)s in %(places)s since %(since)s, where %(expected)s were expected; "
            "by chance alone, so much is seen about once in %(years)s years."
        )
        % facts,
        places=tuple(members),
        begins_on=begins_on,
        ends_on=_last_day(counted),
        evidence=evidence,
    )


def _evidence(
    counted: PlaceDays, indicator: Indicator, *, method: str, observed: int, expected: float
) -> dict[str, Any]:
    return {
        "indicator": indicator.key,
        "method": method,
        "observed": observed,
        "expected": round(expected, 2),
        "feeds": list(counted.feeds),
        "refusals": list(counted.refusals),
        "minimum_cell": counted.minimum_cell,
    }


def _series_shown(counted: PlaceDays, counts: Any, history: Any) -> dict[str, list[Any]]:
    """The last days of a series; expected and threshold where the 24-hour rule had enough history."""
    shown = min(SHOWN_DAYS, len(counts))
    last = _last_day(counted)
    series: dict[str, list[Any]] = {
        "labels": [(last - timedelta(days=shown - 1 - day)).isoformat() for day in range(shown)],
        "observed": [int(count) for count in counts[-shown:]],
    }
    if history is not None:
        series["expected"] = list(_numbers(np.atleast_2d(history.expected)[0]))
        series["threshold"] = list(_numbers(np.atleast_2d(history.threshold)[0]))
    return series


def _numbers(values: Any) -> Iterator[float | None]:
    """JSON has no NaN: days without enough history have no figure."""
    return (None if np.isnan(value) else round(float(value), 2) for value in values)


def _cases(counts: Any) -> tuple[Any, Any]:
    """(places, days) counts as one (place, day) pair per case."""
    place, day = np.nonzero(counts)
    times = counts[place, day]
    return np.repeat(place, times), np.repeat(day, times)


def _place_line(place: Place, observed: int, expected: float) -> dict[str, Any]:
    return {"code": place.code, "name": place.name, "observed": observed, "expected": round(expected, 2)}


def _last_day(counted: PlaceDays) -> date:
    return counted.first_day + timedelta(days=counted.counts.shape[1] - 1)


def _cases_in_words(count: int, indicator: Indicator) -> str:
    return f"{count} {_(indicator.one) if count == 1 else _(indicator.many)}"


def _expected_in_words(expected: float) -> str:
    return f"{expected:.0f}" if expected >= 10 else f"{expected:.1f}"


def _places_in_words(places: list[Place]) -> str:
    if len(places) == 1:
        return places[0].name
    return ngettext("%(count)d place", "%(count)d places", len(places)) % {"count": len(places)}
