"""Clusters of places that are alive on the last day: the nightly scan of a jurisdiction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from numpy.typing import NDArray

from throughline.evidence.surveillance.findings import (
    SHOWN_DAYS,
    Finding,
    evidence_of,
    figures,
    place_line,
    series_shown,
)
from throughline.evidence.surveillance.queries import PlaceDays
from throughline.evidence.surveillance.recurrence import (
    RAISED_FROM_DAYS,
    hopeless_after,
    largest_p_value,
    replicates_needed,
)
from throughline.evidence.surveillance.wording import hotspot_sentence, places_in_words
from throughline.indicators import Indicator
from throughline.members.places.models import Place
from throughline.science.scan import Cluster, prospective_scan

SCAN: dict[str, Any] = {"model": "permutation", "maximum_length": 28, "maximum_population_share": 0.5}
# A hotspot must not hide others: the scan is made anew without it, up to so many times.
ITERATIONS = 3
# Most nights are quiet, and are known to be after a few replicates: so it is asked often whether to stop.
REPLICATES_AT_ONCE = 50
# With less history than two windows, a feed's first busy weeks would look like a cluster.
SHORTEST_STUDY_DAYS = 56


@dataclass(frozen=True)
class Rarity:
    """How rare a cluster is. is_bound: chance never showed as much, so that it is at least as rare."""

    p_value: float
    interval_days: float
    is_bound: bool


def scan_settings(looks: int) -> dict[str, Any]:
    """How a look is made that has had `looks` - 1 nightly looks before it in its study."""
    return SCAN | {"iterations": ITERATIONS, "replicates": replicates_needed(looks), "looks": looks}


def too_little(counted: PlaceDays) -> str:
    """Why these places can't be scanned; empty if they can."""
    if len(counted.places) < 2:
        return _("A scan needs two places with coordinates, or more.")
    if counted.days < SHORTEST_STUDY_DAYS:
        return _("A scan needs %(least)d days of history; there are %(days)d.") % {
            "least": SHORTEST_STUDY_DAYS,
            "days": counted.days,
        }
    if counted.total < 2:
        return ngettext(
            "A scan needs two events, or more; there is %(count)d.",
            "A scan needs two events, or more; there are %(count)d.",
            counted.total,
        ) % {"count": counted.total}
    return ""


def find_hotspots(
    counted: PlaceDays, indicator: Indicator, places: dict[str, Place], *, looks: int
) -> list[Finding]:
    """Clusters that are alive on the last day and that chance rarely makes, the strongest first.

    counted: located places of one jurisdiction, not too little. looks: nightly looks at this study so far, this one
    included; the more there were, the likelier chance has shown as much in one of them.
    """
    settings = scan_settings(looks)
    members = [places[code] for code in counted.places]
    return [
        _finding(cluster, rarity, left, indicator=indicator, places=members, settings=settings)
        for cluster, left in _told_apart(_clusters(counted, members, settings), counted)
        if (rarity := _rarity(cluster, settings)).interval_days >= RAISED_FROM_DAYS
    ]


def _clusters(counted: PlaceDays, places: Sequence[Place], settings: dict[str, Any]) -> tuple[Cluster, ...]:
    looks, replicates = settings["looks"], settings["replicates"]
    place, day = np.nonzero(counted.counts)
    return prospective_scan(
        place=place,
        interval=day,
        count=counted.counts[place, day],
        intervals=counted.days,
        latitude=[one.latitude for one in places],
        longitude=[one.longitude for one in places],
        earlier_since=counted.days - looks if looks > 1 else None,
        seed=int(f"{counted.last_day:%Y%m%d}"),
        replicates=replicates,
        stop_after=hopeless_after(looks, replicates),
        replicates_per_task=REPLICATES_AT_ONCE,
        iterations=ITERATIONS,
        iteration_p=largest_p_value(looks),
        **SCAN,
    ).clusters


def _told_apart(clusters: Sequence[Cluster], counted: PlaceDays) -> Iterator[tuple[Cluster, PlaceDays]]:
    """Each cluster with the counts that it was found in: those without the stronger ones."""
    left = counted.counts.copy()
    for cluster in clusters:
        yield cluster, replace(counted, counts=left.copy())
        left[list(cluster.members), cluster.start : cluster.end + 1] = 0


def _rarity(cluster: Cluster, settings: dict[str, Any]) -> Rarity:
    p_value = cluster.p_value if cluster.p_value is not None else 1.0
    return Rarity(
        p_value=p_value,
        interval_days=cluster.recurrence_interval or 1.0,
        is_bound=p_value * (settings["replicates"] + 1) < 1.5,
    )


def _finding(
    cluster: Cluster,
    rarity: Rarity,
    counted: PlaceDays,
    *,
    indicator: Indicator,
    places: Sequence[Place],
    settings: dict[str, Any],
) -> Finding:
    found = [places[row] for row in cluster.members]
    begins_on = counted.first_day + timedelta(days=cluster.start)
    title = {
        "places": places_in_words(found),
        "events": _(indicator.many),
        "since": date_format(begins_on),
    }
    return Finding(
        kind="hotspot",
        title=_("%(places)s: unusually many %(events)s since %(since)s") % title,
        sentence=hotspot_sentence(
            indicator=indicator,
            observed=cluster.observed,
            places=found,
            since=begins_on,
            expected=cluster.expected,
            interval_days=rarity.interval_days,
            is_bound=rarity.is_bound,
        ),
        places=tuple(found),
        begins_on=begins_on,
        ends_on=counted.last_day,
        evidence=evidence_of(
            counted,
            indicator,
            method="prospective_scan",
            observed=cluster.observed,
            expected=cluster.expected,
        )
        | _figures_of(cluster, rarity)
        | _drawn(cluster, counted, found)
        | {"looks": settings["looks"], "settings": settings | {"study_days": counted.days}},
    )


def _figures_of(cluster: Cluster, rarity: Rarity) -> dict[str, Any]:
    return {
        "p_value": rarity.p_value,
        "recurrence_interval_days": rarity.interval_days,
        "is_bound": rarity.is_bound,
        "log_likelihood_ratio": cluster.log_likelihood_ratio,
        "radius_km": cluster.radius_km,
    }


def _drawn(cluster: Cluster, counted: PlaceDays, places: Sequence[Place]) -> dict[str, Any]:
    """The days of its places together, and each place in its window, beside what was expected."""
    counts = counted.counts[list(cluster.members)]
    expected = _expected(counted.counts)[list(cluster.members)]
    observed_each = counts[:, cluster.start :].sum(axis=1)
    expected_each = expected[:, cluster.start :].sum(axis=1)
    return {
        "series": series_shown(counted, counts.sum(axis=0))
        | {"expected": figures(expected.sum(axis=0)[-SHOWN_DAYS:])},
        "places": [
            place_line(place, int(observed), float(due))
            for place, observed, due in zip(places, observed_each, expected_each, strict=True)
        ],
    }


def _expected(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """If place and day had nothing to do with each other (Kulldorff et al. 2005, PLoS Med 2, e59)."""
    return np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
