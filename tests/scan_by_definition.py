"""The scan statistic by its definition: every circle or ellipse, every window, one table of counts after the other.

Nothing is passed over and no code is shared with the package's searches, so that tests can hold these to it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from throughline.science.scan.chance import stream

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Masks = NDArray[np.bool_]  # (windows in space, places)

EARTH_RADIUS_KM = 6367.0
ENOUGH = 1e-9  # statistics this close are equal but for rounding


class Window(NamedTuple):
    """Likeliest around one centre: its places, intervals from start to end inclusive, and its figures."""

    statistic: float
    places: frozenset[int]
    start: int
    end: int
    observed: int
    expected: float


@dataclass(frozen=True)
class Definition:
    """Which windows there are, and what the model expects in them.

    kilometres: (forms, centres, places), the first form being the circle. penalty: by form. size: of each place,
    of which a window may hold `largest`. expected: (places, intervals). persons: cases and controls by place and
    interval (Bernoulli), else None. within_intervals: whether the statistic conditions on the total of a window's
    own intervals. ends: intervals that a window may end on.
    """

    kilometres: Floats
    size: Floats
    expected: Floats
    largest: float = np.inf
    farthest: float = np.inf
    penalty: tuple[float, ...] = (1.0,)
    persons: Counts | None = None
    within_intervals: bool = False
    rates: str = "high"
    fewest: dict[str, int] = field(default_factory=lambda: {"high": 2, "low": 0})
    shortest: int = 1
    longest: int = 1
    ends: tuple[int, ...] = (0,)

    def largest_statistic(self, counts: Counts) -> float:
        """0 where no window has more (or fewer) cases than expected."""
        return max(
            (
                float(statistics.max(initial=0.0))
                for centre in range(self.kilometres.shape[1])
                for _, _, _, statistics in self._statistics(centre, counts)
            ),
            default=0.0,
        )

    def likeliest_of(self, centre: int, counts: Counts) -> list[Window]:
        """The windows around a centre that share the largest statistic; none if nothing exceeds 0."""
        found: list[Window] = []
        most = 0.0
        for masks, start, end, statistics in self._statistics(centre, counts):
            if statistics.max(initial=0.0) <= max(most * (1 - ENOUGH), 0):
                continue
            most = max(most, float(statistics.max()))
            found += [
                self._window(masks[row], start, end, counts, float(statistics[row]))
                for row in np.flatnonzero(statistics >= most * (1 - ENOUGH))
            ]
        return [window for window in found if window.statistic >= most * (1 - ENOUGH)]

    def _statistics(self, centre: int, counts: Counts) -> Iterator[tuple[Masks, int, int, Floats]]:
        """(windows in space, start, end, statistic of each): negative where a window doesn't count."""
        for form, penalty in enumerate(self.penalty):
            masks = self._masks(self.kilometres[form, centre])
            for end in self.ends:
                for start in range(max(0, end + 1 - self.longest), end + 2 - self.shortest):
                    yield masks, start, end, penalty * self._statistic(masks, slice(start, end + 1), counts)

    def _masks(self, kilometres: Floats) -> Masks:
        """Every distance is the radius of a window, as long as its whole group of tied places is within limits."""
        there = (self.size > 0) & (kilometres <= self.farthest * (1 + 1e-12))
        tie = 1e-7
        radii = np.sort(kilometres[there])
        radii = radii[np.append(np.diff(radii) > tie, True)] if len(radii) else radii
        masks = there & (kilometres <= radii[:, None] + tie)
        return masks[masks @ self.size <= self.largest * (1 + 1e-9)]

    def _statistic(self, masks: Masks, window: slice, counts: Counts) -> Floats:
        observed = masks @ counts[:, window].sum(axis=1)
        expected = masks @ self.expected[:, window].sum(axis=1)
        total = counts[:, window].sum() if self.within_intervals else np.rint(self.expected.sum())
        if self.persons is None:
            ratio = poisson(observed, expected, float(total))
        else:
            persons = masks @ self.persons[:, window].sum(axis=1)
            ratio = bernoulli(observed, persons, float(total), float(self.persons.sum()))
        high = (observed > expected * (1 + ENOUGH)) & (observed >= self.fewest["high"])
        low = (observed < expected * (1 - ENOUGH)) & (observed >= self.fewest["low"])
        counting = {"high": high, "low": low, "both": high | low}[self.rates]
        return np.where(counting, ratio, -1.0)

    def _window(self, mask: Masks, start: int, end: int, counts: Counts, statistic: float) -> Window:
        during = slice(start, end + 1)
        return Window(
            statistic,
            frozenset(np.flatnonzero(mask).tolist()),
            start,
            end,
            int(counts[mask, during].sum()),
            float(self.expected[mask, during].sum()),
        )


def poisson(observed: Counts, expected: Floats, total: float) -> Floats:
    """Kulldorff 1997: (c/e)^c ((C-c)/(C-e))^(C-c), as a logarithm."""
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = np.where(observed > 0, observed * np.log(observed / expected), 0.0)
        outside = np.where(
            total > observed, (total - observed) * np.log((total - observed) / (total - expected)), 0.0
        )
    return np.nan_to_num(inside + outside, nan=0.0)


def bernoulli(observed: Counts, persons: Counts, total: float, everyone: float) -> Floats:
    """Kulldorff 1997: the likelihood with one share of cases inside and one outside, over that with one for all."""

    def of(cases: Floats | float, among: Floats | float) -> Floats:
        share = np.divide(cases, among, where=np.asarray(among) > 0, out=np.zeros_like(among, np.float64))
        return np.asarray(xlogy(cases, share) + xlogy(among - cases, 1 - share))

    inside = of(observed.astype(float), persons.astype(float))
    return inside + of(total - observed, everyone - persons) - of(np.float64(total), np.float64(everyone))


def great_circles(latitude: Floats, longitude: Floats, centres: tuple[Floats, Floats]) -> Floats:
    """(1, centres, places), kilometres by the spherical law of haversines."""
    phi, lam = np.radians(latitude), np.radians(longitude)
    centre_phi, centre_lam = np.radians(centres[0])[:, None], np.radians(centres[1])[:, None]
    half = (
        np.sin((phi - centre_phi) / 2) ** 2
        + np.cos(phi) * np.cos(centre_phi) * np.sin((lam - centre_lam) / 2) ** 2
    )
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half)))[None]


def on_plane(
    x: Floats, y: Floats, centres: tuple[Floats, Floats], forms: Sequence[tuple[float, float]] = ((1.0, 0.0),)
) -> Floats:
    """(forms, centres, places): the shorter half-axis of the ellipse of a form (shape, degrees) through a place."""
    across, up = x - np.asarray(centres[0])[:, None], y - np.asarray(centres[1])[:, None]
    found = []
    for shape, degrees in forms:
        turn = np.exp(-1j * np.radians(degrees)) * (across + 1j * up)
        found.append(np.hypot(turn.real / shape, turn.imag))
    return np.array(found)


def tabulate(place: Counts, interval: Counts, shape: tuple[int, int]) -> Counts:
    counts = np.zeros(shape, np.int64)
    for at, when in zip(place, interval, strict=True):
        counts[at, when] += 1
    return counts


def expected_by_permutation(
    place: Counts, interval: Counts, stratum: Counts, shape: tuple[int, int]
) -> Floats:
    """Within each stratum, the cases of a place times the cases of an interval over all."""
    expected = np.zeros(shape)
    for one in np.unique(stratum):
        counts = tabulate(place[stratum == one], interval[stratum == one], shape)
        expected += np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    return expected


class Recording:
    """A runner in this process that keeps the data sets of the replicates, as tables of counts."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.shape = shape
        self.tables: list[Counts] = []

    def __call__(self, task: Any, parts: Sequence[range]) -> Iterator[Floats]:
        for part in parts:
            self.tables += [self._draw(task, stream(task.seed, number)) for number in part]
            yield task(part)

    def _draw(self, task: Any, random: np.random.Generator) -> Counts:
        if task.search.span is None:
            return task.chance.draw_counts(random, self.shape[0])[:, None]
        place, age = task.chance.draw(random, task.search.span.ages)
        return tabulate(place, self.shape[1] - 1 - age, self.shape)
