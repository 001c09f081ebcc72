"""Reads an Excel sheet row by row as text, after making sure that unpacking it is harmless."""

import re
import zlib
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

from throughline.formats.cells import cells_by_position
from throughline.formats.csv_table import Row
from throughline.formats.faults import Reason, Rejected, UnreadableFile
from throughline.formats.limits import MEBIBYTE, Limits
from throughline.formats.rules import Layout

MOST_ROWS = 1_048_576
"""The most rows that Excel itself can hold; a row number beyond it is an attempt to keep the reader busy."""

_BLOCK = 256 * 1024
_EXPECTED = "an Excel workbook as Excel saves it"
_SHEETS = "xl/worksheets/"
"""What stands here is read row by row; all other parts of a workbook are held in memory."""
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="[A-Z]+(\d+):[A-Z]+(\d+)"')
_MERGED_LENGTH = 200
_LAST_SECOND = datetime.max.replace(microsecond=0)  # noqa: DTZ901  Excel knows no zones
_FORMULA = "=(array formula or data table)"


def check_workbook(path: Path, limits: Limits) -> None:
    """Refuse a zip bomb twice: by what its directory declares, and by what really comes out, without keeping it."""
    try:
        with ZipFile(path) as archive:
            declared = sum(member.file_size for member in archive.infolist())
            if declared > limits.workbook:
                raise _too_large(path, declared, limits.workbook)
            _check_unpacked(path, archive, limits)
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as fault:
        raise UnreadableFile(path.name, f"the workbook is damaged ({fault})", _EXPECTED) from fault


def _check_unpacked(path: Path, archive: ZipFile, limits: Limits) -> None:
    total = 0
    for member in archive.infolist():
        is_sheet = member.filename.startswith(_SHEETS)
        limit = limits.workbook if is_sheet else limits.shared_strings
        unpacked = row_began = 0
        with archive.open(member) as stream:
            while block := stream.read(_BLOCK):
                row_began = unpacked if _ROW.search(block) else row_began
                unpacked += len(block)
                if unpacked > limit or total + unpacked > limits.workbook:
                    raise _too_large(path, total + unpacked, limit)
                if is_sheet and unpacked - row_began > limits.sheet_row:
                    raise _too_long_row(path, limits.sheet_row)
        total += unpacked


def _too_long_row(path: Path, limit: int) -> UnreadableFile:
    found = f"a sheet of the workbook has a row of more than {limit / MEBIBYTE:,.0f} MB"
    return UnreadableFile(path.name, found, "shorter rows")


def _too_large(path: Path, found: int, limit: int) -> UnreadableFile:
    unpacked = f"the workbook unpacks to more than {min(found, limit) / MEBIBYTE:,.0f} MB"
    return UnreadableFile(path.name, unpacked, f"at most {limit / MEBIBYTE:,.0f} MB; send it as CSV")


def xlsx_rows(path: Path, layout: Layout) -> Iterator[Row | Rejected]:
    """Every row with its number, the header included, empty rows left out; a row with merged cells is set
    aside.

    Call `check_workbook` first. Dates come out as ISO 8601, numbers as short as they can be written.
    """
    try:
        yield from _rows(path, layout)
    except UnreadableFile:
        raise
    except Exception as fault:  # openpyxl raises whatever its parsers met, entity bombs included
        raise UnreadableFile(path.name, f"the workbook can't be read ({fault})", _EXPECTED) from fault


def _rows(path: Path, layout: Layout) -> Iterator[Row | Rejected]:
    from openpyxl import load_workbook

    # Handed over open, since openpyxl otherwise believes the name instead of the content.
    with path.open("rb") as file, closing(load_workbook(file, read_only=True, keep_links=False)) as workbook:
        sheet = _sheet(path, workbook, layout.sheet)
        with ZipFile(path) as archive, archive.open(_member(sheet)) as stream:
            merged = _MergedRows(stream)
        sheet.reset_dimensions()  # the sheet's own statement of its size may be false
        yield from _texts(path, sheet, merged, layout.header_row)


def _sheet(path: Path, workbook: Any, name: str | None) -> Any:
    """The sheet of this name, else the first that people see."""
    names = [sheet.title for sheet in workbook.worksheets]
    seen = [sheet.title for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    if not names or (name is not None and name not in names):
        found = f"no sheet is named {name}" if names else "the workbook has no sheet"
        raise UnreadableFile(path.name, found, f"one of {', '.join(names)}" if names else "a sheet with rows")
    return workbook[name or (seen or names)[0]]


def _member(sheet: Any) -> str:
    """Where the sheet stands in the archive; openpyxl knows it, but has no public name for it."""
    return str(sheet._worksheet_path)


def _texts(path: Path, sheet: Any, merged: "_MergedRows", header_row: int) -> Iterator[Row | Rejected]:
    header: list[str] = []
    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > MOST_ROWS:
            raise UnreadableFile(path.name, f"the sheet has a row {number:,}", f"at most {MOST_ROWS:,} rows")
        cells = _without_empty_end([_text(value) for value in values])
        if number == header_row:
            header = cells
        if not cells:
            continue
        cells += [""] * (len(header) - len(cells))
        if number > header_row and number in merged:
            yield _merged_row(number, cells)
        else:
            yield number, cells


def _merged_row(number: int, cells: list[str]) -> Rejected:
    expected = "each value in a cell of its own"
    return Rejected(number, "", "merged cells", Reason.MERGED, expected, cells_by_position(cells))


def _without_empty_end(cells: list[str]) -> list[str]:
    while cells and not cells[-1].strip():
        cells.pop()
    return cells


def _text(value: object) -> str:
    """A cell's value as text; a formula starts with "=", by which rows know it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, str | int | float | timedelta) else _FORMULA


def _moment(value: datetime) -> str:
    """To the second, since Excel's fractions of days are a little off; midnight means that only the day is known."""
    if value > _LAST_SECOND:
        return value.isoformat()
    rounded = (value + timedelta(microseconds=500_000)).replace(microsecond=0)
    return rounded.date().isoformat() if rounded.time() == time() else rounded.isoformat()


class _MergedRows:
    """The rows that merged cells touch. Sheets list them after their rows, so they are looked for beforehand."""

    def __init__(self, sheet_xml: IO[bytes]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for first, last in sorted(_merged_ranges(sheet_xml)):
            if self._ends and first <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], last)
            else:
                self._starts.append(first)
                self._ends.append(last)

    def __contains__(self, row: int) -> bool:
        position = bisect_right(self._starts, row) - 1
        return position >= 0 and row <= self._ends[position]


def _merged_ranges(sheet_xml: IO[bytes]) -> set[tuple[int, int]]:
    ranges: set[tuple[int, int]] = set()
    tail = b""
    while block := sheet_xml.read(_BLOCK):
        text = tail + block
        ranges.update((int(first), int(last)) for first, last in _MERGED.findall(text))
        tail = text[-_MERGED_LENGTH:]  # an element may lie across two blocks
    return ranges
