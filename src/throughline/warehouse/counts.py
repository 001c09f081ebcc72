"""What the warehouse answers with: counts, never rows about people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class DailyCounts:
    """Events per place and local day.

    `counts` is (places, days), `unplaced` (days,): events whose place isn't known. `places` are those with at
    least one event, in order of their codes.
    """

    places: tuple[str, ...]
    first_day: date
    counts: Counts
    unplaced: Counts

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(self.first_day + timedelta(days=n) for n in range(self.counts.shape[1]))

    @property
    def total(self) -> int:
        return int(self.counts.sum() + self.unplaced.sum())

    def for_places(self, places: Sequence[str]) -> Counts:
        """(places, days) for the given places in the given order, with zeros where nothing happened."""
        rows = {place: row for row, place in enumerate(self.places)}
        found = [(position, rows[place]) for position, place in enumerate(places) if place in rows]
        counts = np.zeros((len(places), self.counts.shape[1]), dtype=np.int64)
        if found:
            positions, sources = map(list, zip(*found, strict=True))
            counts[positions] = self.counts[sources]
        return counts


@dataclass(frozen=True, slots=True)
class Timeliness:
    """How long events took to arrive: from `occurred_at` to the first receipt of each record.

    `by_day` counts events that arrived in the first 24 hours, in the second, and so on. An event that was
    received before it happened (clocks differ) counts as 0.
    """

    events: int
    median: timedelta | None
    percentile_90: timedelta | None
    by_day: Counts


def spread_counts(found: Mapping[str, Any], start: date, days: int) -> DailyCounts:
    """Spread rows of `place`, `day` (from 0) and `events` out; a missing place is masked."""
    unknown = np.ma.getmaskarray(found["place"])
    day, events = np.asarray(found["day"]), np.asarray(found["events"])
    places, rows = np.unique(np.asarray(found["place"][~unknown], dtype=str), return_inverse=True)
    counts = np.zeros((len(places), days), dtype=np.int64)
    counts[rows, day[~unknown]] = events[~unknown]
    unplaced = np.zeros(days, dtype=np.int64)
    unplaced[day[unknown]] = events[unknown]
    return DailyCounts(tuple(places.tolist()), start, counts, unplaced)
