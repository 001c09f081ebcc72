"""What an attack on published tables finds out, in words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np

from throughline.cli.faults import Fault
from throughline.cli.protecting.tables import (
    Row,
    Shape,
    Table,
    read_counts,
    read_release,
    read_rows,
    refuse_many_cells,
)
from throughline.cli.protecting.wording import in_words
from throughline.policy.attack import audit
from throughline.policy.frame import Differs, Frame, Release
from throughline.policy.margins import with_margins
from throughline.policy.rates import counts_behind

NUMBER = re.compile(r"\d{1,12}(\.\d{1,6})?")


@dataclass(frozen=True, slots=True)
class Findings:
    where: str
    summary: str
    lines: tuple[str, ...]


def findings(
    files: Sequence[Path], shape: Shape, threshold: int, *, own: Path | None = None
) -> Iterator[Findings]:
    """The withheld counts that can be worked out, or are known to be small: file by file, then in all together.

    With a file of counts of their `own`: what a contributor learns of the others, who takes those off.
    """
    releases = [read_release(file, shape) for file in files]
    if own:
        table = read_counts(own, shape)
        releases = [_others(file, release, table, own) for file, release in zip(files, releases, strict=True)]
    for file, release in zip(files, releases, strict=True):
        yield _found(str(file), [release], shape, threshold)
    if len(files) > 1:
        yield _together(releases, shape, threshold)


def rates_found(
    file: Path, shape: Shape, threshold: int, *, rate: str, population: str, per: int
) -> Findings:
    """The withheld counts that a rate printed beside them tells, or tells to be small."""
    lines = [
        f"{', '.join(row.labels)}: {_range(counts)}, from the rate {row.also[0]}"
        for row in read_rows(file, shape, rate, population)
        if not row.count and row.also[0] and len(counts := _counts(row, rate, population, per)) > 0
        if len(counts) == 1 or counts[-1] < threshold
    ]
    return Findings(f"{file}, rates", f"{len(lines):,} withheld counts told by their rates.", tuple(lines))


def _counts(row: Row, rate: str, population: str, per: int) -> range:
    for name, value in zip((rate, population), row.also, strict=True):
        if not NUMBER.fullmatch(value):
            raise row.fault(name, value, "a number of 0 or more")
    return counts_behind(Decimal(row.also[0]), int(Decimal(row.also[1])), per=per)


def _range(counts: range) -> str:
    return str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"


def _others(file: Path, release: Release, own: Table, path: Path) -> Release:
    """What is left of a release without these counts; few people published with them are withheld in what is left."""
    frame = Frame.around([release])
    labels = [{*each} for each in frame.labels]
    if any(not {*each} <= known for each, known in zip(own.labels, labels, strict=True)):
        raise Fault(f"{path}: labels that {file} lacks. Expected what one contributor sent of it.")
    sent = with_margins(frame.embed(own.counts, own.labels), frame.axes)[frame.where(release)]
    if (release.counts - sent < 0).any():
        raise Fault(f"{path}: more than {file} counts. Expected what one contributor sent of it.")
    return Release(release.groups, release.counts - sent)


def _together(releases: Sequence[Release], shape: Shape, threshold: int) -> Findings:
    try:
        return _found("Together", releases, shape, threshold)
    except Differs as found:
        what = in_words(found.groups, shape, Frame.around(releases).labels)
        line = f"{what}: {found.earlier:,} in one file, {found.later:,} in another"
        return Findings("Together", "counts that differ tell of those between them.", (line,))


def _found(where: str, releases: Sequence[Release], shape: Shape, threshold: int) -> Findings:
    frame = Frame.around(releases)
    refuse_many_cells(where, frame)
    known, shown = frame.known(releases), frame.shown(releases)
    try:
        found = audit(known, frame.axes, enough=(0, threshold))
    except ValueError as fault:
        raise Fault(f"{where}: {fault}") from None
    masked, small = np.ma.getmaskarray(known), found.upper < threshold
    # What no table shows is found only where it tells of few people: subtracting always gives some large sum.
    exact = masked & found.recovered & (shown | (small & (found.lower > 0)))
    bounded = masked & small & (shown | (found.lower > 0)) & ~exact
    told = ~masked & small & (found.lower > 0)

    def lines() -> Iterator[str]:
        for cell in np.argwhere(exact | bounded | told).tolist():
            lower, upper = found.lower[tuple(cell)] + 0, found.upper[tuple(cell)]
            count = f"{lower:g}" if lower == upper else f"{lower:g} to {upper:g}"
            yield f"{in_words(frame.groups(cell), shape, frame.labels)}: {count}"

    return Findings(
        where,
        f"{(masked & shown).sum():,} withheld counts; {exact.sum():,} worked out exactly, "
        f"{bounded.sum():,} known to be under {threshold}"
        + (f", {told.sum():,} under {threshold} that nobody withheld." if told.any() else "."),
        tuple(lines()),
    )
