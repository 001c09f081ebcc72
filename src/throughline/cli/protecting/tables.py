"""Reads and writes tables of counts with a row for each combination."""

import csv
import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from throughline.cli.faults import Fault
from throughline.cli.protecting.hierarchies import ALL, Hierarchy, read_hierarchy
from throughline.cli.scan.rows import DIGITS, MOST, WHOLE, read_text
from throughline.formats.faults import shown
from throughline.policy.frame import Frame, Group, Labels, Release

STATUS = "status"
MOST_CELLS = 100_000


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of a table: those that say what is counted, the one of counts, and the groups that have sums."""

    dimensions: tuple[str, ...]
    count: str
    hierarchies: Mapping[str, Hierarchy] = field(default_factory=dict, hash=False)
    contributor: str = ""  # the column that says who sent a row, if any

    @classmethod
    def of(cls, dimensions: str, count: str, hierarchies: Sequence[Path] = (), contributor: str = "") -> Self:
        names = tuple(name.strip() for name in dimensions.split(","))
        if "" in names or len({*names, count, contributor, STATUS}) < len(names) + 3:
            raise Fault(
                f"--dimensions {dimensions} --count {count}: "
                f"Expected names that differ from each other and from {STATUS!r}, parted by commas."
            )
        found = [read_hierarchy(path, names) for path in hierarchies]
        if len(dict(found)) < len(found):
            raise Fault(
                "--hierarchy: two files about one dimension. Expected one, with a column for each level."
            )
        return cls(names, count, dict(found), contributor)

    def groups_of(self, dimension: int) -> Mapping[str, Group]:
        """The labels in each group of a dimension, of whatever level."""
        levels = self.hierarchies.get(self.dimensions[dimension], {}).values()
        return {name: group for level in levels for name, group in level.items()}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file: what it counts, and the count as it stands there."""

    file: Path
    line: int
    labels: tuple[str, ...]
    count: str
    also: tuple[str, ...] = ()  # what further columns say that were asked for

    def fault(self, field: str, value: str, expected: str) -> Fault:
        return Fault(f"{self.file}, line {self.line}: {field}: {shown(value)!r}. Expected {expected}.")


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Counts of every combination of labels, without sums, and what each contributor sent of them."""

    shape: Shape
    labels: Labels
    counts: NDArray[np.int64]
    contributions: tuple[NDArray[np.int64], ...]

    @property
    def names(self) -> Labels:
        """Of each dimension the labels, the groups that hold any of them, and ALL."""
        return tuple(
            (
                *labels,
                *(name for name, group in self.shape.groups_of(number).items() if group & {*labels}),
                ALL,
            )
            for number, labels in enumerate(self.labels)
        )


def read_counts(path: Path, shape: Shape) -> Table:
    """The table of a file. Raises Fault, with line, field and value, where it isn't one."""
    rows = list(read_rows(path, shape, *filter(None, [shape.contributor])))
    for row in rows:
        if row.also == ("",):
            raise row.fault(shape.contributor, "", "who sent the row")
        for number, label in enumerate(row.labels):
            if label in {ALL, *shape.groups_of(number)}:
                expected = f"no sums; they are worked out, and called {ALL} then"
                raise row.fault(shape.dimensions[number], label, expected)
    labels = _labels(rows, path)
    places = [{label: place for place, label in enumerate(each)} for each in labels]
    sent = {row.also: np.zeros([len(each) for each in labels], dtype=np.int64) for row in rows}
    for row in rows:
        where = tuple(place[label] for place, label in zip(places, row.labels, strict=True))
        sent[row.also][where] += whole_number(row, shape)
    return Table(shape, labels, sum(sent.values()), tuple(sent.values()))


def read_release(path: Path, shape: Shape) -> Release:
    """A published table, ALL at the end of each dimension, and masked where a count is withheld."""
    rows = list(read_rows(path, shape))
    names = tuple((*each, ALL) for each in _labels([row for row in rows if ALL not in row.labels], path))
    counts = np.ma.MaskedArray(np.zeros([len(each) for each in names], dtype=np.int64), mask=True)
    told = dict[tuple[str, ...], Row]()
    for row in rows:
        if row.labels in told:
            raise Fault(
                f"{path}, line {row.line}: a row for {', '.join(row.labels)}. "
                f"Expected one; line {told[row.labels].line} holds it already."
            )
        told[row.labels] = row
    for where in np.ndindex(counts.shape):
        combination = tuple(each[place] for each, place in zip(names, where, strict=True))
        if combination not in told:
            raise Fault(
                f"{path}: no row for {', '.join(combination)}. Expected every combination and every sum."
            )
        row = told.pop(combination)
        if row.count:
            counts[where] = whole_number(row, shape)
    for combination, row in told.items():
        raise Fault(
            f"{path}, line {row.line}: {', '.join(combination)}. Expected no sum of what has no row itself."
        )
    return Release(counted(names, shape), counts)


def counted(names: Labels, shape: Shape) -> tuple[tuple[Group, ...], ...]:
    """The labels that each name of each dimension stands for: a group has those of its labels that are named too."""
    return tuple(_counted(each, shape.groups_of(number)) for number, each in enumerate(names))


def _counted(names: Sequence[str], groups: Mapping[str, Group]) -> tuple[Group, ...]:
    alone = frozenset(names) - {ALL} - groups.keys()
    found = {name: (groups[name] & alone) or groups[name] for name in names if name in groups}
    found |= {name: frozenset({name}) for name in alone}
    return tuple(found.get(name) or frozenset[str]().union(*found.values()) for name in names)


def refuse_many_cells(where: object, frame: Frame) -> None:
    """Before any work is done."""
    cells = prod(len(axis) for axis in frame.axes)
    if cells > MOST_CELLS:
        raise Fault(
            f"{where}: {cells:,} cells with their sums. Expected {MOST_CELLS:,} at most: join places, ages or days."
        )


def whole_number(row: Row, shape: Shape) -> int:
    if not DIGITS.fullmatch(row.count) or float(row.count) > MOST:
        raise row.fault(shape.count, row.count, WHOLE)
    return int(float(row.count))


def write_protected(
    path: Path, table: Table, released: "np.ma.MaskedArray[Any, Any]", primary: NDArray[np.bool_]
) -> None:
    """Every combination and every sum with its status; the file appears whole or not at all."""
    withheld = np.where(primary, "primary", "complementary")
    statuses = np.where(np.ma.getmaskarray(released), withheld, "published").ravel().tolist()
    lines = ([*row, status] for row, status in zip(released_rows(table, released), statuses, strict=True))
    write_whole(path, _csv([[*table.shape.dimensions, table.shape.count, STATUS], *lines]))


def write_released(path: Path, table: Table, released: "np.ma.MaskedArray[Any, Any]") -> None:
    """The same for everybody: nothing tells which of the withheld counts are small."""
    header = [*table.shape.dimensions, table.shape.count]
    write_whole(path, _csv([header, *released_rows(table, released)]))


def released_text(path: Path, shape: Shape) -> str:
    """A published file as `write_released` writes it, without further columns such as the statuses."""
    rows = ([*row.labels, row.count] for row in read_rows(path, shape))
    return _csv([[*shape.dimensions, shape.count], *rows])


def released_rows(table: Table, released: "np.ma.MaskedArray[Any, Any]") -> Iterator[list[Any]]:
    counts = released.ravel().tolist()
    for names, count in zip(product(*table.names), counts, strict=True):
        yield [*names, "" if count is None else count]


def write_whole(path: Path, text: str) -> None:
    """The file appears whole or not at all."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    with unfinished.open("w", newline="", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _csv(rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def read_rows(path: Path, shape: Shape, *also: str) -> Iterator[Row]:
    """Each line of a file, with what some further columns say. Raises Fault where it has no such columns."""
    reader = csv.reader(read_text(path).splitlines(), strict=True)
    try:
        header = next(reader, [])
        columns = _columns(path, header, (*shape.dimensions, shape.count, *also))
        for cells in reader:
            if not any(cells):
                continue
            if len(cells) != len(header):
                raise Fault(
                    f"{path}, line {reader.line_num}: {len(cells)} cells. Expected {len(header)}, as in the header."
                )
            told = [cells[column].strip() for column in columns]
            labels, (count, *further) = told[: len(shape.dimensions)], told[len(shape.dimensions) :]
            yield _labelled(Row(path, reader.line_num, tuple(labels), count, tuple(further)), shape)
    except csv.Error as fault:
        raise Fault(f"{path}, line {reader.line_num}: {fault}. Expected quotation marks in pairs.") from None


def _columns(path: Path, header: Sequence[str], wanted: Sequence[str]) -> list[int]:
    names = [name.strip() for name in header]
    for name in wanted:
        if names.count(name) != 1:
            raise Fault(
                f"{path}: {names.count(name) or 'no'} columns {name!r}. Expected one; "
                f"the header holds {shown(', '.join(names))!r}."
            )
    return [names.index(name) for name in wanted]


def _labelled(row: Row, shape: Shape) -> Row:
    for name, label in zip(shape.dimensions, row.labels, strict=True):
        if not label:
            raise row.fault(name, label, "a value in every dimension")
    return row


def _labels(rows: Sequence[Row], path: Path) -> Labels:
    """Each dimension's values in the order in which they first appear."""
    if not rows:
        raise Fault(f"{path}: no rows. Expected a header and one row for each combination.")
    labels = tuple(tuple(dict.fromkeys(each)) for each in zip(*(row.labels for row in rows), strict=True))
    if prod(map(len, labels)) > MOST_CELLS:
        raise Fault(f"{path}: {prod(map(len, labels)):,} combinations. Expected {MOST_CELLS:,} at most.")
    return labels
