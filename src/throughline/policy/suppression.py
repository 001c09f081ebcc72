"""Withholds small counts from a table, and enough others that nobody can work the small ones out."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from throughline.policy.attack import audit
from throughline.policy.complementary import complementary_cells
from throughline.policy.margins import margin_equations, with_margins
from throughline.policy.proof import Proof

WITHHELD = "withheld"
UNRELIABLE_BELOW = 20  # NCHS: a rate from fewer than 20 events has a relative standard error over about 23 %

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Count = int | np.ma.core.MaskedConstant | None


@dataclass(frozen=True, slots=True, eq=False)
class Protected:
    """A table that may be published, with all its margins: the last index of each axis is ALL.

    `released` masks the withheld counts and holds none of them. Which withheld cells are small (`primary`)
    and which hide those (`complementary`) is for the owners of the data only: publishing it would narrow an
    attacker's search. So would `proof`: tables that must be held for just as possible as the true one.
    """

    minimum_cell: int
    primary: Bools
    complementary: Bools
    released: "np.ma.MaskedArray[Any, Any]"
    proof: Proof

    @property
    def withheld(self) -> Bools:
        return self.primary | self.complementary

    @property
    def published(self) -> Bools:
        return ~self.withheld


@dataclass(frozen=True, slots=True)
class Rate:
    per_100_000: float
    unreliable: bool


def protect(counts: ArrayLike, *, minimum_cell: int = 10) -> Protected:
    """Withhold counts from 1 to `minimum_cell - 1` in a table and its margins, and whatever gives them away.

    Every sum over any subset of the axes counts as published. Afterwards an attacker's interval for each
    small count starts at 1 or less and reaches `minimum_cell` or more. If the proof of that doesn't hold when
    it is checked, everything is withheld.

    Raises ValueError for counts that are negative, not whole, or not a table, and for a minimum cell below 1.
    """
    table = with_margins(_checked(counts, minimum_cell))
    primary = (table > 0) & (table < minimum_cell)
    complementary, proof = complementary_cells(table, primary, minimum_cell)
    if not proof.holds((primary | complementary).ravel(), margin_equations(table.shape)):
        complementary = ~primary
    withheld = primary | complementary
    released = np.ma.MaskedArray(
        np.where(withheld, 0, table), mask=withheld
    )  # a masked array keeps what it hides
    return Protected(minimum_cell, primary, complementary, released, proof)


def exposed(protected: Protected) -> Bools:
    """Withheld cells that an attacker can bound below the minimum cell, or, if small, above 1.

    The attack sees the release alone, and knows nothing of the proof.
    """
    found = audit(protected.released, enough=(1, protected.minimum_cell))
    return (protected.withheld & (found.upper < protected.minimum_cell)) | (
        protected.primary & (found.lower > 1)
    )


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


def _checked(counts: ArrayLike, minimum_cell: int) -> Ints:
    table = np.asarray(counts)
    if minimum_cell < 1:
        raise ValueError(f"The minimum cell is {minimum_cell}, expected 1 or more.")
    if table.ndim == 0 or not table.size or not np.issubdtype(table.dtype, np.integer):
        raise ValueError(f"Expected a table of whole numbers, got {table.dtype} of shape {table.shape}.")
    if table.min() < 0:
        raise ValueError(f"A count is {table.min()}, expected 0 or more.")
    return table.astype(np.int64)
