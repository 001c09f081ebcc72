"""The scan statistic of one window, and which expected counts could still beat a level of it.

Both models condition on the total of cases. Poisson: c log(c/e) + (C-c) log((C-c)/(C-e)) with c of C cases
observed and e expected inside (Kulldorff 1997, Commun Stat Theory Methods 26, 1481). Bernoulli: the same, plus the
same for controls.

For one count the statistic falls as the expected count moves towards it. So each level of the statistic has, for
each count, one expected count that just reaches it: a table of these replaces the logarithms in the search.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# The maximum of a county's replicate lies between 3 and 15; above 60 a few wide steps do.
LEVELS = np.concatenate([np.arange(0.0, 16.0, 0.5), np.arange(16.0, 64.0, 4.0), [64.0, 128.0, 256.0, 512.0]])
TOLERANCE = 1e-9  # relative; a limit is moved out by so much, so that rounding never hides a window


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def likelihood_ratio(observed: float, expected: float, total: float, population: float) -> float:
    """Log likelihood ratio of `observed` of `total` cases where `expected` were; `population` 0 means Poisson.

    Under the Bernoulli model `population` counts cases and controls, and `expected` is the window's share of
    them times the total of cases.
    """
    ratio = _excess(observed, expected, total)
    if population > 0.0:
        persons = expected * population / total
        ratio += _excess(persons - observed, persons - expected, population - total)
    return float(ratio)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _excess(observed: float, expected: float, total: float) -> float:
    ratio = 0.0
    if observed > 0.0 and expected > 0.0:
        ratio += observed * np.log(observed / expected)
    if total - observed > 0.0 and total - expected > 0.0:
        ratio += (total - observed) * np.log((total - observed) / (total - expected))
    return ratio


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def expected_limits(levels: Floats, largest: int, totals: Floats, population: float, sign: int) -> Floats:
    """By level, total and count 0 ... `largest` + 1: the expected count that just reaches the level.

    `sign` 1: fewer expected is a larger excess. `sign` -1: more expected is a larger deficit. The last column is
    infinite and ends every search. A level that a count can't reach has the farthest expected count there is.
    The limits hold for larger totals too: the statistic of the same counts is smaller there.
    """
    limits = np.empty((len(levels), len(totals), largest + 2))
    for level in range(len(levels)):
        for row in range(len(totals)):
            limits[level, row, -1] = np.inf
            for count in range(largest + 1):
                total = max(float(count), totals[row])
                limits[level, row, count] = _just_reaches(
                    levels[level], float(count), total, population, sign
                )
    return limits


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _just_reaches(level: float, count: float, total: float, population: float, sign: int) -> float:
    """The root by false position with Illinois' weights, rounded to the side that hides no window."""
    inner, outer = count, _farthest(level, count, total, population, sign)
    above, below, side = likelihood_ratio(count, outer, total, population) - level, -level, 0
    if above <= 0.0 or outer == inner:
        return float(outer)
    for _ in range(200):
        if abs(inner - outer) <= TOLERANCE * inner or below == 0.0:
            break
        middle = (outer * below - inner * above) / (below - above)
        if not min(inner, outer) < middle < max(inner, outer):
            middle = (inner + outer) / 2
        value = likelihood_ratio(count, middle, total, population) - level
        if value > 0.0:
            outer, above = middle, value
            below = below / 2 if side == 1 else below
            side = 1
        else:
            inner, below = middle, value
            above = above / 2 if side == -1 else above
            side = -1
    return float(inner * (1 + sign * TOLERANCE))


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _farthest(level: float, count: float, total: float, population: float, sign: int) -> float:
    """An expected count that certainly reaches the level, if any does."""
    if sign > 0 and count == 0.0:
        return 0.0
    if population > 0.0:  # nobody but cases inside, or no control outside
        persons = count if sign > 0 else count + population - total
        return persons * total / population
    # with e = c exp(-1 - level/c) the statistic is at least c log(c/e) - (c - e) = level + e
    return float(count * np.exp(-1.0 - level / count)) if sign > 0 else total * (1 - 1e-15)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def level_of(statistic: float) -> int:
    """The last of LEVELS that a statistic reaches."""
    return int(np.searchsorted(LEVELS, statistic, side="right")) - 1
