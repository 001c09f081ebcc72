"""Withholds running totals that would give a small count away."""

from collections.abc import Sequence


def protect_running_totals(counts: Sequence[int], *, minimum_cell: int = 10) -> list[int | None]:
    """Running totals of the counts, None where withheld; the last one is of everything.

    Whoever knows two totals knows what lies between them. So a total is released only where what it adds to the one
    released before, and what is left to the last, are none or at least `minimum_cell`: the counts are merged until
    none is small. The last is withheld, and so is every other, where all together are few.

    Raises ValueError for negative counts and for a minimum cell below 1.
    """
    if minimum_cell < 1 or min(counts, default=0) < 0:
        raise ValueError(f"Expected counts of 0 or more and a minimum cell of 1 or more, got {minimum_cell}.")
    everything = sum(counts)
    released, known, total = list[int | None](), 0, 0
    for count in counts:
        total += count
        open_ = not (0 < total - known < minimum_cell or 0 < everything - total < minimum_cell)
        known = total if open_ else known
        released.append(total if open_ else None)
    return released
