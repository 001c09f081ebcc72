"""Places, and the districts around them, that have an unusual day."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from throughline.evidence.surveillance.findings import (
    SHOWN_DAYS,
    Finding,
    evidence_of,
    figures,
    place_line,
    series_shown,
)
from throughline.evidence.surveillance.queries import PlaceDays
from throughline.evidence.surveillance.wording import cases_in_words, expected_in_words
from throughline.indicators import Indicator
from throughline.members.places.models import Place
from throughline.science.spikes import SpikeResult, daily_spikes, day_threshold


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
    day = counted.last_day
    observed, expected = int(result.observed[row]), float(result.expected[row])
    shown = min(SHOWN_DAYS, len(counts))
    history = day_threshold(counts, last=shown)
    drawn = series_shown(counted, counts)
    drawn["expected"] = figures(np.atleast_2d(history.expected)[0])
    drawn["threshold"] = figures(np.atleast_2d(history.threshold)[0])
    drawn["threshold"][-1] = float(result.upper_bound[row]) + 1  # of whichever rule fired, where it is lower
    evidence = evidence_of(
        counted, indicator, method="daily_spikes", observed=observed, expected=expected
    ) | {
        "series": drawn,
        "places": [place_line(series.place, observed, expected)],
        "p_value": float(result.p_value[row]),
        "settings": {"upper_bound": float(result.upper_bound[row])},
        "fired": list(result.methods(row)),
    }
    facts = {
        "cases": cases_in_words(observed, indicator),
        "events": _(indicator.many),
        "place": series.place.name,
        "day": date_format(day),
        "expected": expected_in_words(expected),
    }
    return Finding(
        kind="spike",
        title=_("%(place)s: unusually many %(events)s on %(day)s") % facts,
        sentence=_("%(cases)s in %(place)s on %(day)s, where %(expected)s.") % facts,
        places=(series.place,),
        begins_on=day,
        ends_on=day,
        evidence=evidence,
    )
