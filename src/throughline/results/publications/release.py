"""Decides which counts of an effect may be published; all that the public page says is made from them."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import numpy as np
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from throughline.policy.margins import with_margins
from throughline.policy.suppression import Protected, exposed, protect
from throughline.results.publications.pages import GROUPS, WINDOWS
from throughline.science.change import Window


@dataclass(frozen=True, slots=True)
class Cell:
    """A count, and the places and days that it is about."""

    places: frozenset[str]
    days: frozenset[int]
    count: int

    def lies_in(self, other: "Cell") -> bool:
        return bool(self.places) and self.places <= other.places and self.days <= other.days


@dataclass(frozen=True, slots=True)
class Measured:
    """The true counts, of places helped and of comparison places, in the windows before and after."""

    before: int
    after: int
    comparison_before: int
    comparison_after: int
    windows: tuple[Window, Window]
    here: frozenset[str]
    elsewhere: frozenset[str]

    @property
    def counts(self) -> NDArray[np.int64]:
        return np.array([[self.before, self.after], [self.comparison_before, self.comparison_after]])

    @property
    def groups(self) -> tuple[frozenset[str], ...]:
        return self.here, self.elsewhere, self.here | self.elsewhere

    def cells(self) -> list[Cell]:
        """Every count and sum that could be published."""
        before, after = map(_days, self.windows)
        table = with_margins(self.counts).tolist()
        return [
            Cell(places, days, count)
            for places, row in zip(self.groups, table, strict=True)
            for days, count in zip((before, after, before | after), row, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Release:
    """What may be published: a row per group of places and a column per window, None where withheld."""

    table: tuple[tuple[int | None, ...], ...]
    minimum_cell: int

    @property
    def complete(self) -> bool:
        """Only then may anything computed from the counts be published."""
        return self.withheld == 0

    @property
    def withheld(self) -> int:
        return sum(count is None for row in self.table for count in row)


def nothing_released(minimum_cell: int) -> Release:
    return Release(((None,) * len(WINDOWS),) * len(GROUPS), minimum_cell)


def release(measured: Measured, *, minimum_cell: int, earlier: Iterable[Measured] = ()) -> Release:
    """The counts that may be published after the `earlier` measurements of the same indicator were.

    Nothing is released where subtracting an earlier publication would give a small count away.
    Raises ValidationError where no safe table is found.
    """
    if not all(_may_follow(measured, other, minimum_cell) for other in earlier):
        return nothing_released(minimum_cell)
    protected = protect(measured.counts, minimum_cell=minimum_cell)
    if exposed(protected).any():
        raise ValidationError(_("These counts can't be published safely, even with some of them withheld."))
    return Release(_released(protected), minimum_cell)


def _released(protected: Protected) -> tuple[tuple[int | None, ...], ...]:
    """Read from the masked array alone, which holds no withheld count."""
    return tuple(tuple(row) for row in protected.released.tolist())


def _may_follow(later: Measured, earlier: Measured, minimum_cell: int) -> bool:
    """Whether nobody learns a small count by subtracting one publication from the other.

    Harmless: the same counts again; tables of which no count lies within one of the other, in places and days;
    two tables without a small count, in which all such pairs are equal or differ by the minimum cell or more.
    Differences of counts that only overlap are no counts of anybody, and pass.
    """
    changes = np.array([new.count - old.count for new, old in _comparable(later, earlier)])
    if later == earlier or not changes.size:
        return True
    tables = (with_margins(measured.counts) for measured in (later, earlier))
    return not any(_small(counts, minimum_cell).any() for counts in (*tables, np.abs(changes)))


def _comparable(later: Measured, earlier: Measured) -> list[tuple[Cell, Cell]]:
    """Of two tables about the same places and days the same cells; of others each pair that lies in one another."""
    news, olds = later.cells(), earlier.cells()
    if (later.groups, later.windows) == (earlier.groups, earlier.windows):
        return list(zip(news, olds, strict=True))
    return [(new, old) for new, old in product(news, olds) if new.lies_in(old) or old.lies_in(new)]


def _days(window: Window) -> frozenset[int]:
    return frozenset(range(window.starts_on.toordinal(), window.ends_on.toordinal() + 1))


def _small(counts: NDArray[np.int64], minimum_cell: int) -> NDArray[np.bool_]:
    return (counts > 0) & (counts < minimum_cell)
