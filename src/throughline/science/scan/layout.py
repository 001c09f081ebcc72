"""How windows, expectations and data sets are laid out for the kernel, which is compiled and reads plain arrays."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int32]
Counts = NDArray[np.int16]
Indices = NDArray[np.uint32]
Bits = NDArray[np.uint64]

ONE, THIRTY_TWO = np.uint64(1), np.uint64(32)
MOST = 2**15 - 1  # no narrow count gets there


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
    (places listed + 1,), where each of these begins in `age`, which has one value per case. arrival: of each place
    listed, its slot, the age of its first case, and whether there are more, in one number.
    """

    slots: Indices
    place: Indices
    first: Indices
    age: Indices
    arrival: Bits


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
    zero between uses. arrivals: of each position, `arrival` of the data set: read in its own order, they are at hand
    when the order of distance asks for them. position: those with cases, nearest first.
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
    arrival = np.empty(slot, np.uint64)
    for index in range(slot):
        more = np.uint64(first[index + 1] - first[index] > 1)
        arrival[index] = np.uint64(index) << THIRTY_TWO | np.uint64(gathered[first[index]]) << ONE | more
    return DataSets(slots, listed[:slot].copy(), first[: slot + 1].copy(), gathered, arrival)
