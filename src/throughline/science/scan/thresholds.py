"""What a window must count to exceed a level of the statistic, by circle and length, before any window is looked at.

The count that just reaches a level is a concave function of what is expected: a Kullback-Leibler divergence is convex
in both, so the counts that stay below a level form a convex set. A chord lies below a concave function.
"""

import numpy as np
from numba import njit

from throughline.science.scan.layout import MOST, Counts, Expectation, Floats, Lines
from throughline.science.scan.statistic import TOLERANCE

SLACK = 1e-2  # cases; more than single precision loses in a cumulated count, so that no window is hidden


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def lines_below(within: Floats, expectation: Expectation, level: int) -> Lines:
    """Chords of the count that just reaches the level, over what may be expected in a band's windows."""
    sign, limits = expectation.sign, expectation.limits
    base, slope = np.empty(within.shape, np.float32), np.zeros(within.shape, np.float32)
    for band in range(within.shape[1]):
        limit = limits[level, band if limits.shape[1] > 1 else 0]
        kink = int(expectation.smallest[band if limits.shape[1] > 1 else 0])
        near, far = 1, 1
        shortest, longest = expectation.extremes[band]
        if shortest < 0:
            base[:, band] = np.inf
            continue
        for circle in range(len(within)):
            bound = within[circle, band]
            least, most = bound * shortest * (1 - TOLERANCE), bound * longest * (1 + TOLERANCE)
            if sign < 0:
                least = max(least, limit[0])
            near, far = _reach(limit, near, least), _reach(limit, far, most)
            at_least, at_most = _between(limit, near, least), _between(limit, far, most)
            rise = 0.0
            if most > least * (1 + 1e-6):
                rise = (at_most - at_least) / (most - least)
                if near <= kink < far and sign > 0:
                    rise = min(rise, (kink - at_least) / (limit[kink] - least))
                elif near <= kink < far:
                    at_least, rise = least, 1.0
            elif sign > 0:
                at_least = max(at_least, near - 0.5)  # one value is expected: only whole counts reach it
            if sign < 0 and most < limit[0]:
                base[circle, band] = np.inf
                continue
            room = SLACK + 1e-6 * max(at_most, rise * bound)
            base[circle, band] = sign * (at_least - rise * least) - room
            slope[circle, band] = sign * rise * bound
    return Lines(base, slope)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def counts_needed(within: Floats, expectation: Expectation, level: int) -> Counts:
    """By circle and length, the count that exceeds the level, where each length has one window."""
    limits, extremes = expectation.limits[level], expectation.extremes
    needed = np.full(within.shape, MOST, np.int16)
    count = np.ones(within.shape[1], np.int64)
    for circle in range(len(within)):
        for length in range(within.shape[1]):
            if extremes[length, 0] >= 0:
                limit = limits[length if len(limits) > 1 else 0]
                expected = within[circle, length] * extremes[length, 0] * (1 - TOLERANCE)
                count[length] = _reach(limit, count[length], expected)
                needed[circle, length] = count[length]
    return needed


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _reach(limit: Floats, count: int, expected: float) -> int:
    """The first count, from `count` on, whose limit lies above what is expected."""
    while limit[count] <= expected:
        count += 1
    return count


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _between(limit: Floats, count: int, expected: float) -> float:
    """The count, between whole ones, whose limit is what is expected."""
    below, above = limit[count - 1], limit[count]
    return (
        float(count - 1 + max(0.0, expected - below) / (above - below))
        if above < np.inf
        else float(count - 1)
    )
