"""Reads CSV, Excel and Parquet tables through a saved mapping."""

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from throughline.formats.csv_table import Row, check_encoding, csv_rows
from throughline.formats.event import Event
from throughline.formats.faults import Reason, Rejected, UnreadableFile, shown
from throughline.formats.gazetteer import Gazetteer
from throughline.formats.limits import DEFAULT_LIMITS, Limits
from throughline.formats.mapping import Mapping as FeedMapping
from throughline.formats.parquet_table import parquet_rows
from throughline.formats.rows import RowReader
from throughline.formats.rules import Layout
from throughline.formats.sniffing import check_table
from throughline.formats.wording import gettext_noop as _
from throughline.formats.xlsx_table import check_workbook, xlsx_rows

KEY = "tabular"
NAME = _("CSV, Excel or Parquet table")
SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".parquet")
MAPPING = None
KINDS = ("csv", "xlsx", "parquet")
"""What `sniffing` calls the files that this format reads."""

Progress = Callable[[int], None]
"""Told now and then how many of the file's bytes have been read."""

Rows = Generator[Row | Rejected, None, None]

_ROWS_PER_REPORT = 1000
_MOST_COLUMNS_SHOWN = 40
_DELIMITERS = {";": "semicolons", "\t": "tabs", ",": "commas", "|": "vertical bars"}


def recognizes(head: bytes) -> bool:
    """Never by content: a table has no mark of its own, so that every other format is asked first."""
    return False


def read_tabular(
    path: Path,
    mapping: FeedMapping,
    gazetteer: Gazetteer,
    *,
    received_at: datetime,
    progress: Progress | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[Event | Rejected]:
    """Read a file row by row; each row that isn't empty comes out once, as an event or set aside.

    What a file is, its content decides, not its name. Raises UnreadableFile when it can't be read as a whole:
    all such faults but a line that never ends are found before the first row comes out.
    """
    rows = table_rows(path, mapping.layout, progress=progress, limits=limits)
    with closing(rows):
        yield from _mapped(path, rows, mapping, gazetteer, received_at)


def table_rows(path: Path, layout: Layout, *, progress: Progress | None, limits: Limits) -> Rows:
    """The rows of a table in any of the forms that are read, its header among them. Close it when done.

    Raises UnreadableFile for anything else.
    """
    kind = check_table(path, limits, kinds=("csv", "xlsx", "parquet"))
    if kind == "xlsx":
        check_workbook(path, limits)
        return _packed_rows(path, xlsx_rows(path, layout), progress)
    if kind == "parquet":
        return _packed_rows(path, parquet_rows(path, layout, limits), progress)
    check_encoding(path, layout.encoding)
    return _csv_rows_with_progress(path, layout, progress, limits)


def map_rows(
    rows: Iterable[tuple[int, Mapping[str, str]]],
    mapping: FeedMapping,
    gazetteer: Gazetteer,
    *,
    received_at: datetime,
) -> Iterator[Event | Rejected]:
    """Read rows again that were set aside: their numbers and `Rejected.raw`, in the order of their file.

    `received_at` is when the file first came, so that "in the future" means what it meant then.
    """

    @cache
    def reader(header: tuple[str, ...]) -> RowReader:
        return RowReader(mapping, header, gazetteer, received_at)

    for number, raw in rows:
        if missing := [column for column in mapping.columns if column not in raw]:
            expected = f"a cell for {', '.join(missing)}"
            yield Rejected(number, "", f"{len(raw)} cells", Reason.CELL_COUNT, expected, raw)
        else:
            yield reader(tuple(raw))(number, list(raw.values()))


read = read_tabular


def _mapped(
    path: Path,
    rows: Iterator[Row | Rejected],
    mapping: FeedMapping,
    gazetteer: Gazetteer,
    received_at: datetime,
) -> Iterator[Event | Rejected]:
    header = header_of(path, rows, mapping.layout)
    check_columns(path, header, mapping)
    reader = RowReader(mapping, header, gazetteer, received_at)
    for row in rows:
        yield row if isinstance(row, Rejected) else reader(*row)


def header_of(path: Path, rows: Iterator[Row | Rejected], layout: Layout) -> list[str]:
    """The names of the columns, taken from the rows; raises UnreadableFile if they name none, or one twice."""
    for row in rows:
        if isinstance(row, Rejected):
            raise UnreadableFile(path.name, f"row {row.row}: {row.reason}: {row.value}", "a header row")
        number, cells = row
        if number >= layout.header_row:
            return _named(path, number, cells)
    expected = f"the header in row {layout.header_row}"
    raise UnreadableFile(path.name, f"there is no row {layout.header_row}", expected)


def _named(path: Path, number: int, cells: Sequence[str]) -> list[str]:
    """Column names without outer blanks; nameless columns are named by their position."""
    names = [cell.strip() or f"(column {position})" for position, cell in enumerate(cells, start=1)]
    if repeated := [name for name, count in Counter(names).items() if count > 1]:
        positions = [str(position) for position, name in enumerate(names, start=1) if name == repeated[0]]
        found = f"row {number} names the column {shown(repeated[0])!r} more than once (columns {', '.join(positions)})"
        raise UnreadableFile(path.name, found, "a different name for each column")
    return names


def check_columns(path: Path, header: list[str], mapping: FeedMapping) -> None:
    """Raises UnreadableFile where a header lacks columns of the mapping, with the nearest name."""
    missing = [column for column in mapping.columns if column not in header]
    if not missing:
        return
    row = mapping.layout.header_row
    found = f"row {row} has no column {', '.join(repr(column) for column in missing)}"
    if len(header) == 1 and (used := next((mark for mark in _DELIMITERS if mark in header[0]), None)):
        expected = (
            f"columns separated by the mapping's {mapping.layout.delimiter!r}; these have {_DELIMITERS[used]}"
        )
    else:
        expected = _nearest(missing[0], header)
    raise UnreadableFile(path.name, found, expected)


def _nearest(missing: str, header: list[str]) -> str:
    folded = {name.casefold(): name for name in header}
    if near := get_close_matches(missing.casefold(), folded, n=1):
        return f"the columns of the mapping; the nearest to {missing!r} is {shown(folded[near[0]])!r}"
    listed = ", ".join(map(shown, header[:_MOST_COLUMNS_SHOWN]))
    return f"the columns of the mapping; the row has {listed}"


def _csv_rows_with_progress(path: Path, layout: Layout, progress: Progress | None, limits: Limits) -> Rows:
    with path.open("rb") as file:
        for count, row in enumerate(csv_rows(file, path.name, layout, limits), start=1):
            if progress and count % _ROWS_PER_REPORT == 0:
                progress(file.tell())
            yield row
    if progress:
        progress(path.stat().st_size)


def _packed_rows(path: Path, rows: Iterable[Row | Rejected], progress: Progress | None) -> Rows:
    """A packed table can't say how far it has been read, so progress slows down instead of arriving early."""
    size = path.stat().st_size
    for count, row in enumerate(rows, start=1):
        if progress and count % _ROWS_PER_REPORT == 0:
            progress(size * count // (count + 10 * _ROWS_PER_REPORT))
        yield row
    if progress:
        progress(size)
