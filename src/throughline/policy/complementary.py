"""Chooses which further cells to withhold, so that small counts can't be worked out from what is published.

For each small count two other tables are found that an attacker must hold for just as possible: one in which it is 1 or
less, and one in which it reaches the minimum cell. In both, only withheld cells differ from the true table, so whoever
sees the rest can't tell the three apart. These tables are kept: they prove the protection.

1. Linear programs, one small count after the other, withhold the cells that the cheapest such tables change.
2. What turns out to be needless is published again, the most useful cells first.
3. Tables with fractions of people are replaced by whole ones: people come in ones.

Sources: Kelly, Golden and Assad, "Cell suppression: disclosure protection for sensitive tabular data", Networks 22
(1992), 397-417, for 1; Fischetti and Salazar-González, "Solving the cell suppression problem on tabular data with
linear constraints", Management Science 47 (2001), 1008-1027, whose heuristic cleans up as 2 does.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from throughline.policy.alternatives import Alternatives, Floats, Indices, is_whole
from throughline.policy.candidate import Candidate
from throughline.policy.margins import counts_within, margin_equations, places_counting
from throughline.policy.proof import Proof

Bools = NDArray[np.bool_]

_HARDLY = 1e-6  # the price of changing what is withheld anyway: no more change than needed
_MOST_CLEANING = 5_000_000  # programs x cells: under a minute


class GivenAway(Exception):
    """A count that what is public already tells, whatever else is withheld."""


def complementary_cells(candidate: Candidate) -> tuple[Bools, Proof]:
    """The wanted cells to withhold besides the small ones, and what proves that they are enough.

    The proof is about the cells in C order. Raises GivenAway.
    """
    search = _Search(candidate)
    search.withhold()
    search.publish_needless()
    search.make_whole()
    withheld = search.withheld.reshape(candidate.counts.shape)
    return withheld & candidate.wanted & ~candidate.small, search.proof


class _Search:
    """A table's n cells in C order: which are withheld so far, and what hides them."""

    def __init__(self, candidate: Candidate) -> None:
        self._axes, self._counts = candidate.axes, candidate.counts.ravel()
        self._minimum_cell, self._known = candidate.minimum_cell, candidate.known.ravel()
        self._equations: Any = margin_equations(candidate.axes)
        self._weight = _weight(candidate).ravel()
        self._open = (candidate.wanted & ~candidate.small).ravel()
        self._must = {"falls": candidate.fall.ravel(), "rises": candidate.rise.ravel()}
        self.withheld = ~self._open & ~self._known
        self.proof = self._nothing_proven()

    def withhold(self) -> None:
        """Withhold what must change in other tables, and weighs the least."""
        alternatives, withheld = self._among(np.flatnonzero(~self._known)), -1
        while lacking := self.proof.lacking(self.withheld):
            if self.withheld.sum() > withheld:
                withheld = self.withheld.sum()
                alternatives.price(*self._prices())
            self._show(alternatives, *lacking)

    def publish_needless(self) -> None:
        """Publish again what can be missed, the most useful first, as long as that costs little."""
        cells = np.flatnonzero(self.withheld)
        alternatives = self._among(cells)
        alternatives.price(*self._prices())
        others = np.flatnonzero(self.withheld & self._open)
        for cell in others[np.argsort(-self._weight[others], kind="stable")].tolist():
            if alternatives.asked * len(cells) < _MOST_CLEANING:
                self._publish_if_needless(cell, alternatives)

    def make_whole(self) -> None:
        fractional, self.proof = self.proof, self._nothing_proven()
        self.proof.add(filter(is_whole, fractional))
        alternatives = self._among(np.flatnonzero(self.withheld), whole=True)
        while lacking := self.proof.lacking(self.withheld):
            self._show(alternatives, *lacking)

    def _publish_if_needless(self, cell: int, alternatives: Alternatives) -> None:
        taken = self.proof.take(cell)
        self.withheld[cell] = False
        alternatives.forbid(cell)
        if not self._hides_all(alternatives):
            alternatives.allow(cell)
            self.withheld[cell] = True
            self.proof.add(taken)

    def _hides_all(self, alternatives: Alternatives) -> bool:
        while lacking := self.proof.lacking(self.withheld):
            change = alternatives.find(*lacking)
            if change is None:
                return False
            self.proof.add([change])
        return True

    def _show(self, alternatives: Alternatives, cell: int, change: float) -> None:
        """Withhold what hides a count. If no program finds that: every sum that it is part of, which moves with it."""
        changes = alternatives.find(cell, change)
        if changes is None:
            changes = self._with_its_sums(cell, change)
        self.withheld |= changes != 0
        self.proof.add([changes])

    def _with_its_sums(self, cell: int, change: float) -> Floats:
        """Changes of a count in this cell, the largest, and of every sum that it is part of."""
        within = counts_within(cell, self._axes)
        where = within[np.argmax(self._counts[within])]
        changes = np.zeros(len(self._counts))
        changes[places_counting(where, self._axes)] = change
        if changes[self._known].any() or (self._counts + changes < 0).any():
            raise GivenAway
        return changes

    def _nothing_proven(self) -> Proof:
        return Proof(self._counts, self._minimum_cell, **self._must)

    def _among(self, cells: Indices, *, whole: bool = False) -> Alternatives:
        return Alternatives(self._counts, self._equations, cells, whole=whole)

    def _prices(self) -> tuple[Floats, Floats]:
        """A published cell costs its full weight when it moves as far as a wish may go, or as far as it can fall."""
        weight = np.where(self.withheld, 0, self._weight)
        fall = np.clip(self._counts, 1, self._minimum_cell)
        return weight / self._minimum_cell + _HARDLY, weight / fall + _HARDLY


def _weight(candidate: Candidate) -> Floats:
    """What readers lose with a cell: totals are needed most, zeros stay readable where others serve, and of two counts
    the smaller one goes."""
    table = candidate.counts
    labels = np.expand_dims([axis.labels for axis in candidate.axes], tuple(range(1, table.ndim + 1)))
    summed_axes = (np.indices(table.shape) >= labels).sum(axis=0)
    return np.asarray(1.5**summed_axes * np.where(table == 0, 3.0, 1.0) * (1 + np.log1p(table) / 50))
