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

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from throughline.policy.margins import Axes, margin_equations, plain_axes
from throughline.policy.programs import solver_of

_TOLERANCE = 1e-6
_NO_TABLE = "The published counts do not add up: no table agrees with all of them."

Floats = NDArray[np.float64]
Enough = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """The lowest and highest count that each cell can have; `upper` is infinite where nothing bounds it."""

    lower: Floats
    upper: Floats

    @property
    def recovered(self) -> NDArray[np.bool_]:
        """The cells that have only one possible count (all published cells among them)."""
        return np.equal(self.lower, self.upper)


def audit(
    released: "np.ma.MaskedArray[Any, Any]", axes: Axes = (), *, enough: Enough = (0, np.inf)
) -> Intervals:
    """The attacker's interval for each cell of a table with its sums, withheld cells masked.

    Without `axes` the only sums are ALL. Several releases are one table, in which what none of them shows is masked.
    A bound that is found to be as low, or as high, as `enough` says is not followed further.
    Raises ValueError where the published counts do not add up.
    """
    hidden = np.ma.getmaskarray(released)
    known = released.filled(0).ravel()
    equations = margin_equations(axes or plain_axes([size - 1 for size in released.shape]))
    lower, upper = intervals(known, hidden.ravel(), equations, enough=enough)
    return Intervals(lower.reshape(released.shape), upper.reshape(released.shape))


def intervals(
    values: NDArray[Any], hidden: NDArray[np.bool_], equations: Any, *, enough: Enough = (0, np.inf)
) -> tuple[Floats, Floats]:
    """Bounds of n cells with `equations @ cells == 0` (m x n); values of hidden cells are not read."""
    known = np.where(hidden, 0, values).astype(float)
    lower, upper = known.copy(), known.copy()
    totals = -(equations @ known)
    unknown = sparse.csr_array(equations[:, hidden])
    if (totals[np.diff(unknown.indptr) == 0] != 0).any():
        raise ValueError(_NO_TABLE)
    for rows, columns in _connected(unknown):
        cells = np.flatnonzero(hidden)[columns]
        lower[cells], upper[cells] = _bounds(unknown[rows][:, columns], totals[rows], enough)
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


def _bounds(coefficients: Any, totals: Floats, enough: Enough) -> tuple[Floats, Floats]:
    """Whole-number bounds of the unknowns of `coefficients @ unknowns == totals`.

    Unknowns that appear in the same equations can take each other's place, so they are solved as one sum:
    each can be as high as the sum, and as low as zero.
    """
    distinct, group, size = np.unique(coefficients.toarray(), axis=1, return_inverse=True, return_counts=True)
    lower, upper = _extremes(distinct, totals, enough)
    lower = np.where(size > 1, 0, lower)
    return np.ceil(lower - _TOLERANCE)[group], np.floor(upper + _TOLERANCE)[group]


def _extremes(coefficients: Floats, totals: Floats, enough: Enough) -> tuple[Floats, Floats]:
    """The least and greatest value of each unknown.

    A value that some solution reached, and that no solution can pass, needs no program of its own. Nor does one that
    is `enough`, once another solution shows that the unknown isn't settled.
    """
    program, ceiling = _Program(coefficients, totals), _ceiling(coefficients, totals)
    least = greatest = program.solve()
    for cell, sense in product(range(len(ceiling)), (1, -1)):
        low, high = enough if greatest[cell] - least[cell] > _TOLERANCE else (0, np.inf)
        settled = (
            least[cell] - low <= _TOLERANCE
            if sense > 0
            else min(high, ceiling[cell]) - greatest[cell] <= _TOLERANCE
        )
        if not settled:
            solution = program.solve(cell, sense)
            least, greatest = np.minimum(least, solution), np.maximum(greatest, solution)
    return least, greatest


def _ceiling(coefficients: Floats, totals: Floats) -> Floats:
    """No part of a published sum exceeds it. A withheld sum (coefficient -1) sets no ceiling."""
    plain = (coefficients >= 0).all(axis=1)
    sums: Floats = np.where(coefficients[plain] > 0, totals[plain, None], np.inf)
    return np.asarray(sums.min(axis=0, initial=np.inf))


class _Program:
    """The unknowns, none below zero, that satisfy the equations; each question starts from the last answer."""

    def __init__(self, coefficients: Floats, totals: Floats) -> None:
        self._solver = solver_of(coefficients, totals, np.full(coefficients.shape[1], np.inf))

    def solve(self, cell: int = 0, sense: int = 0) -> Floats:
        """The unknowns of which this one is least (sense 1) or greatest (-1); infinite if nothing bounds it.

        Raises ValueError where there are none, and RuntimeError where the solver gives up: that is no proof of safety.
        """
        self._solver.changeColCost(cell, sense)
        status = self._run()
        if status == highspy.HighsModelStatus.kOptimal:
            self._last = np.array(self._solver.getSolution().col_value)
        self._solver.changeColCost(cell, 0)
        match status:
            case highspy.HighsModelStatus.kOptimal:
                return self._last
            case highspy.HighsModelStatus.kUnbounded if sense < 0:
                return np.where(np.arange(len(self._last)) == cell, np.inf, self._last)
            case highspy.HighsModelStatus.kInfeasible:
                raise ValueError(_NO_TABLE)
        raise RuntimeError(f"The attack did not finish: {self._solver.modelStatusToString(status)}")

    def _run(self) -> highspy.HighsModelStatus:
        """From the last answer; where that leads nowhere, as it may in programs without bounds, from the beginning."""
        self._solver.run()
        if self._solver.getModelStatus() == highspy.HighsModelStatus.kUnknown:
            self._solver.clearSolver()
            self._solver.setOptionValue("presolve", "on")
            self._solver.run()
            self._solver.setOptionValue("presolve", "off")
        return self._solver.getModelStatus()
