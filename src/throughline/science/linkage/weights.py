"""Joins records to people by the weights of all pairs between them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

LEAST_WEIGHT, MOST_WEIGHT = -10.0, 10.0
"""log2 odds beyond which a pair says no more: one field that is plainly wrong mustn't outweigh a whole group."""
MOST_TOGETHER = 4_000
"""Records that are weighed against each other in one matrix."""
PLAIN = 40.0
"""Rows that hang together by pairs of this weight are copies; they are not parted further."""


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """Pairs of rows, the lower first, with the log2 odds that they are of one person."""

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    weight: NDArray[np.float64]

    @classmethod
    def none(cls) -> Self:
        return cls(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))

    def __getitem__(self, chosen: NDArray[Any]) -> "Weighed":
        return Weighed(self.a[chosen], self.b[chosen], self.weight[chosen])

    def __add__(self, others: "Weighed") -> "Weighed":
        """Both; where they hold the same pair, the later weight counts."""
        return Weighed(
            np.concatenate([self.a, others.a]),
            np.concatenate([self.b, others.b]),
            np.concatenate([self.weight, others.weight]),
        )

    def split(self, cuts: NDArray[np.int64]) -> "Iterator[Weighed]":
        sides = (np.split(side, cuts) for side in (self.a, self.b, self.weight))
        return (Weighed(*part) for part in zip(*sides, strict=True))


Pair = tuple[int, int, float]


def joined(pairs: Weighed, least: float) -> Iterator[Pair]:
    """Pairs of rows that are of one person with at least this probability, whatever their own weight.

    Average linkage (Sokal & Michener 1958): groups are joined while the pairs between them weigh enough on average.
    """
    for rows, inner in _neighbourhoods(pairs, 0.0):
        place = {row: index for index, row in enumerate(rows)}
        weights = np.full((len(rows), len(rows)), LEAST_WEIGHT)
        a, b = ([place[row] for row in side.tolist()] for side in (inner.a, inner.b))
        weights[a, b] = weights[b, a] = inner.weight.clip(LEAST_WEIGHT, MOST_WEIGHT)
        above = np.triu_indices(len(rows), 1)
        average = MOST_WEIGHT - cophenet(linkage(MOST_WEIGHT - weights[above], "average"))
        probability = 1 / (1 + np.exp2(-average))
        for (row, other), each in zip(combinations(rows, 2), probability.tolist(), strict=True):
            if each >= least:
                yield row, other, each


def _neighbourhoods(pairs: Weighed, at_least: float) -> Iterator[tuple[list[int], Weighed]]:
    """Rows that hang together by pairs of some weight, with all pairs among them; a heap is parted by heavier pairs."""
    near = pairs[pairs.weight >= at_least]
    rows, label = _labels(near, int(pairs.b.max(initial=-1)) + 1)
    inner = pairs[(label[pairs.a] >= 0) & (label[pairs.a] == label[pairs.b])]
    inner = inner[np.argsort(label[inner.a], kind="stable")]
    cuts = range(1, label.max(initial=-1) + 1)
    for members, among in zip(
        np.split(rows, np.searchsorted(label[rows], cuts)),
        inner.split(np.searchsorted(label[inner.a], cuts)),
        strict=True,
    ):
        if len(members) > MOST_TOGETHER and at_least < PLAIN:
            yield from _neighbourhoods(among, at_least + 2)
        elif len(members):
            yield members.tolist(), among


def _labels(near: Weighed, size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows of these pairs, those of one neighbourhood together, and every row's neighbourhood, -1 for none."""
    rows, places = np.unique(np.concatenate([near.a, near.b]), return_inverse=True)
    a, b = np.split(places, 2)
    graph = coo_array((np.ones(len(a)), (a, b)), shape=(len(rows), len(rows)))
    label = np.full(size, -1)
    label[rows] = connected_components(graph, directed=False)[1]
    return rows[np.argsort(label[rows], kind="stable")], label
