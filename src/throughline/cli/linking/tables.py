"""Reads files of people, and writes the pairs that were found."""

import csv
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from throughline.cli.faults import Fault
from throughline.cli.scan.rows import read_text
from throughline.formats.faults import shown

ID = re.compile(r"(rec(ord)?|unique|row)?_?id", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class People:
    """The records of a file: their ids, and what each column says of them, None where it says nothing."""

    ids: tuple[str, ...]
    columns: dict[str, list[str | None]]


def read_people(path: Path) -> People:
    """The records of a CSV file. Raises Fault where it isn't one, or where an id occurs twice."""
    (_, header), *rows = _rows(path)
    columns = {
        name: [value or None for value in values]
        for name, values in zip(header, zip(*(cells for _, cells in rows), strict=True), strict=True)
    }
    found = next((name for name in header if ID.fullmatch(name)), None)
    if found is None:
        return People(tuple(map(str, range(1, len(rows) + 1))), columns)
    _check_ids(path, found, [(line, cells[header.index(found)]) for line, cells in rows])
    return People(tuple(id_ or "" for id_ in columns.pop(found)), columns)


def _check_ids(path: Path, column: str, ids: Sequence[tuple[int, str]]) -> None:
    first = dict[str, int]()
    for line, id_ in ids:
        if not id_ or id_ in first:
            met = f"; line {first[id_]} has it already" if id_ else ""
            raise Fault(f"{path}, line {line}: {column}: {shown(id_)!r}. Expected an id of its own{met}.")
        first[id_] = line


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """The header and at least one record, each with its line, all as wide as the header."""
    rows = list(_lines(path))
    if len(rows) < 2:
        raise Fault(f"{path}: no records. Expected a CSV file with a header and a row for each record.")
    header = rows[0][1]
    if len(set(header)) < len(header):
        raise Fault(f"{path}: columns {shown(', '.join(header))!r}. Expected a name for each.")
    for line, cells in rows:
        if len(cells) != len(header):
            raise Fault(f"{path}, line {line}: {len(cells)} cells. Expected {len(header)}, as in the header.")
    return rows


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(read_text(path).splitlines(keepends=True), strict=True, skipinitialspace=True)
    try:
        for cells in reader:
            if any(cells):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as fault:
        raise Fault(f"{path}, line {reader.line_num}: {fault}. Expected quotation marks in pairs.") from None


def write_pairs(
    path: Path,
    ids: Sequence[str],
    others: Sequence[str],
    pairs: Sequence[tuple[int, int, float]],
    measure: str = "probability",
) -> None:
    """One row for each pair; the file appears whole or not at all."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    with unfinished.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id_a", "id_b", measure])
        writer.writerows((ids[a], others[b], f"{value:.6f}") for a, b, value in pairs)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
