"""Visits every purely spatial window that can hold the scan statistic's maximum: many data sets side by side.

Where time plays no part, most places have cases in every data set. So the data sets stand in the processor's vector
lanes: a place that enters a circle is one addition for all of them, and one comparison says whether any counts what
it needs to beat the best of its group.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from throughline.science.scan.layout import MOST, Best, Groups, Integers
from throughline.science.scan.statistic import LEVELS, TOLERANCE, level_of, likelihood_ratio

Floats = NDArray[np.float64]
Counts = NDArray[np.int16 | np.int32]


class Expected(NamedTuple):
    """What counts are compared with: cases expected by place, and the limits of `expected_limits`.

    `penalty` is what the statistic of this form of window is multiplied by.
    """

    by_place: Floats
    total: float
    population: float
    limits: Floats
    fewest: int
    sign: int
    penalty: float


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def visit_centre(
    order: Integers,
    circle: Integers,
    form: int,
    expected: Expected,
    counts: Counts,
    groups: Groups,
    best: Best,
) -> None:
    """Raise `best` where a circle around one centre has a larger statistic.

    order, circle: of its Circles. form: noted in best.where beside the circle. counts: (places, data sets), negated
    for deficits, the data sets in the order of `groups.members`, as narrow as their total allows.
    """
    # fields as locals: numba counts references each time one is taken out of a tuple
    by_place, limits, sign = expected.by_place, expected.limits, expected.sign
    members, starts, levels = groups.members, groups.start, groups.level
    reached = best.level
    for group in range(len(levels)):
        limit = limits[level_of(LEVELS[levels[group]] / expected.penalty), 0]
        first, end = np.uint64(starts[group]), np.uint64(starts[group + 1])
        inside = np.zeros(counts.shape[1], counts.dtype)
        within, reach = 0.0, 0
        for position in range(len(order)):
            place = np.uint64(order[position])
            within += by_place[place]
            if position + 1 < len(order) and circle[position + 1] == circle[position]:
                for lane in range(first, end):
                    inside[lane] += counts[place, lane]
                continue
            while limit[reach] <= within * (1 - sign * TOLERANCE):
                reach += 1
            needed = counts.dtype.type(reach if sign > 0 else 1 - reach if reach > 0 else MOST)
            if _enter(inside, counts, place, first, end, needed):
                for lane in range(first, end):
                    observed, data_set = sign * inside[lane], members[lane]
                    if (
                        inside[lane] >= needed
                        and sign * (limits[reached[data_set], 0, observed] - within) > 0
                    ):
                        _weigh(observed, within, circle[position], form, expected, best, data_set)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _enter(inside: Counts, counts: Counts, place: int, first: int, end: int, needed: int) -> bool:
    reaches = False
    for lane in range(first, end):
        inside[lane] += counts[place, lane]
        reaches |= bool(inside[lane] >= needed)
    return reaches


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _weigh(
    observed: int, within: float, circle: int, form: int, expected: Expected, best: Best, data_set: int
) -> None:
    if observed < expected.fewest or expected.sign * (observed - within) <= TOLERANCE * within:
        return
    ratio = likelihood_ratio(observed, within, expected.total, expected.population) * expected.penalty
    if ratio > best.statistic[data_set] * (1 + TOLERANCE):
        best.statistic[data_set], best.level[data_set] = ratio, level_of(ratio)
        best.where[data_set, 0], best.where[data_set, 1] = circle, form
