"""Chooses which further cells to withhold, so that small counts can't be worked out from what is published.

For each small count the chooser looks for two other tables that an attacker would find just as possible: one
in which the count is 1 or less, and one in which it reaches the minimum cell. Each is the true table plus
changes that keep all sums right. A linear program finds the changes that touch the fewest published
cells, and the touched cells are withheld. Fractional changes are made whole by a mixed-integer program:
people come in ones.

Source: Kelly, Golden and Assad, "Cell suppression: disclosure protection for sensitive tabular data",
Networks 22
(1992), 397-417: one program for each small count, what is withheld already weighing nothing.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from throughline.policy.margins import margin_equations

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def complementary_cells(table: Ints, primary: Bools, minimum_cell: int) -> Bools:
    """The cells to withhold besides the primary ones; `table` has its margins. All if a program fails.

    Zeros that are withheld to protect others are themselves protected up to the minimum cell: an attacker
    should not learn that a withheld count is small, even where it is zero.
    """
    counts, withheld = table.ravel(), primary.ravel().copy()
    equations, weight = margin_equations(table.shape), _weight(table).ravel()
    lowest, highest = counts.copy(), counts.copy()
    while (wanted := _wanted(counts, withheld, lowest, highest, minimum_cell)).any():
        changes = _changes(wanted, counts, np.where(withheld, 0, weight), equations)
        if changes is None:
            return ~primary
        withheld |= changes != 0
        lowest, highest = np.minimum(lowest, counts + changes), np.maximum(highest, counts + changes)
    return withheld.reshape(table.shape) & ~primary


def _weight(table: Ints) -> Floats:
    """What readers lose with a cell: totals are needed most, and zeros stay readable where others serve."""
    last = np.expand_dims(np.array(table.shape) - 1, tuple(range(1, table.ndim + 1)))
    totalled_axes = (np.indices(table.shape) == last).sum(axis=0)
    weight: Floats = 3.0**totalled_axes * np.where(table == 0, 3.0, 1.0) * (1 + np.log1p(table) / 50)
    return weight


def _wanted(counts: Ints, withheld: Bools, lowest: Ints, highest: Ints, minimum_cell: int) -> Ints:
    """The change that each small withheld cell still needs to see in some possible table, up or down."""
    small = withheld & (counts < minimum_cell)
    up = np.where(small & (highest < minimum_cell), minimum_cell - counts, 0)
    down = np.where(small & (lowest > 1), counts - 1, 0)
    return np.where(up >= down, up, -down)


def _changes(wanted: Ints, counts: Ints, weight: Floats, equations: sparse.csr_array) -> Ints | None:
    """The lightest changes that grant the greatest wish, leave all equations whole and no count below zero.

    Each cell is split into a rise and a fall. It costs its full weight when it moves as far as the granted
    wish, or as far as it can fall: about what it costs to withhold it. Other wishes are granted on the way
    where that withholds nothing more, since they weigh too little to pay for a published cell.
    """
    cell = int(np.argmax(np.abs(wanted)))
    reach = abs(int(wanted[cell]))
    bonus = 1e-4 * np.sign(wanted)
    cost = np.concatenate([weight / reach - bonus, weight / np.clip(counts, 1, reach) + bonus]) + 1e-6
    most = np.concatenate([np.full(len(counts), counts.max() + reach), counts]).astype(float)
    least = np.zeros_like(most)
    least[cell] = most[cell] = max(wanted[cell], 0)
    least[len(counts) + cell] = most[len(counts) + cell] = max(-wanted[cell], 0)
    split = _least_cost(cost, Bounds(least, most), sparse.hstack([equations, -equations], format="csr"))
    return None if split is None else split[: len(counts)] - split[len(counts) :]


def _least_cost(cost: Floats, bounds: Bounds, equations: Any) -> Ints | None:
    """Whole numbers of least cost. Two-way tables give them by themselves: their equations are unimodular."""
    for integrality in (np.zeros_like(cost, int), np.ones_like(cost, int)):
        solution = milp(
            cost, bounds=bounds, constraints=LinearConstraint(equations, 0, 0), integrality=integrality
        )
        if solution.success and np.allclose(solution.x, np.rint(solution.x), atol=1e-6):
            return np.asarray(np.rint(solution.x), dtype=np.int64)
    return None
