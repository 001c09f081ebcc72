"""Shows what an attacker can work out about withheld counts: the range of each, by linear programs.

The attacker knows all that was published, that margins are sums, and that counts are whole numbers of zero or
more; not which cells are small and which were withheld to hide those. This module knows nothing of how the
withheld cells were chosen, and never sees their counts.

Source: the attacker's subproblems in Fischetti and Salazar-González, "Solving the cell suppression problem on
tabular data with linear constraints", Management Science 47 (2001).
"""

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import LinearConstraint, milp

from throughline.policy.margins import margin_equations

_TOLERANCE = 1e-6
_OPTIMAL, _INFEASIBLE, _UNBOUNDED = 0, 2, 3  # the statuses of scipy.optimize.milp

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """The lowest and highest count that each cell can have; `upper` is infinite where nothing bounds it."""

    lower: Floats
    upper: Floats

    @property
    def recovered(self) -> NDArray[np.bool_]:
        """The cells that have only one possible count (all published cells among them)."""
        return np.equal(self.lower, self.upper)


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
    """Bounds of n cells with `equations @ cells == 0` (m x n); values of hidden cells are not read."""
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
    row_count = unknown.shape[0]
    blocks: Any = [[None, unknown], [unknown.T, None]]
    graph = sparse.csr_array(sparse.bmat(blocks))
    part_count, part = sparse.csgraph.connected_components(graph, directed=False)
    parts = [
        (np.flatnonzero(part[:row_count] == k), np.flatnonzero(part[row_count:] == k))
        for k in range(part_count)
    ]
    return [(rows, columns) for rows, columns in parts if columns.size]


def _bounds(coefficients: Floats, totals: Floats) -> tuple[Floats, Floats]:
    """Whole-number bounds of the unknowns of `coefficients @ unknowns == totals`.

    Unknowns that appear in the same equations can take each other's place, so they are solved as one sum:
    each can be as high as the sum, and as low as zero.
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
    least = greatest = _solve(np.zeros_like(ceiling), coefficients, totals)
    for cell, sense in product(range(len(ceiling)), (1, -1)):
        settled = least[cell] <= _TOLERANCE if sense > 0 else greatest[cell] >= ceiling[cell] - _TOLERANCE
        if not settled:
            wish = np.arange(len(ceiling)) == cell
            solution = _solve(sense * wish, coefficients, totals, unbounded=np.where(wish, np.inf, greatest))
            least, greatest = np.minimum(least, solution), np.maximum(greatest, solution)
    return least, greatest


def _ceiling(coefficients: Floats, totals: Floats) -> Floats:
    """No part of a published sum exceeds it. A withheld sum (coefficient -1) sets no ceiling."""
    plain = (coefficients >= 0).all(axis=1)
    sums: Floats = np.where(coefficients[plain] > 0, totals[plain, None], np.inf)
    return np.asarray(sums.min(axis=0, initial=np.inf))


def _solve(
    cost: NDArray[Any], coefficients: Floats, totals: Floats, *, unbounded: Floats | None = None
) -> Floats:
    """Unknowns of least cost, or `unbounded` where the cost falls without end.

    Presolve can't always tell an unbounded program from an infeasible one, so the second try goes without.
    """
    equations = LinearConstraint(coefficients, totals, totals)
    for presolve in (True, False):
        solution = milp(cost, constraints=equations, options={"presolve": presolve})
        if solution.status == _OPTIMAL:
            return np.asarray(solution.x)
        if solution.status == _UNBOUNDED and unbounded is not None:
            return unbounded
    if solution.status == _INFEASIBLE:
        raise ValueError("The published counts do not add up: no table agrees with all of them.")
    raise RuntimeError(f"The attack did not finish: {solution.message}")
