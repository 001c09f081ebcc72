"""Finds tables that an attacker must hold for just as possible as the true one, by linear programs.

A table's alternatives are the true counts plus changes that keep all sums right and leave no count below zero.
"""

from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from throughline.policy.programs import solver_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Indices = NDArray[np.intp]

_WHOLE = 1e-6


class Alternatives:
    """The changes of n counts that satisfy `equations @ changes == 0` (m x n) and touch only the given `cells`.

    A change is split into a rise and a fall, so that "nothing changes" is the corner from which the simplex method
    starts: it then needs about as many steps as counts change. `whole` changes are those of people, who come in ones.
    """

    def __init__(self, counts: Ints, equations: Any, cells: Indices, *, whole: bool = False) -> None:
        self._size, self._cells = len(counts), cells
        self._column = {cell: column for column, cell in enumerate(cells.tolist())}
        self._most = np.stack([np.full(len(cells), np.inf), counts[cells]])
        rises = equations[:, cells]
        rises = rises[np.flatnonzero(np.diff(rises.indptr))]
        both = sparse.hstack([rises, -rises])
        self._solver = solver_of(both, np.zeros(both.shape[0]), self._most.ravel(), whole=whole)
        self.asked = 0

    def price(self, rise: Floats, fall: Floats) -> None:
        """What it costs to change each of the n counts by one: the changes found cost the least."""
        prices = np.concatenate([rise[self._cells], fall[self._cells]])
        self._solver.changeColsCost(len(prices), np.arange(len(prices), dtype=np.int32), prices)

    def forbid(self, cell: int) -> None:
        """Leave this count as it is from now on."""
        self._bound(self._column[cell], np.zeros(2), np.zeros(2))

    def allow(self, cell: int) -> None:
        column = self._column[cell]
        self._bound(column, np.zeros(2), self._most[:, column])

    def find(self, cell: int, change: float) -> Floats | None:
        """The cheapest changes of all counts (n) that change this one so much; None if there are none."""
        column, wish = self._column.get(cell), np.clip([change, -change], 0, None)
        if column is None or (wish > self._most[:, column]).any():
            return None
        self.asked += 1
        self._bound(column, wish, wish)
        self._solver.clearSolver()
        self._solver.run()
        found = self._solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        rise, fall = np.reshape(self._solver.getSolution().col_value, (2, -1))
        self.allow(cell)
        return self._everywhere(rise - fall) if found else None

    def _bound(self, column: int, least: Floats, most: Floats) -> None:
        columns = np.array([column, column + len(self._cells)], dtype=np.int32)
        self._solver.changeColsBounds(2, columns, least, most)

    def _everywhere(self, changes: Floats) -> Floats:
        """The changes of all counts; what the solver's tolerance left of whole numbers is made whole."""
        nearest, everywhere = np.rint(changes), np.zeros(self._size)
        everywhere[self._cells] = np.where(np.abs(changes - nearest) < _WHOLE, nearest, changes)
        return everywhere


def is_whole(changes: Floats) -> bool:
    return bool((changes == np.rint(changes)).all())
