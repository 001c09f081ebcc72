"""What the methods of `science` find in counts, as a signal tells it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from throughline.evidence.surveillance.queries import PlaceDays
from throughline.indicators import Indicator
from throughline.members.places.models import Place

SHOWN_DAYS = 90


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


def evidence_of(
    counted: PlaceDays, indicator: Indicator, *, method: str, observed: int, expected: float
) -> dict[str, Any]:
    """What every finding holds, whatever found it."""
    return {
        "indicator": indicator.key,
        "method": method,
        "observed": observed,
        "expected": round(expected, 2),
        "feeds": list(counted.feeds),
        "refusals": list(counted.refusals),
        "minimum_cell": counted.minimum_cell,
    }


def series_shown(counted: PlaceDays, counts: Any) -> dict[str, list[Any]]:
    """The last days of a series of counts."""
    shown = min(SHOWN_DAYS, len(counts))
    days = [counted.last_day - timedelta(days=ago) for ago in reversed(range(shown))]
    return {
        "labels": [day.isoformat() for day in days],
        "observed": [int(count) for count in counts[-shown:]],
    }


def figures(values: Iterable[float]) -> list[float | None]:
    """JSON has no NaN: days without enough history have no figure."""
    return [None if np.isnan(value) else round(float(value), 2) for value in values]


def place_line(place: Place, observed: int, expected: float) -> dict[str, Any]:
    return {"code": place.code, "name": place.name, "observed": observed, "expected": round(expected, 2)}
