"""Adds every sum to a table of counts, and states the equations that bind counts and sums."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


@dataclass(frozen=True, slots=True)
class Axis:
    """One dimension of a table: so many labels, numbered from 0, then the sums of `groups` of them, then ALL.

    Groups are regions, quarters, age bands, or the months that an earlier release added up; they may nest and overlap.
    """

    labels: int
    groups: tuple[frozenset[int], ...] = ()

    def __len__(self) -> int:
        return self.labels + len(self.sums)

    @property
    def sums(self) -> tuple[frozenset[int], ...]:
        return (*self.groups, frozenset(range(self.labels)))

    def parts(self, place: int) -> frozenset[int]:
        """The labels that are counted at this place of the axis."""
        return frozenset({place}) if place < self.labels else self.sums[place - self.labels]

    def containing(self, label: int) -> list[int]:
        """The places of the axis where a label is counted."""
        return [place for place in range(len(self)) if label in self.parts(place)]


Axes = tuple[Axis, ...]


def plain_axes(shape: Sequence[int]) -> Axes:
    """The axes of a table of so many labels each that shows no sums but ALL."""
    return tuple(map(Axis, shape))


def with_margins(counts: NDArray[np.int64], axes: Axes = ()) -> NDArray[np.int64]:
    """The table with its sums behind the labels of each axis; without `axes`, that is ALL alone."""
    for number, axis in enumerate(axes or plain_axes(counts.shape)):
        sums = [
            counts.take(sorted(group), axis=number).sum(axis=number, keepdims=True) for group in axis.sums
        ]
        counts = np.concatenate([counts, *sums], axis=number)
    return counts


@lru_cache(maxsize=64)  # few shapes come up, and each is asked for by the chooser and by the attacker
def margin_equations(axes: Axes) -> sparse.csr_array:
    """The equations `E @ table.ravel() == 0` that every table with these axes (sums included) obeys.

    One row for each sum of each line of cells along each axis: the sum of its parts less itself.
    """
    return sparse.csr_array(sparse.vstack([_sums_along(number, axes) for number in range(len(axes))]))


def _sums_along(number: int, axes: Axes) -> Any:
    factors: list[Any] = [
        _sums_of(axis) if k == number else sparse.eye_array(len(axis)) for k, axis in enumerate(axes)
    ]
    return reduce(sparse.kron, factors)


def _sums_of(axis: Axis) -> sparse.csr_array:
    rows = np.zeros((len(axis.sums), len(axis)))
    for row, group in enumerate(axis.sums):
        rows[row, sorted(group)] = 1
        rows[row, axis.labels + row] = -1
    return sparse.csr_array(rows)


def places_counting(cell: int, axes: Axes) -> NDArray[np.intp]:
    """Where a count stands, and every sum that it is part of; cells are told by their place in C order."""
    labels = np.unravel_index(cell, _shape(axes))
    return _among([axis.containing(int(label)) for axis, label in zip(axes, labels, strict=True)], axes)


def counts_within(cell: int, axes: Axes) -> NDArray[np.intp]:
    """Where the counts stand that are no sums and that a cell counts."""
    places = np.unravel_index(cell, _shape(axes))
    return _among([sorted(axis.parts(int(place))) for axis, place in zip(axes, places, strict=True)], axes)


def _among(places: list[list[int]], axes: Axes) -> NDArray[np.intp]:
    return np.ravel_multi_index(np.ix_(*places), _shape(axes)).ravel()


def _shape(axes: Axes) -> list[int]:
    return [len(axis) for axis in axes]
