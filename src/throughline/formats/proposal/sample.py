"""Reads the head of a table whose layout nobody has described, and says how it stands in its file."""

import codecs
import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from throughline.formats.csv_table import check_encoding, csv_rows
from throughline.formats.faults import Rejected, UnreadableFile
from throughline.formats.limits import DEFAULT_LIMITS, MEBIBYTE, Limits
from throughline.formats.parquet_table import parquet_rows
from throughline.formats.proposal.columns import Column
from throughline.formats.proposal.finding import Confidence, Finding, Part
from throughline.formats.rules import Layout
from throughline.formats.sniffing import check_table
from throughline.formats.tabular import KINDS, Rows
from throughline.formats.wording import gettext_noop as _
from throughline.formats.xlsx_table import check_workbook, xlsx_rows

MOST_ROWS = 5000
_HEADER_WITHIN = 30
_DELIMITERS = {",": _("commas"), ";": _("semicolons"), "\t": _("tabs"), "|": _("vertical bars")}
_NULL_TOKENS = frozenset(
    ["na", "n/a", "#n/a", "null", "(null)", "none", "nan", "-", "--", ".", "?", "missing", "not recorded"]
)


@dataclass(frozen=True)
class Sample:
    """The columns of the first rows, with the `file` settings by which they were read."""

    columns: tuple[Column, ...]
    rows: int
    layout: Part
    whole: bool
    """Whether these are all rows of the file."""

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}


@dataclass
class _Layout:
    """The `file` settings that differ from what every mapping assumes, and why."""

    settings: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def note(self, key: str, value: Any, confidence: Confidence, wording: str, **facts: object) -> None:
        self.settings[key] = value
        self.findings.append(Finding(f"file.{key}", (), confidence, wording, facts))

    @property
    def part(self) -> Part:
        return Part({"file": self.settings} if self.settings else {}, tuple(self.findings))


def read_sample(path: Path, *, limits: Limits = DEFAULT_LIMITS) -> Sample:
    """The first 5,000 rows below the header. Raises UnreadableFile for what is no table, or has no header."""
    layout = _Layout()
    with closing(_rows(path, layout, limits)) as rows:
        head = [row for row in islice(rows, MOST_ROWS + _HEADER_WITHIN) if not isinstance(row, Rejected)]
    position = _header_position(path, [cells for _number, cells in head[:_HEADER_WITHIN]])
    number, names = head[position]
    if number > 1:
        layout.note("header_row", number, Confidence.LIKELY, _HEADER_BELOW, row=number)
    body = [cells for _number, cells in head[position + 1 :] if len(cells) == len(names)][:MOST_ROWS]
    nulls = _null_tokens(body)
    if nulls:
        shown = ", ".join(f"“{token}”" for token in nulls)
        layout.note("null_tokens", nulls, Confidence.LIKELY, _NULLS_FOUND, tokens=shown)
    columns = tuple(_columns(names, body, frozenset(nulls)))
    return Sample(columns, len(body), layout.part, whole=len(head) < MOST_ROWS + _HEADER_WITHIN)


_HEADER_BELOW = _("The column names stand in row %(row)d; the rows above it hold something else.")
_NULLS_FOUND = _("These texts stand for “no value” in some columns: %(tokens)s.")
_UTF16 = _("The file begins with the mark of UTF-16.")
_NOT_UTF8 = _(
    "The file is not UTF-8; read as Windows-1252, the commonest other encoding. Check names with accents."
)
_DELIMITED = _("The columns are separated by %(marks)s.")


def _rows(path: Path, layout: _Layout, limits: Limits) -> Rows:
    kind = check_table(path, limits, kinds=KINDS)
    if kind == "xlsx":
        check_workbook(path, limits)
        yield from xlsx_rows(path, Layout())
    elif kind == "parquet":
        yield from parquet_rows(path, Layout(), limits)
    else:
        yield from _csv_rows(path, layout, limits)


def _csv_rows(path: Path, layout: _Layout, limits: Limits) -> Rows:
    encoding = _encoding(path, layout)
    delimiter = _delimiter(path, encoding)
    if delimiter != ",":
        layout.note("delimiter", delimiter, Confidence.CERTAIN, _DELIMITED, marks=_DELIMITERS[delimiter])
    with path.open("rb") as file:
        yield from csv_rows(file, path.name, Layout(encoding=encoding, delimiter=delimiter), limits)


def _encoding(path: Path, layout: _Layout) -> str:
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        layout.note("encoding", "utf-16", Confidence.CERTAIN, _UTF16)
        check_encoding(path, "utf-16")
        return "utf-16"
    if fault := _encoding_fault(path, "utf-8-sig"):
        if _encoding_fault(path, "windows-1252"):
            raise UnreadableFile(path.name, fault.found, "text in UTF-8 or Windows-1252") from fault
        layout.note("encoding", "windows-1252", Confidence.ASK, _NOT_UTF8)
        return "windows-1252"
    return "utf-8-sig"


def _encoding_fault(path: Path, encoding: str) -> UnreadableFile | None:
    try:
        check_encoding(path, encoding)
    except UnreadableFile as fault:
        return fault
    return None


def _delimiter(path: Path, encoding: str) -> str:
    """The mark that parts the most lines into the same number of cells, more than one; else the comma."""
    with path.open(encoding=encoding, newline="") as file:
        lines = [
            line for line in (file.readline(MEBIBYTE) for _line in range(_HEADER_WITHIN)) if line.strip()
        ]
    return max(_DELIMITERS, key=lambda mark: _evenness(lines, mark))


def _evenness(lines: Sequence[str], delimiter: str) -> int:
    try:
        counts = Counter(len(cells) for cells in csv.reader(lines, delimiter=delimiter) if len(cells) > 1)
    except csv.Error:
        return 0
    return max((width * times for width, times in counts.items()), default=0)


def _header_position(path: Path, head: Sequence[Sequence[str]]) -> int:
    """The first row that names every column of the commonest width; titles above a table are narrower."""
    widths = Counter(map(len, head))
    widest = max(widths, key=lambda width: (widths[width] * (width > 1), width), default=0)
    for position, cells in enumerate(head):
        if len(cells) >= widest and _names_columns(cells):
            return position
    raise UnreadableFile(
        path.name,
        "no row near the top names the columns",
        "a row with a name for each column, no two alike, and rows below",
    )


def _names_columns(cells: Sequence[str]) -> bool:
    names = [cell.strip() for cell in cells]
    filled = [name for name in names if name]
    return (
        len(filled) * 2 > len(names) and len(set(filled)) == len(filled) and not any(map(_is_number, filled))
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _null_tokens(rows: Iterable[Sequence[str]]) -> list[str]:
    found = {text for cells in rows for cell in cells if (text := cell.strip()).casefold() in _NULL_TOKENS}
    return sorted(found)


def _columns(names: Sequence[str], rows: Sequence[Sequence[str]], nulls: frozenset[str]) -> Iterator[Column]:
    for position, name in enumerate(names):
        cells = (row[position].strip() for row in rows)
        yield Column(
            name.strip() or f"(column {position + 1})", tuple("" if cell in nulls else cell for cell in cells)
        )
