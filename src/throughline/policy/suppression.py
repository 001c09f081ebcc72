"""Withholds small counts from a table, and enough others that nobody can work the small ones out."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from throughline.policy.attack import audit
from throughline.policy.candidate import Candidate
from throughline.policy.complementary import GivenAway, complementary_cells
from throughline.policy.margins import Axes, margin_equations, plain_axes

WITHHELD = "withheld"
UNRELIABLE_BELOW = 20  # NCHS: a rate from fewer than 20 events has a relative standard error over about 23 %

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Count = int | np.ma.core.MaskedConstant | None


@dataclass(frozen=True, slots=True, eq=False)
class Protected:
    """A table that may be published, with all its sums: the last index of each axis is ALL.

    `released` masks what is withheld, and what was never wanted, and holds none of it. Which withheld cells are small
    (`primary`) and which hide those (`complementary`) is for the owners of the data only: publishing it would narrow
    an attacker's search. `candidate` holds the true counts.
    """

    candidate: Candidate
    complementary: Bools
    released: "np.ma.MaskedArray[Any, Any]"

    @property
    def primary(self) -> Bools:
        return self.candidate.small

    @property
    def withheld(self) -> Bools:
        return self.primary | self.complementary

    @property
    def published(self) -> Bools:
        return ~np.ma.getmaskarray(self.released)


@dataclass(frozen=True, slots=True)
class Rate:
    per_100_000: float
    unreliable: bool


def protect(counts: ArrayLike, axes: Axes = (), *, minimum_cell: int = 10) -> Protected:
    """Withhold counts from 1 to `minimum_cell - 1` in a table and its sums, and whatever gives them away.

    The sums are those of `axes`, or ALL of each axis; every sum over any subset of the axes counts as published.
    Afterwards an attacker's interval for each small count starts at 1 or less and reaches `minimum_cell` or more.
    If the proof of that doesn't hold when it is checked, everything is withheld.

    Raises ValueError for counts that are negative, not whole, or not a table, and for a minimum cell below 1.
    """
    table = checked(counts, minimum_cell)
    return protect_candidate(Candidate.of(table, axes or plain_axes(table.shape), minimum_cell))


def protect_candidate(candidate: Candidate) -> Protected:
    """`protect` what is wanted beside what is known; all that is wanted is withheld if the proof doesn't hold.

    What is known may give a count away all the same: `exposed` tells.
    """
    complementary = _complementary(candidate)
    masked = ~candidate.known & ~(candidate.wanted & ~candidate.small & ~complementary)
    released = np.ma.MaskedArray(
        np.where(masked, 0, candidate.counts), mask=masked
    )  # a masked array keeps what it hides
    return Protected(candidate, complementary, released)


def _complementary(candidate: Candidate) -> Bools:
    everything = candidate.wanted & ~candidate.small
    try:
        complementary, proof = complementary_cells(candidate)
    except GivenAway:
        return everything
    withheld = ~candidate.known & ~(everything & ~complementary)
    return complementary if proof.holds(withheld.ravel(), margin_equations(candidate.axes)) else everything


def exposed(protected: Protected) -> Bools:
    """Withheld cells that an attacker can bound below the minimum cell, or, if small, above 1.

    The attack sees the release alone, and knows nothing of the proof.
    """
    candidate = protected.candidate
    found = audit(protected.released, candidate.axes, enough=(1, candidate.minimum_cell))
    hidden = np.ma.getmaskarray(protected.released)
    too_low, too_high = found.upper < candidate.minimum_cell, found.lower > 1
    return hidden & ((candidate.rise & too_low) | (candidate.fall & too_high))


def suppress_rate(count: Count, population: float, *, minimum_cell: int = 10) -> Rate | None:
    """The rate of a released count, or None where it is withheld (None or masked) or nobody lives there.

    A small count never becomes a rate: whoever knows the population could turn it back.
    """
    released = _released(count)
    if released is None or 0 < released < minimum_cell or population <= 0:
        return None
    return Rate(100_000 * released / population, unreliable=released < UNRELIABLE_BELOW)


def withhold_text(count: Count) -> str:
    """The count as printed. One word for all withheld counts: "fewer than 10" is untrue for many."""
    released = _released(count)
    return WITHHELD if released is None else f"{released:,}"


def _released(count: Count) -> int | None:
    return None if isinstance(count, np.ma.core.MaskedConstant) else count


def checked(counts: ArrayLike, minimum_cell: int) -> Ints:
    table = np.asarray(counts)
    if minimum_cell < 1:
        raise ValueError(f"The minimum cell is {minimum_cell}, expected 1 or more.")
    if table.ndim == 0 or not table.size or not np.issubdtype(table.dtype, np.integer):
        raise ValueError(f"Expected a table of whole numbers, got {table.dtype} of shape {table.shape}.")
    if table.min() < 0:
        raise ValueError(f"A count is {table.min()}, expected 0 or more.")
    return table.astype(np.int64)
