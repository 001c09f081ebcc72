"""A table that is to be published, beside what is public already."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from throughline.policy.margins import Axes, with_margins

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """Counts with all their sums, of which the `wanted` ones are to be published, and the `known` ones are public.

    What is neither is never shown, but small counts among it are withheld too: they could be worked out from the rest.
    Of the counts that `fall` nobody may be able to rule out 1 or less; of those that `rise`, the minimum cell or more.
    """

    axes: Axes
    counts: Ints
    minimum_cell: int
    small: Bools
    wanted: Bools
    known: Bools
    fall: Bools
    rise: Bools

    @classmethod
    def of(
        cls,
        counts: Ints,
        axes: Axes,
        minimum_cell: int,
        *,
        wanted: Bools | None = None,
        known: Bools | None = None,
        unsure: Bools | None = None,
        left_open: tuple[Any, Any] = (False, False),
    ) -> Self:
        """Made of counts without sums; all are wanted and none is known, unless told.

        `unsure` counts only stand for those of an earlier release: whether they are small isn't known. Of these, what
        that release `left_open` downwards and upwards stays open.
        """
        table = with_margins(counts, axes)
        nothing = np.zeros(table.shape, dtype=bool)
        known, unsure = (nothing if given is None else given for given in (known, unsure))
        wanted = ~known if wanted is None else wanted & ~known
        small = (table > 0) & (table < minimum_cell) & ~known & ~unsure
        fall, rise = (unsure & ~known & open_ for open_ in left_open)
        # Withheld zeros rise too: nobody should learn that a withheld count is small.
        return cls(axes, table, minimum_cell, small, wanted, known, small | fall, small | wanted | rise)

    def less(self, sent: Ints, *, wanted: Bools) -> Self:
        """The same as somebody sees it who knows this part (sums included) of all counts."""
        counts = self.counts - sent
        small = (counts > 0) & (counts < self.minimum_cell) & ~self.known
        return replace(self, counts=counts, small=small, wanted=wanted, fall=small, rise=small | wanted)
