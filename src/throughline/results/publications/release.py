"""Decides which counts of an effect may be published; all that the public page says is made from them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from throughline.policy.margins import with_margins
from throughline.policy.suppression import Protected, exposed, protect
from throughline.results.publications.pages import GROUPS, WINDOWS


@dataclass(frozen=True, slots=True)
class Measured:
    """The true counts, of places helped and of comparison places, in the windows before and after."""

    before: int
    after: int
    comparison_before: int
    comparison_after: int
    begins_on: date
    ends_on: date

    @property
    def counts(self) -> NDArray[np.int64]:
        return np.array([[self.before, self.after], [self.comparison_before, self.comparison_after]])


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
    """The counts that may be published after the `earlier` measurements of the same response were.

    Nothing is released where subtracting an earlier version would give a small count away.
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
    """Whether nobody learns a small count by subtracting one version from the other.

    Harmless: windows that share no day; the same counts again; two tables without a small count, in which
    every count and sum stayed the same or changed by the minimum cell or more.
    """
    if later.begins_on > earlier.ends_on or earlier.begins_on > later.ends_on:
        return True
    new, old = with_margins(later.counts), with_margins(earlier.counts)
    change = np.abs(new - old)
    return not change.any() or not any(_small(counts, minimum_cell).any() for counts in (new, old, change))


def _small(counts: NDArray[np.int64], minimum_cell: int) -> NDArray[np.bool_]:
    return (counts > 0) & (counts < minimum_cell)
