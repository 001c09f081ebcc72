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
    """The cases of many data sets, gathered by group and place: as a circle grows, they enter side by side.

    start: (groups, places + 1), where each place's cases begin. member: of each case, its data set's number within
    its group. age: of each case.
    """

    start: Indices
    member: Indices
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


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def gathered(place: Integers, age: Integers, data_set: Integers, groups: Groups, places: int) -> DataSets:
    """Cases of any order by group and place: one counting sort."""
    group, number = np.empty(len(groups.members), np.int64), np.empty(len(groups.members), np.uint32)
    for index in range(len(groups.level)):
        for position in range(groups.start[index], groups.start[index + 1]):
            group[groups.members[position]], number[groups.members[position]] = (
                index,
                position - groups.start[index],
            )
    start = np.zeros((len(groups.level), places + 1), np.uint32)
    following = np.zeros((len(groups.level), places), np.uint32)
    for case in range(len(place)):
        following[group[data_set[case]], place[case]] += 1
    so_far = 0
    for index in range(len(start)):
        for at in range(places):
            start[index, at] = so_far
            so_far += following[index, at]
            following[index, at] = start[index, at]
        start[index, places] = so_far
    member, ages = np.empty(len(place), np.uint32), np.empty(len(place), np.uint32)
    for case in range(len(place)):
        index = group[data_set[case]]
        slot = following[index, place[case]]
        member[slot], ages[slot] = number[data_set[case]], age[case]
        following[index, place[case]] = slot + 1
    return DataSets(start, member, ages)
