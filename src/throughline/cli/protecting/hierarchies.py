"""Reads which labels of a dimension make up a group, level by level."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from throughline.cli.faults import Fault
from throughline.cli.scan.rows import read_text
from throughline.formats.faults import shown
from throughline.policy.frame import Group

ALL = "ALL"
Hierarchy = Mapping[str, Mapping[str, Group]]  # of each level, such as district: the labels in each group


def read_hierarchy(path: Path, dimensions: Sequence[str]) -> tuple[str, Hierarchy]:
    """The dimension that a file is about, and its levels. Raises Fault, with line, column and value."""
    lines = _lines(path)
    dimension, *levels = lines[0][1] if lines else [""]
    if dimension not in dimensions or not levels:
        raise Fault(
            f"{path}: columns {shown(', '.join([dimension, *levels]))!r}. "
            f"Expected one of {', '.join(dimensions)} first, then a column for each level of groups."
        )
    rows = list(_checked(path, lines[1:], levels))
    return dimension, {
        level: {
            group: frozenset(label for label, *groups in rows if groups[number] == group)
            for group in dict.fromkeys(groups[number] for _label, *groups in rows if groups[number])
        }
        for number, level in enumerate(levels)
    }


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    reader = csv.reader(read_text(path).splitlines(), strict=True)
    try:
        return [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(cells)]
    except csv.Error as fault:
        raise Fault(f"{path}, line {reader.line_num}: {fault}. Expected quotation marks in pairs.") from None


def _checked(
    path: Path, lines: Sequence[tuple[int, list[str]]], levels: Sequence[str]
) -> Iterator[list[str]]:
    labels = [cells[0] for _line, cells in lines]
    levels_of = dict[str, str]()
    for line, cells in lines:
        if len(cells) != len(levels) + 1 or not cells[0] or labels.count(cells[0]) > 1:
            raise Fault(
                f"{path}, line {line}: {shown(', '.join(cells))!r}. Expected a label once, and its groups."
            )
        for level, group in zip(levels, cells[1:], strict=True):
            if group in {ALL, *labels} or levels_of.setdefault(group or level, level) != level:
                raise Fault(
                    f"{path}, line {line}: {level}: {shown(group)!r}. Expected a name that nothing else has."
                )
        yield cells
