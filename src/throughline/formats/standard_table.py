"""Reads tables of a layout of our own, which an agency can write without making a mapping."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from throughline.formats.cells import Cells, cells_by_position
from throughline.formats.event import Event
from throughline.formats.faults import Reason, Rejected, UnreadableFile
from throughline.formats.gazetteer import Gazetteer
from throughline.formats.limits import DEFAULT_LIMITS, Limits
from throughline.formats.mapping import Mapping as FeedMapping
from throughline.formats.rows import ContentKeys, RowReader
from throughline.formats.tabular import Progress, check_columns, header_of, table_rows


@dataclass(frozen=True, slots=True)
class StandardTable:
    """Columns by name, in any order; more of them may stand in a file.

    `required` ones must be there, with a value in every row: what is expected, in words. `optional` ones may be
    left out. Where columns are a `key`, a second row with the same values is set aside, so that it doesn't replace
    the first.
    """

    required: Mapping[str, str]
    optional: tuple[str, ...]
    key: tuple[str, ...] = ()
    columns: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "required", MappingProxyType(dict(self.required)))
        object.__setattr__(self, "columns", (*self.required, *self.optional))

    def recognizes(self, head: bytes) -> bool:
        """By the names in the first line, if commas part them."""
        line = head.decode("utf-8-sig", errors="replace").partition("\n")[0]
        return self.required.keys() <= {_plain(name.strip('"')) for name in line.strip().split(",")}

    def read(
        self,
        path: Path,
        mapping: FeedMapping,
        gazetteer: Gazetteer,
        *,
        received_at: datetime,
        progress: Progress | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> Iterator[Event | Rejected]:
        """Read a CSV, Excel or Parquet table; each row comes out once, as an event or set aside.

        Raises UnreadableFile where required columns are missing.
        """
        rows = table_rows(path, mapping.layout, progress=progress, limits=limits)
        with closing(rows):
            header = [_plain(name) for name in header_of(path, rows, mapping.layout)]
            self._check_header(path, header)
            absent = [name for name in self.optional if name not in header]
            check_columns(path, [*header, *absent], mapping)
            reader = RowReader(mapping, [*header, *absent], gazetteer, received_at)
            check, rest = _Check(self, header), _rest(mapping, header, absent)
            for row in rows:
                if isinstance(row, Rejected):
                    yield row
                else:
                    number, cells = row
                    yield check(number, cells) or reader(number, [*cells, *rest(cells)])

    def _check_header(self, path: Path, header: Sequence[str]) -> None:
        if missing := [name for name in self.required if name not in header]:
            found = f"there is no column {', '.join(missing)}"
            raise UnreadableFile(path.name, found, f"the columns {', '.join(self.required)}")
        if alike := [name for name in self.columns if header.count(name) > 1]:
            raise UnreadableFile(path.name, f"two columns are named {alike[0]}", "each column once")


class _Check:
    """What a mapping can't say of a row: that a value must be there, and that a key stands once in a file."""

    def __init__(self, table: StandardTable, header: Sequence[str]) -> None:
        self._header = header
        self._required = [(header.index(name), name, words) for name, words in table.required.items()]
        self._key = [header.index(name) for name in table.key if name in header]
        self._seen: dict[tuple[str, ...], int] = {}

    def __call__(self, number: int, cells: Cells) -> Rejected | None:
        if len(cells) != len(self._header):
            found, expected = f"{len(cells)} cells", f"{len(self._header)} cells"
            return Rejected(number, "", found, Reason.CELL_COUNT, expected, cells_by_position(cells))
        return self._missing(number, cells) or self._repeated(number, cells)

    def _missing(self, number: int, cells: Cells) -> Rejected | None:
        missing = (each for each in self._required if not cells[each[0]].strip())
        for _position, name, expected in missing:
            return Rejected(number, name, "", Reason.MISSING, expected, self._raw(cells))
        return None

    def _repeated(self, number: int, cells: Cells) -> Rejected | None:
        key = tuple(cells[position].strip() for position in self._key)
        first = self._seen.setdefault(key, number) if key else number
        if first == number:
            return None
        names = ", ".join(self._header[position] for position in self._key)
        expected = f"other values than in row {first}; name the site, or add the numbers up"
        return Rejected(number, names, ", ".join(key), Reason.REPEATED, expected, self._raw(cells))

    def _raw(self, cells: Cells) -> dict[str, str]:
        return dict(zip(self._header, cells, strict=True))


def _rest(mapping: FeedMapping, header: Sequence[str], absent: Sequence[str]) -> Callable[[Cells], list[str]]:
    """Cells of the columns that a file leaves out: empty, but for the record's key, which its content then gives."""
    columns = list(mapping.record_id.columns) if mapping.record_id else []
    if not columns or any(column in header for column in columns):
        return lambda cells: [""] * len(absent)
    keys, position = ContentKeys(header), absent.index(columns[0])

    def rest(cells: Cells) -> list[str]:
        return [keys(cells) if place == position else "" for place in range(len(absent))]

    return rest


def _plain(name: str) -> str:
    """A column's name as people may write it: "Primary drug" is `primary_drug`."""
    return name.strip().casefold().replace(" ", "_").replace("-", "_")
