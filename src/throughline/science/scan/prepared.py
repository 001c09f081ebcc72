"""Data sets and what is expected, laid out as the kernels read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from throughline.science.scan import circles, kernel
from throughline.science.scan.chance import Cases
from throughline.science.scan.exposure import Exposure
from throughline.science.scan.geography import CIRCLE, Circles, Geography, Window, circles_around
from throughline.science.scan.layout import (
    MOST,
    Best,
    DataSets,
    Expectation,
    Groups,
    Windows,
    gathered,
)
from throughline.science.scan.statistic import LEVELS, expected_limits

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

VECTOR = 16  # single-precision lanes of the widest vector
KEPT = 8_000_000  # places in circles that are kept at most: about 130 MB


@dataclass(frozen=True)
class Space:
    """Centres, and circles (and ellipses after them) that hold up to `largest` of the size of all places."""

    geography: Geography
    forms: tuple[Window, ...]
    size: Floats
    largest: float
    farthest: float

    @property
    def centres(self) -> int:
        return len(self.geography.centres)

    @property
    def places(self) -> int:
        return len(self.geography.places)

    @property
    def is_one_place(self) -> bool:
        return self.places == 1

    def around(self, centre: int, form: Window = CIRCLE) -> Circles:
        """The circles around a centre; they are kept, since every search of a scan asks for them."""
        if (kept := self._kept.get((centre, form))) is not None:
            return kept
        around = self._around(centre, form)
        self._room[0] -= len(around.order)
        if self._room[0] >= 0:
            self._kept[centre, form] = around
        return around

    @cached_property
    def _kept(self) -> dict[tuple[int, Window], Circles]:
        return {}

    @cached_property
    def _room(self) -> list[int]:
        return [KEPT]

    def __getstate__(self) -> dict[str, Any]:
        """What is kept stays here when a search is sent elsewhere."""
        return {name: value for name, value in self.__dict__.items() if name not in ("_kept", "_room")}

    def _around(self, centre: int, form: Window) -> Circles:
        return circles_around(
            self.geography.distances(centre, form),
            self.size,
            largest=self.largest,
            farthest=self.farthest,
            tie=self.geography.tie,
        )


@dataclass(frozen=True)
class Span:
    """Windows of `shortest` to `longest` intervals, the youngest interval no older than `last_start`."""

    shortest: int
    longest: int
    last_start: int
    intervals: int

    @property
    def ages(self) -> int:
        """How far back a window may reach."""
        return min(self.intervals, self.last_start + self.longest)

    def bands(self) -> NDArray[np.int32]:
        """Lengths one by one where all windows end together, else in bands that double."""
        if self.last_start == 0:
            return np.arange(-(-(self.longest + 1) // VECTOR) * VECTOR + 1, dtype=np.int32)
        doubled = self.shortest * 2 ** np.arange(self.longest.bit_length())
        return np.append(doubled[doubled <= self.longest], self.longest + 1).astype(np.int32)


@dataclass(frozen=True)
class Null:
    """What is expected without a cluster, and which windows count.

    expected: cases by place and age, summing to `total`. by_age: cases of each age where the statistic conditions on
    the total within a window's own intervals, else empty. population: cases and controls of the Bernoulli model,
    else 0. fewest: cases in a window, by sign: 1 for excess, -1 for deficits. compares_outside: the risk inside is
    told relative to that outside, not to what is expected.
    """

    expected: Exposure
    total: int
    population: float
    by_age: Indices
    fewest: dict[int, int]
    compares_outside: bool


class Arranged(Protocol):
    """Data sets in their groups, ready to be visited from one centre after the other."""

    def visit(self, space: Space, centre: int, best: Best) -> None: ...


class Prepared(Protocol):
    """Data sets and what is expected; `sign` is 1 where windows with more cases than that are looked for, else -1."""

    @property
    def sign(self) -> int: ...

    def arranged(self, groups: Groups) -> Arranged: ...


@dataclass(frozen=True)
class InSpace:
    """Counts by place and data set, negated for deficits."""

    expected: circles.Expected
    counts: circles.Counts
    sign: int

    def arranged(self, groups: Groups) -> "ArrangedInSpace":
        counts: circles.Counts = np.ascontiguousarray(self.counts[:, groups.members])
        return ArrangedInSpace(self.expected, counts, groups)


@dataclass(frozen=True)
class ArrangedInSpace:
    """Counts by place and data set, in the order of the groups' members."""

    expected: circles.Expected
    counts: circles.Counts
    groups: Groups

    def visit(self, space: Space, centre: int, best: Best) -> None:
        for number, form in enumerate(space.forms):
            around = space.around(centre, form)
            expected = self.expected._replace(penalty=form.penalty)
            circles.visit_centre(
                around.order, around.circle, number, expected, self.counts, self.groups, best
            )


@dataclass(frozen=True)
class InTime:
    """Cases by place, age and number of their data set."""

    windows: Windows
    expectation: Expectation
    place: NDArray[np.int32]
    age: NDArray[np.int32]
    data_set: NDArray[np.int32]
    sign: int

    def arranged(self, groups: Groups) -> "ArrangedInTime":
        places = len(self.expectation.space)
        data = gathered(self.place, self.age, self.data_set, groups, places)
        return ArrangedInTime(self.windows, self.expectation, data, groups)


@dataclass(frozen=True)
class ArrangedInTime:
    """Cases by group and place."""

    windows: Windows
    expectation: Expectation
    data: DataSets
    groups: Groups

    def visit(self, space: Space, centre: int, best: Best) -> None:
        around = space.around(centre)
        kernel.visit_centre(
            around.order, around.circle, self.windows, self.expectation, self.data, self.groups, best
        )


def prepare_in_space(null: Null, sign: int, counts: Sequence[Indices]) -> InSpace:
    by_set = np.stack(counts, axis=1)
    expected = circles.Expected(
        by_place=null.expected.by_place,
        total=float(null.total),
        population=null.population,
        limits=_limits((float(null.total),), null.total, null.population, sign),
        fewest=null.fewest[sign],
        sign=sign,
        penalty=1.0,
    )
    narrow: type = np.int16 if null.total < MOST else np.int32
    return InSpace(expected, (sign * by_set).astype(narrow), sign)


def prepare_in_time(null: Null, span: Span, sign: int, cases: Sequence[Cases]) -> InTime:
    profile = Profile(null, span)
    sizes = [len(place) for place, _ in cases]
    most = null.total if sign < 0 else _rounded_up(max(sizes, default=0))
    totals = profile.totals()
    expectation = Expectation(
        space=null.expected.space,
        time=_cumulated(null.expected.time[:, : span.ages]),
        profile=profile.cumulated.astype(np.float32),
        bound=profile.bounds(sign),
        extremes=profile.extremes(),
        totals=_cumulated(null.by_age[: span.ages].astype(np.float64)),
        total=float(null.total),
        population=null.population,
        limits=_limits(tuple(totals), most, null.population, sign),
        smallest=totals,
        fewest=null.fewest[sign],
        sign=sign,
    )
    counted = sign > 0 and span.last_start == 0 and most < MOST
    steps = profile.steps() if counted else np.zeros((0, 0), np.int16)
    windows = Windows(span.ages, span.shortest, span.longest, span.last_start, profile.bands, steps)
    return InTime(
        windows,
        expectation,
        place=np.concatenate([place for place, _ in cases]).astype(np.int32),
        age=np.concatenate([age for _, age in cases]).astype(np.int32),
        data_set=np.repeat(np.arange(len(cases), dtype=np.int32), sizes),
        sign=sign,
    )


def _rounded_up(most: int) -> int:
    """To a power of two, so that one table serves all parts of a scan, but not beyond narrow counts if they do."""
    rounded = 1 << max(most - 1, 0).bit_length()
    return MOST - 1 if most < MOST <= rounded else rounded


@lru_cache(maxsize=4)
def _limits(totals: tuple[float, ...], most: int, population: float, sign: int) -> Floats:
    return np.asarray(expected_limits(LEVELS, most, np.array(totals), population, sign))


def _cumulated(by_age: Floats) -> Floats:
    if not by_age.size:
        return np.empty(0)
    return np.concatenate([np.zeros((*by_age.shape[:-1], 1)), np.cumsum(by_age, axis=-1)], axis=-1)


@dataclass(frozen=True)
class Profile:
    """The shape of time for all places together, and how far single places depart from it in windows of a band."""

    null: Null
    span: Span

    @cached_property
    def bands(self) -> NDArray[np.int32]:
        return self.span.bands()

    @cached_property
    def cumulated(self) -> Floats:
        by_age = self.null.expected.by_interval
        return _cumulated(by_age[: self.span.ages] / by_age.sum())

    def steps(self) -> NDArray[np.int16]:
        ages, lengths = np.arange(self.span.ages), np.arange(len(self.bands) - 1)
        return np.asarray(ages[:, None] < lengths, np.int16)

    def extremes(self) -> Floats:
        """(bands, 2); windows in which nothing is expected can't have a case."""
        found = np.full((len(self.bands) - 1, 2), -1.0)
        for band in range(len(found)):
            windows = [self._windows(self.cumulated, length) for length in self._lengths(band)]
            shares = np.concatenate([np.empty(0), *windows])
            if (shares > 0).any():
                found[band] = shares[shares > 0].min(), shares.max()
        return found

    def totals(self) -> Floats:
        """Of cases, the smallest in any window of each band; one for all where the statistic takes the grand total."""
        if not len(self.null.by_age):
            return np.array([float(self.null.total)])
        cumulated = _cumulated(self.null.by_age[: self.span.ages].astype(np.float64))
        smallest = np.full(len(self.bands) - 1, float(self.null.total))
        for band in range(len(smallest)):
            for length in self._lengths(band):
                totals = self._windows(cumulated, length)
                smallest[band] = min(smallest[band], totals[totals > 0].min(initial=smallest[band]))
        return smallest

    def bounds(self, sign: int) -> Floats:
        """(places, bands): the least (for deficits, the most) expected in a band's window, by its profile."""
        expected = self.null.expected
        if expected.time.shape[0] == 1:
            return np.repeat(expected.by_place[:, None], len(self.bands) - 1, axis=1)
        time = _cumulated(expected.time[:, : self.span.ages])
        bounds = np.zeros((len(expected.space), len(self.bands) - 1))
        nearest = np.minimum if sign > 0 else np.maximum
        for band in range(bounds.shape[1]):
            so_far = None
            for length in self._lengths(band):
                shares = self._windows(self.cumulated, length)
                inside = self._windows(time, length)[:, shares > 0] / shares[shares > 0]
                if inside.shape[1]:
                    ratios = nearest.reduce(expected.space @ inside, axis=1)
                    so_far = ratios if so_far is None else nearest(so_far, ratios)
            bounds[:, band] = 0.0 if so_far is None else so_far
        return bounds

    def _lengths(self, band: int) -> range:
        return range(
            max(self.span.shortest, int(self.bands[band])),
            min(self.span.longest + 1, int(self.bands[band + 1])),
        )

    def _windows(self, cumulated: Floats, length: int) -> Floats:
        """Sums of all windows of a length, by youngest age."""
        starts = min(self.span.last_start, self.span.ages - length) + 1
        return np.asarray(cumulated[..., length : length + starts] - cumulated[..., :starts])
