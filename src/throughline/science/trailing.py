"""Mean and variance of the days before each day: the memory of every surveillance rule."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Moments = tuple[NDArray[np.float64], NDArray[np.float64]]


def trailing_moments(counts: NDArray[np.int64], *, days: int, guard: int, minimum_days: int) -> Moments:
    """Mean and sample variance of the `days` counts that end `guard` days before each day.

    counts: whole numbers, shape (..., days); both results have that shape. Where the series is younger than
    the window, the days there are count; with fewer than `minimum_days` (2 or more) the result is NaN.
    """
    mean, variance = _moments(np.atleast_2d(counts), days, guard, minimum_days)
    return mean.reshape(counts.shape), variance.reshape(counts.shape)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _moments(counts: NDArray[np.int64], days: int, guard: int, minimum_days: int) -> Moments:
    """Running sums stay whole numbers, so they never drift."""
    mean, variance = np.full(counts.shape, np.nan), np.full(counts.shape, np.nan)
    for series in range(counts.shape[0]):
        total, squares = 0, 0
        for day in range(guard + 1, counts.shape[1]):
            newest = day - guard - 1
            entering = counts[series, newest]
            total += entering
            squares += entering * entering
            if newest >= days:
                leaving = counts[series, newest - days]
                total -= leaving
                squares -= leaving * leaving
            held = min(newest + 1, days)
            if held >= minimum_days:
                mean[series, day] = total / held
                variance[series, day] = (held * squares - total * total) / (held * (held - 1))
    return mean, variance
