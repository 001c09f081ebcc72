"""Finds days and places that are missing from counts that otherwise keep coming."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

CHANCE = 1e-4  # that a look finds any gap where nothing is missing
FEWEST_DAYS = 28  # of history, below which nothing is said


def missing_days(totals: ArrayLike, *, looked_at: int = 7) -> NDArray[np.int64]:
    """Which of the last `looked_at` days have no event though, by the days before them, chance rarely gives none.

    totals: events per day, shape (days,); the result holds indices into it. A weekday that had none before is quiet
    by habit and not missing.
    """
    counts = np.asarray(totals, dtype=np.int64)
    history = counts[:-looked_at]
    if len(history) < FEWEST_DAYS or chance_of_none(history, 1) * looked_at > CHANCE:
        return np.zeros(0, dtype=np.int64)
    empty = np.flatnonzero(counts == 0)
    quiet = set((empty[empty < len(history)] % 7).tolist())
    return np.array([day for day in empty if day >= len(history) and day % 7 not in quiet], dtype=np.int64)


def missing_places(counts: ArrayLike, *, looked_at: int = 14) -> NDArray[np.int64]:
    """Rows without an event in the last `looked_at` days though, by the days before, chance rarely gives none.

    counts: shape (places, days). The chance is shared among all places (Bonferroni).
    """
    table = np.asarray(counts, dtype=np.int64)
    if table.shape[1] - looked_at < FEWEST_DAYS:
        return np.zeros(0, dtype=np.int64)
    silent = np.flatnonzero(table[:, -looked_at:].sum(axis=1) == 0)
    limit = CHANCE / len(table) if len(table) else 0.0
    rare = [row for row in silent if chance_of_none(table[row, :-looked_at], looked_at) <= limit]
    return np.array(rare, dtype=np.int64)


def chance_of_none(daily: ArrayLike, days: int) -> float:
    """How likely `days` days without an event are, after days with these counts.

    Negative binomial with the moments of the daily counts, Poisson where they vary no more than that.
    """
    counts = np.asarray(daily, dtype=np.float64)
    mean, variance = float(counts.mean()), float(counts.var(ddof=1))
    if variance <= mean:
        return math.exp(-mean * days)
    return math.exp(-days * mean**2 / (variance - mean) * math.log(variance / mean))
