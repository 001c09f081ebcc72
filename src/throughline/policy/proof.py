"""Keeps the tables that prove a protection: as possible as the true one, and far from it where that is small."""

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from throughline.policy.alternatives import Floats, Ints, is_whole

Bools = NDArray[np.bool_]


class Proof:
    """Changes of n counts that an attacker can't rule out.

    A count is hidden when one of them takes it to 1 or less, if it `falls`, and another to the minimum cell or more,
    if it `rises`.
    """

    def __init__(self, counts: Ints, minimum_cell: int, *, falls: Bools, rises: Bools) -> None:
        self._counts, self._minimum_cell = counts, minimum_cell
        self._falls, self._rises = falls, rises
        self._low = (counts <= 1).astype(np.int64)  # how many tables show each count so low
        self._high = (counts >= minimum_cell).astype(np.int64)
        self._changes = dict[int, Floats]()
        self._touching = [set[int]() for _ in counts]
        self._numbers = count()

    def __iter__(self) -> Iterator[Floats]:
        return iter(self._changes.values())

    def holds(self, withheld: Bools, equations: Any) -> bool:
        """Whether it hides every withheld count by whole tables that agree with all that is published."""
        possible = all(
            is_whole(change)
            and not change[~withheld].any()
            and (self._counts + change >= 0).all()
            and not (equations @ change).any()
            for change in self
        )
        return possible and self.lacking(withheld) is None

    def add(self, changes: Iterable[Floats]) -> None:
        for change in changes:
            number = next(self._numbers)
            self._changes[number] = change
            for cell in np.flatnonzero(change):
                self._touching[cell].add(number)
            self._tally(change, 1)

    def take(self, cell: int) -> list[Floats]:
        """The changes that touch this count, removed from the proof."""
        taken = {number: self._changes.pop(number) for number in sorted(self._touching[cell])}
        for number, change in taken.items():
            for touched in np.flatnonzero(change):
                self._touching[touched].discard(number)
            self._tally(change, -1)
        return list(taken.values())

    def lacking(self, withheld: Bools) -> tuple[int, float] | None:
        """The withheld count that is furthest from hidden, and how it should be shown to change."""
        rise = np.where(withheld & self._rises & (self._high == 0), self._minimum_cell - self._counts, 0)
        fall = np.where(withheld & self._falls & (self._low == 0), self._counts - 1, 0)
        cell = int(np.argmax(np.maximum(rise, fall)))
        change = float(rise[cell] if rise[cell] >= fall[cell] else -fall[cell])
        return (cell, change) if change else None

    def _tally(self, change: Floats, by: int) -> None:
        self._low += by * (self._counts + change <= 1)
        self._high += by * (self._counts + change >= self._minimum_cell)
