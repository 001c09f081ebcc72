"""Chooses which further cells to withhold so that the small counts can't be worked out from what is published.

For each small count the chooser looks for two other tables that an attacker would find just as possible: one in which
the count is 1 or less and one in which it reaches the minimum cell. Each table is the true one plus changes that leave
all equations whole; a linear program finds the changes that touch the fewest published cells, and the touched cells are
withheld. Fractional changes are made whole by a mixed-integer program: an attacker knows that people come in ones.

Source: Kelly, Golden and Assad, "Cell suppression: disclosure protection for sensitive tabular data", Networks 22
(1992), with the one-cell-at-a-time programs that τ-ARGUS and Fischetti and Salazar-González (2001) call the heuristic.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from throughline.policy.margins import margin_equations

_TOLERANCE = 1e-6
_ZERO_PENALTY = 3.0  # zeros stay readable where another cell can serve
_MARGIN_PENALTY = 3.0  # per axis summed: readers need totals most


def complementary_cells(table: NDArray[np.int64], minimum_cell: int) -> NDArray[np.bool_]:
    """The cells to withhold besides the small ones, for a table with its margins."""
    search = _Search.of(table, minimum_cell)
    while (cell := search.next_unprotected()) is not None:
        search.protect(cell)
    return (search.withheld & ~_small(table, minimum_cell).ravel()).reshape(table.shape)
