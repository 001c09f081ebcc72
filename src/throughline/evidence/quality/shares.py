"""Shares that single nobody out: one is shown only where all the counts that make it up may be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike

from throughline.policy.suppression import protect
from throughline.ui.charts import MISSING

TELLING = 20  # minimum cells: with more records, "good" still leaves open who the few others are


@dataclass(frozen=True)
class MonthlyShares:
    """The known share of each month: None where withheld, MISSING where there are no records.

    `judged` is the latest share for a verdict, never to be shown; None where so few records came that the verdict
    itself would tell. `is_sent`: whether any record of these months has a value. `before`: the share of all earlier
    months together; None where there are none, and where one of them is withheld, since it could be given away.
    """

    months: Sequence[date]
    shares: Sequence[float | None]
    judged: float | None
    is_sent: bool
    before: float | None

    @property
    def latest(self) -> float | None:
        return self.shares[-1]


def monthly_shares(
    months: Sequence[date], known: ArrayLike, records: ArrayLike, *, minimum_cell: int
) -> MonthlyShares:
    """Both counts of each month, known and unknown, stand in one table with its sums, and that is protected."""
    table = np.stack([np.asarray(known), np.asarray(records) - np.asarray(known)], axis=1)
    withheld = protect(table, minimum_cell=minimum_cell).withheld[:-1].any(axis=1)
    shares = [_share(*row) for row in table.tolist()]
    return MonthlyShares(
        months=months,
        shares=[None if hidden else share for hidden, share in zip(withheld, shares, strict=True)],
        judged=share_to_judge(
            shares[-1], of=int(table[-1].sum()), shown=not withheld[-1], minimum_cell=minimum_cell
        ),
        is_sent=bool(table[:, 0].any()),
        before=None
        if withheld[:-1].any() or not table[:-1].any()
        else _share(*table[:-1].sum(axis=0).tolist()),
    )


def share_to_judge(share: float, *, of: int, shown: bool, minimum_cell: int) -> float | None:
    """The share that a verdict may rest on: one that is shown, or one of so many that the verdict tells nothing."""
    return share if of and (shown or of >= TELLING * minimum_cell) else None


def may_be_shown(*parts: int, of: int, minimum_cell: int) -> bool:
    """Whether figures of these disjoint parts single nobody out, nor what is left beside them."""
    return all(part == 0 or part >= minimum_cell for part in (*parts, of - sum(parts)))


def _share(known: int, unknown: int) -> float:
    return known / (known + unknown) if known + unknown else MISSING
