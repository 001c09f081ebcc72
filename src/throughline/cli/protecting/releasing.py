"""Protects a table from a file, beside what files say was published before."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from throughline.cli.faults import Fault
from throughline.cli.protecting.tables import Table, counted, read_release, refuse_many_cells
from throughline.cli.protecting.wording import in_words
from throughline.policy.contributors import protect_from_contributors
from throughline.policy.frame import Differs, Frame, Release
from throughline.policy.history import NoTable, candidate_in
from throughline.policy.suppression import exposed, protect_candidate


def release(
    file: Path, table: Table, earlier: Sequence[Path], threshold: int
) -> tuple["np.ma.MaskedArray[Any, Any]", NDArray[np.bool_]]:
    """What may be published of the table, in the order of its names, and which of the rest is small.

    Raises Fault where earlier releases say something else, or leave nothing to protect.
    """
    names = table.names
    wanted = Release(
        counted(names, table.shape),
        np.ma.MaskedArray(np.zeros([len(each) for each in names], int), mask=True),
    )
    before = [read_release(path, table.shape) for path in earlier]
    frame = Frame.around([wanted, *before])
    refuse_many_cells(file, frame)
    try:
        candidate = candidate_in(
            frame, table.counts, table.labels, wanted=wanted, earlier=before, minimum_cell=threshold
        )
    except Differs as found:
        raise Fault(
            f"{file}: {in_words(found.groups, table.shape, table.labels)} counts {found.later:,}, and was published as "
            f"{found.earlier:,}. Expected the counts that the earlier releases were made from."
        ) from None
    except NoTable:
        raise Fault(
            f"{file}: its counts can't be right if those of {', '.join(map(str, earlier))} are. "
            "Expected the counts that the earlier releases were made from."
        ) from None
    protected = protect_candidate(candidate)
    if len(table.contributions) > 1:
        sent = (frame.embed(one, table.labels) for one in table.contributions)
        protected = protect_from_contributors(protected, sent)
    if earlier and len(given_away := np.argwhere(exposed(protected))):
        such_as = in_words(frame.groups(given_away[0].tolist()), table.shape, frame.labels)
        raise Fault(
            f"{', '.join(map(str, earlier))}: {len(given_away):,} small counts can be bounded whatever is withheld "
            f"now, such as {such_as}. Expected releases that hide them."
        )
    where = frame.where(wanted)
    return protected.released[where], protected.primary[where]
