"""Compares designs of a table before it is made: how fine it may be, and how much of it would be withheld."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray

from throughline.cli.protecting.tables import Table
from throughline.policy.margins import with_margins

MOST_DESIGNS = 200


@dataclass(frozen=True, slots=True)
class Design:
    """One way to count: each dimension by its labels, by a level of its groups, or not at all."""

    name: str
    combinations: int
    filled: int  # cells, sums among them, in which anybody is counted
    small: int  # of these, those that are withheld before others are to hide them

    @property
    def share(self) -> float:
        return self.small / self.filled if self.filled else 0.0


def designs(table: Table, threshold: int) -> Iterator[Design]:
    """Every design, the finest first; the first one is the table as it is."""
    options = [list(_options(table, number)) for number in range(table.counts.ndim)]
    every = sorted(product(*options), key=lambda chosen: -prod(len(groups) for _name, groups in chosen))
    for chosen in every[:MOST_DESIGNS]:
        name = ", ".join(name for name, _groups in chosen if name) or "one number"
        counts = with_margins(_joined(table.counts, [groups for _name, groups in chosen]))
        small = (counts > 0) & (counts < threshold)
        combinations = prod(len(groups) for _name, groups in chosen)
        yield Design(name, combinations, int((counts > 0).sum()), int(small.sum()))


def finest_with(found: list[Design], most: float) -> Design | None:
    """The design with the most combinations of which at most this share is small."""
    return next((design for design in found if design.share <= most), None)


def _options(table: Table, number: int) -> Iterator[tuple[str, list[list[int]]]]:
    """Of a dimension: a name, and the labels that are counted together."""
    dimension, labels = table.shape.dimensions[number], table.labels[number]
    yield dimension, [[place] for place in range(len(labels))]
    for level, groups in table.shape.hierarchies.get(dimension, {}).items():
        members = [[labels.index(label) for label in group if label in labels] for group in groups.values()]
        grouped = frozenset[int]().union(*members)
        alone = [[place] for place in range(len(labels)) if place not in grouped]
        yield f"{dimension} by {level}", [*filter(None, members), *alone]
    yield "", [list(range(len(labels)))]


def _joined(counts: NDArray[np.int64], groups: list[list[list[int]]]) -> NDArray[np.int64]:
    for axis, joined in enumerate(groups):
        sums = [counts.take(places, axis=axis).sum(axis=axis, keepdims=True) for places in joined]
        counts = np.concatenate(sums, axis=axis)
    return counts
