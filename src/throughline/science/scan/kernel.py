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
    ONE,
    THIRTY_TWO,
    Best,
    Bits,
    Counts,
    DataSets,
    Entering,
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
FIFTY_EIGHT, AGE = np.uint64(58), np.uint64(2**32 - 1)
SIX, SIXTY_THREE = np.uint32(6), np.uint32(63)
DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)  # its 64 windows of six bits all differ
LOWEST_BIT = np.zeros(64, np.int64)
LOWEST_BIT[[((1 << bit) * 0x03F79D71B4CB0A89 % 2**64) >> 58 for bit in range(64)]] = np.arange(64)


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
    entering = _entering(order, len(expectation.space))
    for group in range(len(groups.level)):
        level, members = groups.level[group], groups.members[groups.start[group] : groups.start[group + 1]]
        if len(windows.steps) > 0:
            needed = counts_needed(within, expectation, level)
            _visit_counting(circle, windows, expectation, data, members, inside, needed, best, entering)
        else:
            lines = lines_below(within, expectation, level)
            _visit_summing(circle, windows, expectation, data, members, inside, lines, best, entering)


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
def _entering(order: Integers, places: int) -> Entering:
    rank = np.full(places, places, np.uint32)
    for position in range(len(order)):
        rank[order[position]] = position
    beyond = len(order)
    for place in range(places):
        if rank[place] == places:
            rank[place] = beyond
            beyond += 1
    return Entering(rank, np.zeros(places // 64 + 1, np.uint64), np.zeros(places, np.uint64), rank.copy())


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _line_up(
    places: Indices,
    arrival: Bits,
    slots: tuple[int, int],
    rank: Indices,
    bits: Bits,
    arrivals: Bits,
    position: Indices,
    reachable: int,
) -> int:
    """Put a data set's places in the order of their distance; how many there are within reach."""
    for slot in range(slots[0], slots[1]):
        at = rank[places[slot]]
        arrivals[at] = arrival[slot]
        bits[at >> SIX] |= ONE << np.uint64(at & SIXTY_THREE)
    count, last_word = 0, reachable // 64
    bits[last_word] &= (ONE << np.uint64(reachable % 64)) - ONE
    for word in range(last_word + 1):
        left = bits[word]
        while left:
            position[count] = word * 64 + LOWEST_BIT[((left & (~left + ONE)) * DE_BRUIJN) >> FIFTY_EIGHT]
            left &= left - ONE
            count += 1
    for word in range(len(bits)):
        bits[word] = 0
    return count


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _visit_counting(
    circle: Integers,
    windows: Windows,
    expectation: Expectation,
    data: DataSets,
    members: Integers,
    inside: Floats,
    needed: Counts,
    best: Best,
    entering: Entering,
) -> None:
    """Let the cases of data sets enter, where all windows end together: `count` has those of each length."""
    # fields as locals: numba counts references each time one is taken out of a tuple
    rank, bits, arrivals, positions = entering.rank, entering.bits, entering.arrivals, entering.position
    starts, places, firsts, ages, arrival_of = data.slots, data.place, data.first, data.age, data.arrival
    steps = windows.steps
    count = np.zeros(steps.shape[1], np.int16)
    for data_set in members:
        count[:] = 0
        slots = starts[data_set], starts[data_set + 1]
        within_reach = _line_up(places, arrival_of, slots, rank, bits, arrivals, positions, len(circle))
        for index in range(within_reach):
            arrival, now = arrivals[positions[index]], circle[positions[index]]
            age = (arrival & AGE) >> ONE
            if _enter(count, steps, needed, age, now):
                _weigh(count, int(age), now, windows, expectation, inside, best, data_set)
            if arrival & ONE:
                slot = arrival >> THIRTY_TWO
                for case in range(firsts[slot] + ONE, firsts[slot + ONE]):
                    if _enter(count, steps, needed, ages[case], now):
                        _weigh(count, int(ages[case]), now, windows, expectation, inside, best, data_set)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _visit_summing(
    circle: Integers,
    windows: Windows,
    expectation: Expectation,
    data: DataSets,
    members: Integers,
    inside: Floats,
    lines: Lines,
    best: Best,
    entering: Entering,
) -> None:
    """Let the cases of data sets enter, wherever windows lie: `tally` counts them up to each age."""
    rank, bits, arrivals, positions = entering.rank, entering.bits, entering.arrivals, entering.position
    starts, places, firsts, ages, arrival_of = data.slots, data.place, data.first, data.age, data.arrival
    base, slope, profile = lines.base, lines.slope, expectation.profile
    sign, bands, last_start = expectation.sign, windows.bands, windows.last_start
    tally = np.zeros(windows.ages + 1, np.float32)
    # what is counted for deficits are the cases of all circles but the one that grows
    entered = tally if sign > 0 else tally.copy()
    for data_set in members:
        tally[:], entered[:], grown = 0, 0, 0
        slots = starts[data_set], starts[data_set + 1]
        within_reach = _line_up(places, arrival_of, slots, rank, bits, arrivals, positions, len(circle))
        for index in range(within_reach):
            slot, now = arrivals[positions[index]] >> THIRTY_TWO, int(circle[positions[index]])
            if sign < 0 and now > grown:
                tally[:], grown = entered, now
            now -= sign < 0
            for case in range(firsts[slot], firsts[slot + ONE]):
                age = int(ages[case])
                promises = now >= 0 and _promises(
                    tally, age, last_start, bands, profile, base, slope, now, sign
                )
                _add(entered, age + 1, sign)
                if promises:
                    _weigh(tally, age, now, windows, expectation, inside, best, data_set)
        if sign < 0:
            tally[:] = entered
            for age in range(0, windows.ages, windows.shortest):
                if _promises(tally, age, last_start, bands, profile, base, slope, circle[-1], 0):
                    _weigh(tally, age, circle[-1], windows, expectation, inside, best, data_set)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _add(tally: Singles, first: int, one: int) -> None:
    for age in range(np.uint64(first), np.uint64(len(tally))):
        tally[age] += np.float32(one)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _enter(count: Counts, steps: Counts, needed: Counts, age: int, now: int) -> bool:
    """Count a case, and whether any window from age 0 on may be likelier than the best so far."""
    case, row, reaches = np.uint64(age), np.uint64(now), False
    for length in range(np.uint64(steps.shape[1])):
        count[length] += steps[case, length]
        reaches |= bool(count[length] >= needed[row, length])
    return reaches


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _promises(
    tally: Singles,
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
        reach = bands[band + 1] - 1
        first, last = max(0, age - reach + 1), min(age, last_start)
        highest = _highest(
            tally, profile, slope[now, band], np.uint64(age + 1), np.uint64(min(age + 1 + reach, len(tally)))
        )
        lowest = _lowest(tally, profile, slope[now, band], np.uint64(first), np.uint64(last + 1))
        if highest - lowest >= STEPS * (base[now, band] - entering) - 2:
            return True
    return False


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _highest(tally: Singles, profile: Singles, slope: float, first: int, end: int) -> int:
    """In STEPS of a case: the compiler takes the largest of whole numbers in vector lanes, not that of floats."""
    highest = np.int32(-(2**30))
    for age in range(first, end):
        height = np.int32(STEPS * (tally[age] - slope * profile[age]))
        if height > highest:
            highest = height
    return int(highest)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _lowest(tally: Singles, profile: Singles, slope: float, first: int, end: int) -> int:
    lowest = np.int32(2**30)
    for age in range(first, end):
        height = np.int32(STEPS * (tally[age] - slope * profile[age]))
        if height < lowest:
            lowest = height
    return int(lowest)


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
    sign, time, limits = expectation.sign, expectation.time, expectation.limits
    for band in range(len(windows.bands) - 1):
        limit = limits[best.level[data_set], band if limits.shape[1] > 1 else 0]
        lengths = (
            max(windows.bands[band], windows.shortest),
            min(windows.bands[band + 1], windows.longest + 1),
        )
        for length in range(lengths[0], lengths[1]):
            oldest = min(age, windows.last_start, windows.ages - length)
            for young in range(max(0, age - length + 1), oldest + 1):
                observed = int(sign * (tally[young + length] - tally[young]))
                if observed < expectation.fewest:
                    continue
                expected, total = 0.0, expectation.total
                for part in range(len(time)):
                    expected += inside[now, part] * (time[part, young + length] - time[part, young])
                if sign * (limit[observed] - expected) <= 0:
                    continue
                if sign * (observed - expected) <= TOLERANCE * expected:
                    continue
                if len(expectation.totals) > 0:
                    total = expectation.totals[young + length] - expectation.totals[young]
                ratio = likelihood_ratio(observed, expected, total, expectation.population)
                if ratio > best.statistic[data_set] * (1 + TOLERANCE):
                    _note(best, data_set, ratio, now, young, length)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _note(best: Best, data_set: int, ratio: float, now: int, young: int, length: int) -> None:
    best.statistic[data_set], best.level[data_set] = ratio, level_of(ratio)
    best.where[data_set, 0], best.where[data_set, 1], best.where[data_set, 2] = now, young, length
