"""Visits every space-time window that can hold the scan statistic's maximum.

Time runs backwards here: age 0 is the last interval, and a window is `length` ages from its youngest on.

Only cases matter, not places: circles grow place by place, a case that enters changes the windows that hold its age,
and no others can have become likelier. What a window must count to beat the best so far is a concave function
of what is expected in it, since the statistic is a Kullback-Leibler divergence, convex in both. A straight line below
that function, one for each circle and band of lengths, turns the question into one about a sum: does any window
around this age hold more cases than the line asks for? The largest of all these sums is at most the largest of the
cumulated sum after the age less the smallest before it: two passes in the processor's vector lanes instead of
one test for each window. Only bands that pass are searched window by window, with exact expected counts.

A search for deficits is the same search with counts negated, made just before a case enters: then the circle is
the largest with so few.
"""

import numpy as np
from numba import njit

from throughline.science.scan.layout import (
    Best,
    Counts,
    DataSets,
    Expectation,
    Floats,
    Groups,
    Indices,
    Integers,
    Lines,
    Singles,
    Windows,
)
from throughline.science.scan.statistic import TOLERANCE, level_of, likelihood_ratio
from throughline.science.scan.thresholds import counts_needed, lines_below

STEPS = np.float32(256.0)  # of a case, in which sums are compared as whole numbers


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def visit_centre(
    order: Integers,
    circle: Integers,
    windows: Windows,
    expectation: Expectation,
    data: DataSets,
    groups: Groups,
    best: Best,
) -> None:
    """Raise `best` where a window around one centre has a larger statistic; `order` and `circle` of its Circles."""
    if len(order) == 0:
        return
    inside = _cumulate(order, circle, expectation.space)
    within = _cumulate(order, circle, expectation.bound)
    for group in range(len(groups.level)):
        level, members = groups.level[group], groups.members[groups.start[group] : groups.start[group + 1]]
        start = data.start[group]
        if len(windows.steps) > 0:
            needed = counts_needed(within, expectation, level)
            _visit_counting(order, circle, windows, expectation, data, start, members, inside, needed, best)
        else:
            lines = lines_below(within, expectation, level)
            _visit_summing(order, circle, windows, expectation, data, start, members, inside, lines, best)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _cumulate(order: Integers, circle: Integers, by_place: Floats) -> Floats:
    inside = np.zeros((circle[-1] + 1, by_place.shape[1]))
    so_far = np.zeros(by_place.shape[1])
    for position in range(len(order)):
        place, now = order[position], circle[position]
        for column in range(len(so_far)):
            so_far[column] += by_place[place, column]
            inside[now, column] = so_far[column]
    return inside


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _visit_counting(
    order: Integers,
    circle: Integers,
    windows: Windows,
    expectation: Expectation,
    data: DataSets,
    start: Indices,
    members: Integers,
    inside: Floats,
    needed: Counts,
    best: Best,
) -> None:
    """Let the cases enter, place by place, where all windows end together: `count` has those of each length."""
    # fields as locals: numba counts references each time one is taken out of a tuple
    member_of, ages, steps = data.member, data.age, windows.steps
    count = np.zeros((len(members), steps.shape[1]), np.int16)
    for position in range(len(order)):
        place, now = order[position], circle[position]
        for case in range(start[place], start[place + 1]):
            member, age = member_of[case], ages[case]
            if _enter(count, steps, needed, member, age, now):
                _weigh(count[member], int(age), now, windows, expectation, inside, best, members[member])


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _visit_summing(
    order: Integers,
    circle: Integers,
    windows: Windows,
    expectation: Expectation,
    data: DataSets,
    start: Indices,
    members: Integers,
    inside: Floats,
    lines: Lines,
    best: Best,
) -> None:
    """Let the cases enter, place by place, wherever windows lie: `tally` counts them up to each age."""
    member_of, ages = data.member, data.age
    base, slope, profile = lines.base, lines.slope, expectation.profile
    sign, bands, last_start = expectation.sign, windows.bands, windows.last_start
    tally = np.zeros((len(members), windows.ages + 1), np.float32)
    # what is counted for deficits are the cases of all circles but the one that grows
    entered = tally if sign > 0 else tally.copy()
    grown = np.zeros(len(members), np.int32)
    for position in range(len(order)):
        place, growing = order[position], circle[position]
        now = growing - (sign < 0)
        for case in range(start[place], start[place + 1]):
            member, age = member_of[case], int(ages[case])
            if sign < 0 and growing > grown[member]:
                tally[member], grown[member] = entered[member], growing
            promises = now >= 0 and _promises(
                tally, member, age, last_start, bands, profile, base, slope, now, sign
            )
            _add(entered, member, age + 1, sign)
            if promises:
                _weigh(tally[member], age, now, windows, expectation, inside, best, members[member])
    if sign < 0:
        for member in range(len(members)):
            for age in range(0, windows.ages, windows.shortest):
                if _promises(entered, member, age, last_start, bands, profile, base, slope, circle[-1], 0):
                    _weigh(
                        entered[member], age, circle[-1], windows, expectation, inside, best, members[member]
                    )


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _add(tally: Singles, member: int, first: int, one: int) -> None:
    row = np.uint64(member)
    for age in range(np.uint64(first), np.uint64(tally.shape[1])):
        tally[row, age] += np.float32(one)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _enter(count: Counts, steps: Counts, needed: Counts, member: int, age: int, now: int) -> bool:
    """Count a case, and whether any window from age 0 on may be likelier than the best so far."""
    row, case, circle, reaches = np.uint64(member), np.uint64(age), np.uint64(now), False
    for length in range(np.uint64(steps.shape[1])):
        count[row, length] += steps[case, length]
        reaches |= bool(count[row, length] >= needed[circle, length])
    return reaches


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _promises(
    tally: Singles,
    member: int,
    age: int,
    last_start: int,
    bands: Integers,
    profile: Singles,
    base: Singles,
    slope: Singles,
    now: int,
    sign: int,
) -> bool:
    """Whether any window around an age may be likelier than the best so far, once a case of that age counts."""
    entering = max(sign, 0)
    for band in range(base.shape[1]):
        reach, rise = bands[band + 1] - 1, slope[now, band]
        youngest, oldest = max(0, age - reach + 1), min(age + 1 + reach, tally.shape[1])
        highest = _highest(tally, member, profile, rise, STEPS, age + 1, oldest)
        lowest = -_highest(tally, member, profile, rise, -STEPS, youngest, min(age, last_start) + 1)
        if highest - lowest >= STEPS * (base[now, band] - entering) - 2:
            return True
    return False


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _highest(
    tally: Singles, member: int, profile: Singles, slope: float, scale: float, first: int, end: int
) -> int:
    """Scaled to whole numbers: the compiler takes the largest of these in vector lanes, not that of floats."""
    row, highest = np.uint64(member), np.int32(-(2**30))
    for age in range(np.uint64(first), np.uint64(end)):
        height = np.int32(scale * (tally[row, age] - slope * profile[age]))
        if height > highest:
            highest = height
    return int(highest)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _weigh(
    tally: Singles | Counts,
    age: int,
    now: int,
    windows: Windows,
    expectation: Expectation,
    inside: Floats,
    best: Best,
    data_set: int,
) -> None:
    """The exact statistic of the windows around an age whose count passes the limit of the best so far."""
    sign, time, limits, totals = expectation.sign, expectation.time, expectation.limits, expectation.totals
    bands, ages, last_start, level = windows.bands, windows.ages, windows.last_start, best.level[data_set]
    fewest, population, total = expectation.fewest, expectation.population, expectation.total
    for band in range(len(bands) - 1):
        column = band if limits.shape[1] > 1 else 0
        shortest = max(bands[band], windows.shortest)
        for length in range(shortest, min(bands[band + 1], windows.longest + 1)):
            for young in range(max(0, age - length + 1), min(age, last_start, ages - length) + 1):
                observed = int(sign * (tally[young + length] - tally[young]))
                if observed < fewest:
                    continue
                expected = 0.0
                for part in range(len(time)):
                    expected += inside[now, part] * (time[part, young + length] - time[part, young])
                if sign * (limits[level, column, observed] - expected) <= 0:
                    continue
                if sign * (observed - expected) <= TOLERANCE * expected:
                    continue
                if len(totals) > 0:
                    total = totals[young + length] - totals[young]
                ratio = likelihood_ratio(observed, expected, total, population)
                if ratio > best.statistic[data_set] * (1 + TOLERANCE):
                    _note(best, data_set, ratio, now, young, length)
                    level = best.level[data_set]


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _note(best: Best, data_set: int, ratio: float, now: int, young: int, length: int) -> None:
    best.statistic[data_set], best.level[data_set] = ratio, level_of(ratio)
    best.where[data_set, 0], best.where[data_set, 1], best.where[data_set, 2] = now, young, length
