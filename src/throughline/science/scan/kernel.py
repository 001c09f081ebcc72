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

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from throughline.science.scan.statistic import TOLERANCE, level_of, likelihood_ratio

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int32]
Counts = NDArray[np.int16]
Indices = NDArray[np.uint32]
Bits = NDArray[np.uint64]

SLACK = 1e-2  # cases; more than single precision loses in a cumulated count, so that no window is hidden
STEPS = np.float32(256.0)
MOST = 2**15 - 1
ONE, THIRTY_TWO, FIFTY_EIGHT, AGE = np.uint64(1), np.uint64(32), np.uint64(58), np.uint64(2**32 - 1)
SIX, SIXTY_THREE = np.uint32(6), np.uint32(63)
DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)  # its 64 windows of six bits all differ
LOWEST_BIT = np.zeros(64, np.int64)
LOWEST_BIT[[((1 << bit) * 0x03F79D71B4CB0A89 % 2**64) >> 58 for bit in range(64)]] = np.arange(64)


class Windows(NamedTuple):
    """Which windows are visited: `shortest` to `longest` ages of `ages`, the youngest age up to `last_start`.

    bands: (bands + 1,), lengths in ascending order; band b has the lengths bands[b] ... bands[b + 1] - 1.
    steps: (ages, bands) where each length is a band, every window begins at age 0, and counts stay under MOST: what a
    case of each age adds to the count of each length. Else empty.
    """

    ages: int
    shortest: int
    longest: int
    last_start: int
    bands: Integers
    steps: Counts


class Expectation(NamedTuple):
    """What the counts are compared with.

    space: (places, parts) and time: (parts, ages + 1), cumulated over age; their product is expected.
    profile: (ages + 1,), the shape of time for all places, cumulated. bound: (places, bands), times the profile of
    a window of the band it is the least (for deficits, the most) that may be expected there.
    extremes: (bands, 2), the profile's smallest and largest window of each band; negative if it has none.
    totals: (ages + 1,), cases of all places by age, cumulated, where the statistic conditions on the window's own
    total; empty where it conditions on `total`. population: of the Bernoulli model, else 0.
    limits: see `expected_limits`; its second axis is the band, or 1 where all have one total. smallest: these totals;
    windows of larger ones share their limits, which have a kink there.
    fewest: cases in a window. sign: 1 for excess, -1 for deficits.
    """

    space: Floats
    time: Floats
    profile: Singles
    bound: Floats
    extremes: Floats
    totals: Floats
    total: float
    population: float
    limits: Floats
    smallest: Floats
    fewest: int
    sign: int


class DataSets(NamedTuple):
    """Cases of one or more data sets, gathered by place.

    slots: (data sets + 1,), where each data set's places begin in `place`, which lists places with a case. first:
    (places listed + 1,), where each of these begins in `age`, which has one value per case.
    """

    slots: Indices
    place: Indices
    first: Indices
    age: Indices


class Best(NamedTuple):
    """The largest statistic so far, by data set, the last of LEVELS that it reaches, and where it is.

    where: (data sets, 3): circle, youngest age, length.
    """

    statistic: Floats
    level: Integers
    where: Integers


class Groups(NamedTuple):
    """Data sets of a like best, which share one table: their numbers, group by group, and each group's level."""

    members: Integers
    start: Integers
    level: Integers


class Lines(NamedTuple):
    """By circle and band: count times sign must reach `base` + `slope` times the window's profile."""

    base: Singles
    slope: Singles


class Entering(NamedTuple):
    """Scratch that puts a data set's places in the order of their distance.

    rank: (places,), position of each in that order, those out of reach after all others. bits: one per position,
    zero between uses. arrivals: of each position, the slot of its cases, the age of the first, and whether there are
    more, in one number: read in the data set's own order, they are at hand when the order of distance asks for
    them. position: those with cases, nearest first.
    """

    rank: Indices
    bits: Bits
    arrivals: Bits
    position: Indices


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def gather_by_place(place: Integers, age: Integers, start: Integers, places: int) -> DataSets:
    """Data set s has the cases start[s] ... start[s + 1] - 1."""
    slots, listed = np.zeros(len(start), np.uint32), np.empty(len(age), np.uint32)
    first, gathered = np.zeros(len(age) + 1, np.uint32), np.empty(len(age), np.uint32)
    slot, count, following = 0, np.zeros(places, np.uint32), np.zeros(places, np.uint32)
    for data_set in range(len(start) - 1):
        for case in range(start[data_set], start[data_set + 1]):
            if count[place[case]] == 0:
                listed[slot] = place[case]
                slot += 1
            count[place[case]] += 1
        for index in range(slots[data_set], slot):
            following[listed[index]] = first[index]
            first[index + 1] = first[index] + count[listed[index]]
            count[listed[index]] = 0
        for case in range(start[data_set], start[data_set + 1]):
            gathered[following[place[case]]] = age[case]
            following[place[case]] += 1
        slots[data_set + 1] = slot
    return DataSets(slots, listed[:slot].copy(), first[: slot + 1].copy(), gathered)


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
            needed = _needed(within, expectation, level)
            _visit_counting(circle, windows, expectation, data, members, inside, needed, best, entering)
        else:
            lines = _lines(within, expectation, level)
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
def _lines(within: Floats, expectation: Expectation, level: int) -> Lines:
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
def _needed(within: Floats, expectation: Expectation, level: int) -> Counts:
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


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _line_up(
    places: Indices,
    firsts: Indices,
    ages: Indices,
    slots: tuple[int, int],
    rank: Indices,
    bits: Bits,
    arrivals: Bits,
    position: Indices,
    reachable: int,
) -> int:
    """Put a data set's places in the order of their distance; how many there are within reach."""
    for slot in range(slots[0], slots[1]):
        at, first, last = rank[places[slot]], firsts[slot], firsts[slot + 1] - 1
        arrivals[at] = np.uint64(slot) << THIRTY_TWO | np.uint64(ages[first]) << ONE | np.uint64(first < last)
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
    starts, places, firsts, ages, steps = data.slots, data.place, data.first, data.age, windows.steps
    count = np.zeros(steps.shape[1], np.int16)
    for data_set in members:
        count[:] = 0
        slots = starts[data_set], starts[data_set + 1]
        within_reach = _line_up(places, firsts, ages, slots, rank, bits, arrivals, positions, len(circle))
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
    starts, places, firsts, ages = data.slots, data.place, data.first, data.age
    base, slope, profile = lines.base, lines.slope, expectation.profile
    sign, bands, last_start = expectation.sign, windows.bands, windows.last_start
    tally = np.zeros(windows.ages + 1, np.float32)
    # what is counted for deficits are the cases of all circles but the one that grows
    entered = tally if sign > 0 else tally.copy()
    for data_set in members:
        tally[:], entered[:], grown = 0, 0, 0
        slots = starts[data_set], starts[data_set + 1]
        within_reach = _line_up(places, firsts, ages, slots, rank, bits, arrivals, positions, len(circle))
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
