"""Visits every space-time cylinder that can hold the scan statistic's maximum, on all processors.

For one count, the likelihood ratio falls as the expected count rises. So a data set needs only the smallest
expected count met for each count: no logarithm is taken while cylinders are visited, and what the processors
find around their share of the centres is merged by the minimum, in any order, with the same result.

Only circles that end on a place with a case in the window are visited, and only windows that reach back to
one of its cases; every other cylinder holds the same cases as one that expects no more.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numba import config, njit
from numpy.typing import ArrayLike, NDArray

from throughline.science.distance import great_circle_km

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TIE_KM = 1e-7  # places of a lattice are equally far except for rounding; they enter a circle together


class SearchSpace(NamedTuple):
    """Which cylinders are visited, and what is expected in them.

    latitude, longitude: (places,), degrees. expected: (places, lengths), the count expected in the last
    1, 2, ... days. size: (places,), what a circle's size is measured by, up to `maximum_size`.
    """

    latitude: Floats
    longitude: Floats
    expected: Floats
    size: Floats
    maximum_size: float
    maximum_km: float


class WindowCases(NamedTuple):
    """Cases within the longest window, of one or more data sets laid end to end.

    place, age: one per case, age 0 being the last day. start: (data sets + 1,), where each data set begins.
    """

    place: Integers
    age: Integers
    start: Integers


class Circles(NamedTuple):
    """The circles around one centre, smallest first.

    entry: (places,), the circle at which a place enters, -1 for never. expected: (circles, lengths).
    """

    entry: Integers
    expected: Floats


class Cylinder(NamedTuple):
    """A circle around one centre by a number of last days."""

    log_likelihood_ratio: float
    observed: int
    expected: float
    circle: int
    days: int


def log_likelihood_ratio(observed: ArrayLike, expected: ArrayLike, total: int) -> Floats:
    """Kulldorff's statistic for an excess, conditional on the total; 0 where nothing is in excess."""
    inside, under = np.broadcast_arrays(np.asarray(observed, np.float64), np.asarray(expected, np.float64))
    excess = (inside > under) & (under > 0)
    inside, under = np.where(excess, inside, 1.0), np.where(excess, under, 1.0)
    ratio = inside * np.log(inside / under)
    outside = total - inside
    ratio += outside * np.log(np.where(outside > 0, outside, 1.0) / np.where(outside > 0, total - under, 1.0))
    return np.where(excess, ratio, 0.0)


def circles_around(centre: int, space: SearchSpace) -> Circles:
    """Grows the circle place by place; tied places enter together, and the limits hold for whole circles."""
    kilometres = great_circle_km(
        space.latitude[centre], space.longitude[centre], space.latitude, space.longitude
    )
    order = np.argsort(kilometres, kind="stable")
    reach = kilometres[order]
    complete = np.append(np.diff(reach) > TIE_KM, True)
    allowed = (np.cumsum(space.size[order]) <= space.maximum_size) & (reach <= space.maximum_km)
    ends = np.flatnonzero(complete & allowed)
    inside = order[: ends[-1] + 1] if len(ends) else order[:0]
    entry = np.full(len(order), -1)
    entry[inside] = np.searchsorted(ends, np.arange(len(inside)))
    return Circles(entry, np.cumsum(space.expected[inside], axis=0)[ends])


def best_cylinder(circles: Circles, cases: WindowCases, total: int, minimum_cases: int) -> Cylinder:
    """The most likely cylinder around a centre; at equal ratios the smaller circle, then the shorter window.

    cases: one data set, out of `total` cases in the study period. Without an excess the ratio is 0.
    """
    smallest = _no_excess(1, len(cases.place), minimum_cases)
    where = np.zeros(smallest.shape, np.int64)
    _visit(circles, cases, smallest, where)
    ratios = log_likelihood_ratio(np.arange(smallest.size), smallest[0], total)
    observed = int(ratios.argmax())
    circle, length = divmod(int(where[0, observed]), circles.expected.shape[1])
    return Cylinder(float(ratios[observed]), observed, float(smallest[0, observed]), circle, length + 1)


def largest_ratios(space: SearchSpace, cases: WindowCases, total: int, minimum_cases: int) -> Floats:
    """The largest log likelihood ratio of each data set, shape (data sets,)."""
    threads = config.NUMBA_NUM_THREADS
    shares = [range(first, len(space.size), threads) for first in range(threads)]
    # Threads, not numba's own pool: that one ends the process when two web requests scan at the same time.
    with ThreadPoolExecutor(threads) as pool:
        found = pool.map(lambda share: _smallest_expected(share, space, cases, minimum_cases), shares)
        smallest: Floats = np.minimum.reduce(list(found))
    ratios = log_likelihood_ratio(np.arange(smallest.shape[1]), smallest, total)
    return np.asarray(ratios.max(axis=1))


def _smallest_expected(centres: range, space: SearchSpace, cases: WindowCases, minimum_cases: int) -> Floats:
    """For each data set and count, the smallest expected count around any of the centres."""
    data_sets = np.diff(cases.start)
    smallest = _no_excess(len(data_sets), int(data_sets.max(initial=0)), minimum_cases)
    where = np.zeros(smallest.shape, np.int64)
    for centre in centres:
        _visit(circles_around(centre, space), cases, smallest, where)
    return smallest


def _no_excess(data_sets: int, largest_count: int, minimum_cases: int) -> Floats:
    """By count, the expected count that is no excess; below `minimum_cases` zero, which nothing beats."""
    counts = np.arange(largest_count + 1.0)
    return np.tile(np.where(counts < minimum_cases, 0.0, counts), (data_sets, 1))


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _visit(circles: Circles, cases: WindowCases, smallest: Floats, where: Integers) -> None:
    """Lower `smallest`, by data set and count, where a cylinder expects less; `where` remembers which did."""
    lengths = circles.expected.shape[1]
    newest = np.full(len(circles.expected), -1)
    following = np.empty(len(cases.place), np.int64)
    counts = np.empty(lengths, np.int64)
    for data_set in range(len(smallest)):
        _chain_by_circle(circles.entry, cases, data_set, newest, following)
        counts[:] = 0
        for circle in range(len(newest)):
            case = newest[circle]
            if case < 0:
                continue
            newest[circle] = -1
            shortest = lengths
            while case >= 0:
                shortest = min(shortest, cases.age[case])
                for length in range(cases.age[case], lengths):
                    counts[length] += 1
                case = following[case]
            for length in range(shortest, lengths):
                count, expected = counts[length], circles.expected[circle, length]
                if expected < smallest[data_set, count]:
                    smallest[data_set, count] = expected
                    where[data_set, count] = circle * lengths + length


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _chain_by_circle(
    entry: Integers, cases: WindowCases, data_set: int, newest: Integers, following: Integers
) -> None:
    """Link the cases that enter with a circle: `newest` is the last of each, `following` the one before."""
    for case in range(cases.start[data_set], cases.start[data_set + 1]):
        circle = entry[cases.place[case]]
        if circle >= 0:
            following[case] = newest[circle]
            newest[circle] = case
