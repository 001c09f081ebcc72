"""Gives several published tables their place in one: the labels that they count, and all the sums that they show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from throughline.policy.margins import Axes, Axis

Labels = tuple[tuple[str, ...], ...]
Group = frozenset[str]


class Differs(ValueError):
    """A count that was published, and is another now."""

    def __init__(self, groups: Sequence[Group], earlier: int, later: int) -> None:
        super().__init__(groups, earlier, later)
        self.groups, self.earlier, self.later = groups, earlier, later


@dataclass(frozen=True, slots=True, eq=False)
class Release:
    """A published table: for each dimension the groups of labels that it counts, one label or the sum of several.

    `counts` is masked where a count is withheld.
    """

    groups: tuple[tuple[Group, ...], ...]
    counts: "np.ma.MaskedArray[Any, Any]"


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One table in which all releases have their place: the labels of each dimension, and all sums of any release."""

    labels: Labels
    axes: Axes

    @classmethod
    def around(cls, releases: Sequence[Release]) -> "Frame":
        dimensions = range(len(releases[0].groups))
        columns = [[release.groups[number] for release in releases] for number in dimensions]
        labels = tuple(_labels(groups) for groups in columns)
        return cls(labels, tuple(_axis(each, groups) for each, groups in zip(labels, columns, strict=True)))

    def where(self, release: Release) -> Any:
        """The index of the release's counts in this table."""
        return np.ix_(*[self._places(number, groups) for number, groups in enumerate(release.groups)])

    def known(self, releases: Iterable[Release]) -> "np.ma.MaskedArray[Any, Any]":
        """What the releases tell together. Raises Differs where two of them tell different counts."""
        known = np.ma.MaskedArray(np.zeros([len(axis) for axis in self.axes], dtype=np.int64), mask=True)
        for release in releases:
            where = self.where(release)
            before = known[where]
            differs = np.argwhere((before != release.counts).filled(False))
            if len(differs):
                cell = tuple(differs[0].tolist())
                groups = [each[k] for each, k in zip(release.groups, cell, strict=True)]
                raise Differs(groups, int(before[cell]), int(release.counts[cell]))
            told = ~np.ma.getmaskarray(release.counts)
            before[told] = release.counts[told]
            known[where] = before
        return known

    def embed(self, counts: NDArray[np.int64], labels: Labels) -> NDArray[np.int64]:
        """A table with some of the labels, without sums, among all labels; 0 elsewhere."""
        everywhere = np.zeros([len(each) for each in self.labels], dtype=np.int64)
        pairs = zip(labels, self.labels, strict=True)
        everywhere[np.ix_(*[[every.index(label) for label in own] for own, every in pairs])] = counts
        return everywhere

    def shown(self, releases: Iterable[Release]) -> NDArray[np.bool_]:
        """The places that any of the releases has, withheld ones too."""
        shown = np.zeros([len(axis) for axis in self.axes], dtype=bool)
        for release in releases:
            shown[self.where(release)] = True
        return shown

    def groups(self, cell: Sequence[int]) -> list[Group]:
        """What a cell counts."""
        places = zip(self.labels, self.axes, cell, strict=True)
        return [frozenset(labels[k] for k in axis.parts(place)) for labels, axis, place in places]

    def _places(self, number: int, groups: Iterable[Group]) -> list[int]:
        labels, axis = self.labels[number], self.axes[number]
        places = {
            frozenset(labels[k] for k in axis.parts(place)): place for place in reversed(range(len(axis)))
        }
        return [places[group] for group in groups]


def _labels(columns: Iterable[Sequence[Group]]) -> tuple[str, ...]:
    """Every label, in the order in which they first stand alone, then the others."""
    alone = [label for groups in columns for group in groups if len(group) == 1 for label in group]
    others = sorted(label for groups in columns for group in groups for label in group)
    return tuple(dict.fromkeys([*alone, *others]))


def _axis(labels: Sequence[str], columns: Iterable[Sequence[Group]]) -> Axis:
    numbers = {label: number for number, label in enumerate(labels)}
    groups = dict.fromkeys(frozenset(numbers[one] for one in group) for groups in columns for group in groups)
    return Axis(len(labels), tuple(group for group in groups if 1 < len(group) < len(labels)))
