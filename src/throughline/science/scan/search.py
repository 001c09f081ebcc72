"""Searches data sets for their likeliest windows: which centres, in which order, on how many threads."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from throughline.science.scan.chance import Cases
from throughline.science.scan.layout import Best, Groups
from throughline.science.scan.prepared import (
    Arranged,
    Null,
    Prepared,
    Space,
    Span,
    prepare_in_space,
    prepare_in_time,
)
from throughline.science.scan.runners import kernel_threads
from throughline.science.scan.statistic import LEVELS

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
DataSet = Cases | Indices  # by place and age of each case, or counts by place
Report = Callable[[float], None]  # told the share of a search that is done; may raise to end it

# of data sets with a like best; more prune better, but each needs its own lines around every centre
GROUPS = 4
MERGES = 16  # at least: times that what the threads found is put together


class Found(NamedTuple):
    """The likeliest window around a centre: its circle and form, or its circle, youngest age and length."""

    centre: int
    statistic: float
    circle: int
    form: int
    young: int
    length: int
    sign: int


@dataclass(frozen=True)
class Search:
    """Everything that finds the likeliest window of a data set; it can be sent to another machine.

    Without a span, data sets are counts by place; with one, they are the cases' places and ages.
    """

    space: Space
    span: Span | None
    null: Null

    def largest(self, data_sets: Sequence[DataSet], report: Report) -> Floats:
        """The largest statistic of each data set."""
        found = [
            self._largest(self._prepare(data_sets, sign), len(data_sets), report) for sign in self.null.fewest
        ]
        return np.asarray(np.maximum.reduce(found))

    def best_by_centre(self, data_set: DataSet, above: float) -> Iterator[Found]:
        """The likeliest window of each centre whose statistic exceeds `above`, if any does."""
        groups = _grouped(np.array([above]))
        arranged = {sign: self._prepare([data_set], sign).arranged(groups) for sign in self.null.fewest}
        for centre in range(self.space.centres):
            found = max(
                (self._best_at(centre, one, sign, above) for sign, one in arranged.items()),
                key=lambda one: one.statistic,
            )
            if found.statistic > above:
                yield found

    def _prepare(self, data_sets: Sequence[DataSet], sign: int) -> Prepared:
        if self.span is None:
            return prepare_in_space(self.null, sign, cast(Sequence[Indices], data_sets))
        return prepare_in_time(self.null, self.span, sign, cast(Sequence[Cases], data_sets))

    def _best_at(self, centre: int, arranged: Arranged, sign: int, above: float) -> Found:
        best = _best_so_far(np.array([above]))
        arranged.visit(self.space, centre, best)
        circle, second, length = (int(value) for value in best.where[0])
        form, young = (second, 0) if self.span is None else (0, second)
        return Found(centre, float(best.statistic[0]), circle, form, young, length, sign)

    def _largest(self, prepared: Prepared, data_sets: int, report: Report) -> Floats:
        best, done, threads = np.zeros(data_sets), 0, kernel_threads()
        # Threads, not numba's own pool: that one ends the process when two web requests scan at the same time.
        with ThreadPoolExecutor(threads) as pool:
            for centres in _rounds(self.space.centres, threads):
                arranged = prepared.arranged(_grouped(best))
                shares = [(centres[first::threads], arranged, best) for first in range(threads)]
                best = np.asarray(np.maximum.reduce(list(pool.map(self._visit_share, shares))))
                done += len(centres)
                report(done / self.space.centres)
        return best

    def _visit_share(self, share: tuple[Indices, Arranged, Floats]) -> Floats:
        centres, arranged, so_far = share
        best = _best_so_far(so_far)
        for centre in centres:
            arranged.visit(self.space, int(centre), best)
        return best.statistic


def _rounds(centres: int, threads: int) -> Iterator[Indices]:
    """Centres in a mixed order, few at first: the sooner a large statistic is known, the more is passed over."""
    mixed = np.random.default_rng(0).permutation(centres)
    begin, size = 0, threads
    while begin < centres:
        yield mixed[begin : begin + size]
        begin, size = begin + size, max(threads, min(2 * size, centres // MERGES))


def _best_so_far(statistic: Floats) -> Best:
    return Best(statistic.copy(), _levels(statistic), np.zeros((len(statistic), 3), np.int32))


def _grouped(statistic: Floats) -> Groups:
    order = np.argsort(statistic).astype(np.int32)
    groups = [group for group in np.array_split(order, GROUPS) if len(group)]
    least = np.array([statistic[group].min() for group in groups])
    start = np.cumsum([0, *map(len, groups)])
    # within a group, the order in which data sets lie in memory
    members = np.concatenate([np.sort(group) for group in groups])
    return Groups(members, start.astype(np.int32), _levels(least))


def _levels(statistic: Floats) -> NDArray[np.int32]:
    """The last of LEVELS that each statistic reaches."""
    return (np.searchsorted(LEVELS, statistic, side="right") - 1).astype(np.int32)
