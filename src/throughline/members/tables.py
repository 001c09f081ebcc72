"""Reads the tables that people keep about the coalition, CSV or Excel, with every cell as text."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext as _

from throughline.formats.csv_table import check_encoding, csv_rows
from throughline.formats.faults import Rejected, UnreadableFile, shown
from throughline.formats.limits import MEBIBYTE, Limits
from throughline.formats.rules import Layout
from throughline.formats.sniffing import check_table
from throughline.formats.xlsx_table import check_workbook, xlsx_rows

# A nation's tracts fit; anything larger is another kind of file. Tables are held in memory as a whole.
LIMITS = Limits(file=64 * MEBIBYTE, workbook=64 * MEBIBYTE)
MOST_ROWS = 1_000_000


@dataclass(frozen=True)
class Fault:
    """What is wrong with one cell of a file, so that a person can put it right; row 1 is the header."""

    file: str
    row: int
    field: str
    value: str
    expected: str

    def __str__(self) -> str:
        where = _("%(file)s, row %(row)s, %(field)s") if self.field else _("%(file)s, row %(row)s")
        found = _("found “%(value)s”, expected %(expected)s.")
        return f"{where}: {found}" % vars(self)


class TableRow(NamedTuple):
    number: int
    cells: Mapping[str, str]  # by column name, without outer blanks


@dataclass(frozen=True)
class Table:
    """`rows` can be read; `faults` lists those that can't."""

    name: str
    columns: tuple[str, ...]
    rows: list[TableRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, row: int, column: str, value: str, expected: object) -> Fault:
        return Fault(self.name, row, column, shown(value), str(expected))

    def require(self, *columns: str) -> None:
        """Raises UnreadableFile for the first column that isn't there, and names the nearest one."""
        for column in columns:
            if column not in self.columns:
                raise UnreadableFile(self.name, _("there is no column “%s”") % column, self._nearest(column))

    def _nearest(self, column: str) -> str:
        near = get_close_matches(column, self.columns, n=1)
        return (
            _("a column of that name (is it “%s”?)") % shown(near[0]) if near else _("a column of that name")
        )


def read_table(path: Path, *, name: str = "", most_rows: int = MOST_ROWS) -> Table:
    """Read a whole table; `name` stands in messages for the file's own.

    Rows with broken quotes, merged cells, formulas, or cells beyond the header become faults. Raises
    UnreadableFile for a file that is no table, is too large or too long, isn't UTF-8, or has no usable header.
    """
    name = name or path.name
    with _named(name), _rows(path) as rows:
        columns = _columns(name, rows)
        table = Table(name, columns)
        for count, row in enumerate(rows, start=1):
            if count > most_rows:
                found = _("the table has more than %s rows") % most_rows
                raise UnreadableFile(name, found, _("at most %s; send it in parts") % most_rows)
            _add(table, row)
    return table


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Uploads lie under names of their own; people know them by the name that they gave."""
    try:
        yield
    except UnreadableFile as fault:
        raise UnreadableFile(name, fault.found, fault.expected) from fault


@contextmanager
def _rows(path: Path) -> Iterator[Iterator[tuple[int, list[str]] | Rejected]]:
    if check_table(path, LIMITS) == "xlsx":
        check_workbook(path, LIMITS)
        yield xlsx_rows(path, Layout())
    else:
        layout = Layout(delimiter=_delimiter(path))
        _check_utf8(path, layout)
        with path.open("rb") as file:
            yield csv_rows(file, path.name, layout, LIMITS)


def _delimiter(path: Path) -> str:
    """Excel writes semicolons where the comma is the decimal sign; the header tells."""
    with path.open("rb") as file:
        header = file.readline(MEBIBYTE)
    return max(",;\t", key=lambda mark: header.count(mark.encode()))


def _check_utf8(path: Path, layout: Layout) -> None:
    try:
        check_encoding(path, layout.encoding)
    except UnreadableFile as fault:
        expected = _("text in UTF-8; in Excel, save as “CSV UTF-8”")
        raise UnreadableFile(fault.file, fault.found, expected) from fault


def _columns(name: str, rows: Iterator[tuple[int, list[str]] | Rejected]) -> tuple[str, ...]:
    header = next(rows, None)
    if header is None or isinstance(header, Rejected):
        raise UnreadableFile(name, _("there is no header"), _("column names in the first row"))
    columns = tuple(cell.strip() for cell in header[1])
    repeated = [column for column, times in Counter(columns).items() if column and times > 1]
    if repeated:
        raise UnreadableFile(
            name,
            _("the column “%s” occurs twice") % shown(repeated[0]),
            _("a different name for each column"),
        )
    return columns


def _add(table: Table, row: tuple[int, list[str]] | Rejected) -> None:
    if isinstance(row, Rejected):
        table.faults.append(table.fault(row.row, row.field, row.value, row.expected))
        return
    number, texts = row
    cells = {column: text.strip() for column, text in zip(table.columns, texts, strict=False)}
    faults = list(_faults(table, number, texts, cells))
    table.faults.extend(faults)
    if not faults and any(cells.values()):
        table.rows.append(TableRow(number, cells | dict.fromkeys(table.columns[len(texts) :], "")))


def _faults(table: Table, number: int, texts: list[str], cells: Mapping[str, str]) -> Iterator[Fault]:
    if any(text.strip() for text in texts[len(table.columns) :]):
        expected = _("at most %s cells, as in the header") % len(table.columns)
        yield table.fault(number, "", _("%s cells") % len(texts), expected)
    if tuple(cells.values()) == table.columns:
        yield table.fault(number, "", _("the header again"), _("a row"))
    for column, text in cells.items():
        if text.startswith("="):
            yield table.fault(number, column, text, _("a value, not a formula"))
        elif "\0" in text:
            yield table.fault(number, column, text, _("a text without NUL characters"))
