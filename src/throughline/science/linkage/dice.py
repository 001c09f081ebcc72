"""Finds encodings of one person in two lists by how many of their bits agree."""

import numpy as np
from numpy.typing import NDArray

from throughline.science.linkage.encoding import Encodings

MOST_PAIRS_OF_A_KEY = 250_000
"""A key that gives more, such as a birthday that stands for an unknown one, tells nobody apart and isn't used."""
AT_ONCE = 1 << 17
"""Pairs whose bits are in memory together."""
Rows = NDArray[np.int64]
Pair = tuple[int, int, float]


def link_encodings(a: Encodings, b: Encodings, *, least: float) -> list[Pair]:
    """Pairs of rows whose Dice coefficient is at least this, among those that share a key of blocking."""
    rows, others = candidates(a, b)
    parts = range(0, len(rows), AT_ONCE)
    similarity = np.concatenate(
        [similarities(a.bits[rows[i : i + AT_ONCE]], b.bits[others[i : i + AT_ONCE]]) for i in parts]
        or [np.empty(0)]
    )
    found = similarity >= least
    return list(zip(rows[found].tolist(), others[found].tolist(), similarity[found].tolist(), strict=True))


def similarities(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Dice (1945) of rows of bits: twice the bits in both, over those in either one and those in the other."""
    both, one, other = (np.bitwise_count(bits).sum(axis=1, dtype=np.int64) for bits in (a & b, a, b))
    return np.asarray(2 * both / np.maximum(one + other, 1))


def candidates(a: Encodings, b: Encodings) -> tuple[Rows, Rows]:
    """Pairs of rows that share a key, each once, in order."""
    size = len(b.keys)
    pairs = [_sharing(one, other) for one, other in zip(a.keys.T, b.keys.T, strict=True)]
    numbers = np.unique(np.concatenate([rows * size + others for rows, others in pairs]))
    return np.divmod(numbers, max(size, 1))


def _sharing(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> tuple[Rows, Rows]:
    """Pairs of rows with the same value, found by sorting."""
    values, number, mine = np.unique(a, return_inverse=True, return_counts=True)
    order = np.argsort(b, kind="stable")
    first, end = np.searchsorted(b, values, "left", order), np.searchsorted(b, values, "right", order)
    usable = (values != 0) & ((end - first) * mine <= MOST_PAIRS_OF_A_KEY)
    met = np.where(usable, end - first, 0)[number]
    rows = np.repeat(np.arange(len(a)), met)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(met) - met, met)
    return rows, order[np.repeat(first[number], met) + within]
