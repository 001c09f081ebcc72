"""Sets a table beside what was published earlier of the same people: who holds both can subtract them."""

from collections.abc import Sequence
from functools import reduce
from typing import Any

import highspy
import numpy as np
from scipy import sparse

from throughline.policy.attack import audit
from throughline.policy.candidate import Bools, Candidate, Ints
from throughline.policy.frame import Differs, Frame, Labels, Release
from throughline.policy.margins import Axes, Axis, with_margins
from throughline.policy.programs import solver_of

Masked = np.ma.MaskedArray[Any, Any]


class NoTable(ValueError):
    """Published counts with which the counts of a table can't all be right."""


def candidate_in(
    frame: Frame,
    counts: Ints,
    labels: Labels,
    *,
    wanted: Release,
    earlier: Sequence[Release],
    minimum_cell: int,
) -> Candidate:
    """The `wanted` cells of a table of counts with these labels, beside what `earlier` releases tell.

    All of them have their place in the frame.

    Labels that only the releases have get counts that agree with them: any table that agrees with all that is
    published is as good as the true one to show what can't be ruled out.

    Raises Differs where a count was published that is another now, NoTable where no table agrees with all.
    """
    known = frame.known(earlier)
    everywhere = frame.embed(counts, labels)
    unsure = 1 - frame.embed(np.ones_like(counts), labels)
    _refuse_changed(with_margins(everywhere, frame.axes), with_margins(unsure, frame.axes), known, frame)
    if unsure.any():
        everywhere += _standing_in(everywhere, unsure > 0, known, frame.axes)
    guessed = with_margins(unsure, frame.axes) > 0
    open_ = (
        _left_open(everywhere, known, frame, frame.shown(earlier), minimum_cell)
        if guessed.any()
        else (False, False)
    )
    return Candidate.of(
        everywhere,
        frame.axes,
        minimum_cell,
        wanted=frame.shown([wanted]),
        known=~np.ma.getmaskarray(known),
        unsure=guessed,
        left_open=open_,
    )


def _refuse_changed(table: Ints, unsure: Ints, known: Masked, frame: Frame) -> None:
    changed = np.argwhere(((known != table) & (unsure == 0)).filled(False))
    if len(changed):
        cell = tuple(changed[0].tolist())
        raise Differs(frame.groups(cell), int(known[cell]), int(table[cell]))


def _standing_in(counts: Ints, unsure: Bools, known: Masked, axes: Axes) -> Ints:
    """Whole counts, 0 where nothing is `unsure`, with which all that is known comes out right."""
    told = np.flatnonzero(~np.ma.getmaskarray(known))
    sums = reduce(sparse.kron, [_indicator(axis) for axis in axes]).tocsr()[told][:, np.flatnonzero(unsure)]
    totals = known.filled(0).ravel()[told] - with_margins(counts, axes).ravel()[told]
    solver = solver_of(sums, totals, np.full(sums.shape[1], np.inf), whole=True)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise NoTable
    found = np.zeros_like(counts)
    found[unsure] = np.rint(solver.getSolution().col_value).astype(np.int64)
    return found


def _indicator(axis: Axis) -> Any:
    rows = np.zeros((len(axis), axis.labels))
    for place in range(len(axis)):
        rows[place, sorted(axis.parts(place))] = 1
    return sparse.csr_array(rows)


def _left_open(
    counts: Ints, known: Masked, frame: Frame, shown: Bools, minimum_cell: int
) -> tuple[Bools, Bools]:
    """Of which counts nobody can rule out so far 1 or less, and the minimum cell or more, as far as that matters.

    A count of an earlier release must not become known to be small; one that was never `shown` only if it is.
    """
    table = with_margins(counts, frame.axes)
    small = (table > 0) & (table < minimum_cell)
    found = audit(known, frame.axes, enough=(1, minimum_cell))
    return small & (found.lower <= 1), (shown | small) & (found.upper >= minimum_cell)
