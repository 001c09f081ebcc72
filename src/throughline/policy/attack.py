"""Shows what an attacker can work out about withheld counts: the range of each, by linear programs.

The attacker knows all that was published, that published margins are sums, and that counts are whole numbers of zero
or more; not which cells are small and which were withheld to hide those. This module knows nothing of how the
withheld cells were chosen, and never sees their counts.

Source: Fischetti and Salazar-González, "Solving the cell suppression problem on tabular data with linear constraints",
Management Science 47 (2001): the attacker's subproblems.
"""

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from throughline.policy.margins import margin_equations

_TOLERANCE = 1e-6

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """The lowest and highest count that each cell can have, as arrays; `upper` is infinite where nothing bounds it."""

    lower: Floats
    upper: Floats

    @property
    def recovered(self) -> NDArray[np.bool_]:
        """The cells that have only one possible count (all published cells among them)."""
        return self.lower == self.upper


def audit(released: "np.ma.MaskedArray[Any, Any]") -> Intervals:
    """The attacker's interval for each cell of a table with its margins, withheld cells masked.

    Raises ValueError where the published counts do not add up.
    """
    hidden = np.ma.getmaskarray(released)
    lower, upper = intervals(released.filled(0).ravel(), hidden.ravel(), margin_equations(released.shape))
    return Intervals(lower.reshape(released.shape), upper.reshape(released.shape))


def intervals(
    values: NDArray[Any], hidden: NDArray[np.bool_], equations: sparse.csr_array
) -> tuple[Floats, Floats]:
    """Bounds of each of n cells that obey `equations @ cells == 0` (m x n); `values` count only where not hidden."""
    known = np.where(hidden, 0, values).astype(float)
    lower, upper = known.copy(), known.copy()
    totals = -(equations @ known)
    unknown = sparse.csr_array(equations[:, hidden])
    for rows, columns in _connected(unknown):
        cells = np.flatnonzero(hidden)[columns]
        lower[cells], upper[cells] = _bounds(unknown[rows][:, columns].toarray(), totals[rows])
    return lower, upper


def _connected(unknown: sparse.csr_array) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """The equations and unknowns, split into parts that share nothing: small programs are fast programs."""
    row_count, column_count = unknown.shape
    graph = sparse.block_array([[None, unknown], [unknown.T, None]])
    part_count, part = sparse.csgraph.connected_components(graph, directed=False)
    parts = [(np.flatnonzero(part[:row_count] == k), np.flatnonzero(part[row_count:] == k)) for k in range(part_count)]
    return [(rows, columns) for rows, columns in parts if columns.size]


def _bounds(coefficients: Floats, totals: Floats) -> tuple[Floats, Floats]:
    """Whole-number bounds of the unknowns of `coefficients @ unknowns == totals`.

    Unknowns that appear in the same equations can take each other's place, so they are solved as one sum: each can be
    as high as the sum, and as low as zero.
    """
    distinct, group, size = np.unique(coefficients, axis=1, return_inverse=True, return_counts=True)
    lower, upper = _extremes(distinct, totals)
    lower = np.where(size > 1, 0, lower)
    return np.ceil(lower - _TOLERANCE)[group], np.floor(upper + _TOLERANCE)[group]


def _extremes(coefficients: Floats, totals: Floats) -> tuple[Floats, Floats]:
    """The least and greatest value of each unknown.

    A value that some solution reached, and that no solution can pass, needs no program of its own.
    """
    ceiling = _ceiling(coefficients, totals)
    some = _solve(np.zeros_like(ceiling), coefficients, totals)
    if some is None:
        raise ValueError("The published counts do not add up: no table agrees with all of them.")
    least, greatest = some, some.copy()
    for cell, sense in product(range(len(ceiling)), (1, -1)):
        settled = least[cell] <= _TOLERANCE if sense > 0 else greatest[cell] >= ceiling[cell] - _TOLERANCE
        if settled:
            continue
        solution = _solve(sense * (np.arange(len(ceiling)) == cell), coefficients, totals)
        if solution is None:
            greatest[cell] = np.inf
        else:
            least, greatest = np.minimum(least, solution), np.maximum(greatest, solution)
    return least, greatest


def _ceiling(coefficients: Floats, totals: Floats) -> Floats:
    """No part of a published sum exceeds it. Equations with a withheld margin (coefficient -1) promise nothing."""
    plain = (coefficients >= 0).all(axis=1)
    return np.where(coefficients[plain] > 0, totals[plain, None], np.inf).min(axis=0, initial=np.inf)


def _solve(cost: NDArray[Any], coefficients: Floats, totals: Floats) -> Floats | None:
    """Unknowns of least cost, or None where there are none or the cost falls without end."""
    solution = linprog(cost, A_eq=coefficients, b_eq=totals, bounds=(0, None), method="highs")
    return np.asarray(solution.x) if solution.success else None
