"""Reads and writes tables of counts with a row for each combination."""

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from throughline.cli.faults import Fault
from throughline.cli.scan.rows import DIGITS, MOST, WHOLE, read_text
from throughline.formats.faults import shown
from throughline.policy.suppression import Protected

ALL = "ALL"
STATUS = "status"
MOST_CELLS = 100_000


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of a table: those that say what is counted, and the one of counts."""

    dimensions: tuple[str, ...]
    count: str

    @classmethod
    def of(cls, dimensions: str, count: str) -> Self:
        names = tuple(name.strip() for name in dimensions.split(","))
        if "" in names or len({*names, count, STATUS}) < len(names) + 2:
            raise Fault(
                f"--dimensions {dimensions} --count {count}: "
                f"Expected names that differ from each other and from {STATUS!r}, parted by commas."
            )
        return cls(names, count)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file: what it counts, and the count as it stands there."""

    file: Path
    line: int
    labels: tuple[str, ...]
    count: str

    def fault(self, field: str, value: str, expected: str) -> Fault:
        return Fault(f"{self.file}, line {self.line}: {field}: {shown(value)!r}. Expected {expected}.")


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Counts of every combination of labels, without sums."""

    shape: Shape
    labels: tuple[tuple[str, ...], ...]
    counts: NDArray[np.int64]


def read_counts(path: Path, shape: Shape) -> Table:
    """The table of a file. Raises Fault, with line, field and value, where it isn't one."""
    rows = list(_rows(path, shape))
    for row in rows:
        for name, label in zip(shape.dimensions, row.labels, strict=True):
            if label == ALL:
                raise row.fault(name, label, f"no sums; they are worked out, and called {ALL} then")
    labels = _labels(rows, shape, path)
    counts = np.zeros([len(each) for each in labels], dtype=np.int64)
    places = [{label: place for place, label in enumerate(each)} for each in labels]
    for row in rows:
        where = tuple(place[label] for place, label in zip(places, row.labels, strict=True))
        counts[where] += whole_number(row, shape)
    return Table(shape, labels, counts)


def read_release(
    path: Path, shape: Shape
) -> tuple[tuple[tuple[str, ...], ...], "np.ma.MaskedArray[Any, Any]"]:
    """The labels of a published table, ALL at the end of each, and its counts, masked where they are withheld."""
    rows = list(_rows(path, shape))
    inner = [row for row in rows if ALL not in row.labels]
    labels = tuple((*each, ALL) for each in _labels(inner, shape, path))
    released = np.ma.MaskedArray(np.zeros([len(each) for each in labels], dtype=np.int64), mask=True)
    told = dict[tuple[str, ...], Row]()
    for row in rows:
        if row.labels in told:
            raise Fault(
                f"{path}, line {row.line}: a row for {', '.join(row.labels)}. "
                f"Expected one; line {told[row.labels].line} holds it already."
            )
        told[row.labels] = row
    for where in np.ndindex(released.shape):
        combination = tuple(each[place] for each, place in zip(labels, where, strict=True))
        if combination not in told:
            raise Fault(
                f"{path}: no row for {', '.join(combination)}. Expected every combination and every sum."
            )
        if told[combination].count:
            released[where] = whole_number(told[combination], shape)
    return labels, released


def whole_number(row: Row, shape: Shape) -> int:
    if not DIGITS.fullmatch(row.count) or float(row.count) > MOST:
        raise row.fault(shape.count, row.count, WHOLE)
    return int(float(row.count))


def write_protected(path: Path, table: Table, protected: Protected) -> None:
    """Every combination and every sum with its status; the file appears whole or not at all."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    with unfinished.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*table.shape.dimensions, table.shape.count, STATUS])
        combinations = product(*((*each, ALL) for each in table.labels))
        for labels, count, status in zip(
            combinations, protected.released.ravel().tolist(), _statuses(protected), strict=True
        ):
            writer.writerow([*labels, "" if count is None else count, status])
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _statuses(protected: Protected) -> list[str]:
    choice = np.where(
        protected.primary, "primary", np.where(protected.complementary, "complementary", "published")
    )
    return [str(status) for status in choice.ravel()]


def _rows(path: Path, shape: Shape) -> Iterator[Row]:
    reader = csv.reader(read_text(path).splitlines(), strict=True)
    try:
        header = next(reader, [])
        columns = _columns(path, header, shape)
        for cells in reader:
            if not any(cells):
                continue
            if len(cells) != len(header):
                raise Fault(
                    f"{path}, line {reader.line_num}: {len(cells)} cells. Expected {len(header)}, as in the header."
                )
            *labels, count = (cells[column].strip() for column in columns)
            yield _labelled(Row(path, reader.line_num, tuple(labels), count), shape)
    except csv.Error as fault:
        raise Fault(f"{path}, line {reader.line_num}: {fault}. Expected quotation marks in pairs.") from None


def _columns(path: Path, header: Sequence[str], shape: Shape) -> list[int]:
    names = [name.strip() for name in header]
    for wanted in (*shape.dimensions, shape.count):
        if names.count(wanted) != 1:
            raise Fault(
                f"{path}: {names.count(wanted) or 'no'} columns {wanted!r}. Expected one; "
                f"the header holds {shown(', '.join(names))!r}."
            )
    return [names.index(wanted) for wanted in (*shape.dimensions, shape.count)]


def _labelled(row: Row, shape: Shape) -> Row:
    for name, label in zip(shape.dimensions, row.labels, strict=True):
        if not label:
            raise row.fault(name, label, "a value in every dimension")
    return row


def _labels(rows: Sequence[Row], shape: Shape, path: Path) -> tuple[tuple[str, ...], ...]:
    """Each dimension's values in the order in which they first appear."""
    if not rows:
        raise Fault(f"{path}: no rows. Expected a header and one row for each combination.")
    labels = tuple(tuple(dict.fromkeys(each)) for each in zip(*(row.labels for row in rows), strict=True))
    cells = int(np.prod([len(each) + 1 for each in labels]))
    if cells > MOST_CELLS:
        raise Fault(
            f"{path}: {cells:,} cells with their sums. Expected {MOST_CELLS:,} at most: join places, ages or days."
        )
    return labels
