"""Shows single records, their fields cut to the grant: from a count to what was counted, and to file and row."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from throughline.definitions import Definition
from throughline.formats.event import EVENT_FIELDS, Event
from throughline.formats.selection import EVERY_EVENT, Filter
from throughline.warehouse.reader import EventReader

MOST = 200
"""Records that one question can show."""

_SOURCE = ("feed", "delivery", "row", "mapping_version", "received_at", "usable_at")
_INSTANTS = {"occurred_at", "received_at", "usable_at"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Record:
    """One revision of a record. `values` holds the fields that the grant names, and none besides."""

    feed: str
    delivery: str
    row: int
    mapping_version: int
    received_at: datetime
    usable_at: datetime
    quantity: int
    deleted: bool
    values: Mapping[str, Any]

    def event(self) -> Event:
        """The event as far as the grant reaches; fields that it leaves out are as if they had not been sent."""
        known = {name: value for name, value in self.values.items() if value is not None}
        return Event(**{"record_id": "", **known, "row": self.row, "quantity": self.quantity})


@dataclass(frozen=True, slots=True)
class Chosen:
    """The records of the local days from `start` to `end`, both included, in any of `places`: everywhere, if empty."""

    start: date
    end: date
    time_zone: str
    places: frozenset[str] = frozenset()
    where: Filter = EVERY_EVENT
    definition: Definition | None = None  # one that they must meet

    @property
    def filter(self) -> Filter:
        return Filter({**self.where.values, "place": self.places}) if self.places else self.where


@dataclass(frozen=True, slots=True)
class Size:
    """How many records, and how many they stand for: overdoses, or what a feed of counts reports."""

    records: int
    quantity: int


class RecordReader(EventReader):
    """An `EventReader` that also shows records. Every field that the grant leaves out stays in the warehouse."""

    def only_patients(self, patients: AbstractSet[str]) -> None:
        """Show records of these patients, and no others."""
        self._events.only_patients(sorted(patients))

    def size(self, chosen: Chosen) -> Size:
        """How many records there are to show."""
        found = self._select("count(*), sum(quantity)", chosen).fetchone()
        return Size(found[0], int(found[1] or 0))

    def records(
        self, chosen: Chosen, *, show: AbstractSet[str] | None = None, first: int = 0, count: int = MOST
    ) -> list[Record]:
        """`count` records from number `first` on, by when they occurred, with the fields `show` (all, unless told).

        Raises NotGranted where the choice itself needs a field that the grant lacks, ValueError for a count above
        `MOST`.
        """
        if not 0 <= count <= MOST:
            raise ValueError(f"{count} records were asked for, expected at most {MOST}.")
        page = "ORDER BY occurred_at, feed, delivery, row LIMIT $count OFFSET $first"
        shown = self._shown(show)
        found = self._select(_columns(shown), chosen, page, {"count": count, "first": first})
        return _records(found, shown)

    def _select(
        self, columns: str, chosen: Chosen, rest: str = "", parameters: Mapping[str, Any] | None = None
    ) -> Any:
        days = {"start": chosen.start, "end": chosen.end, "time_zone": chosen.time_zone}
        return self._query(
            {"occurred_at"} | self.fields,
            f"""
            SELECT {columns} FROM event WHERE local_day(occurred_at, $time_zone) BETWEEN $start AND $end {rest}
            """,  # noqa: S608  names of declared fields
            {**days, **(parameters or {})},
            where=chosen.filter,
            definition=chosen.definition,
            provenance=set(_SOURCE),
        )

    def revisions(self, *, feed: str, delivery: str, row: int) -> list[Record]:
        """Every revision of the record that stands in this row, the oldest first; also those that took it back.

        The source's key joins them; it is shown only where the grant names it. Empty where no record stands there.
        """
        self._require({"occurred_at"}, EVERY_EVENT)
        shown = self._shown()
        found = self._events.query(
            {"record_id", *self.fields, *_SOURCE},
            f"""
            SELECT {_columns(shown)} FROM revision WHERE (feed, record_id) IN
                (SELECT (feed, record_id) FROM revision WHERE feed = $feed AND delivery = $delivery AND row = $row)
            ORDER BY received_at, row, usable_at
            """,  # noqa: S608  names of declared fields
            {"feed": feed, "delivery": delivery, "row": row},
            revision="every",
        )
        return _records(found, shown)

    def _shown(self, show: AbstractSet[str] | None = None) -> list[str]:
        """The fields to show, all that are granted unless told, in the order in which they are declared."""
        wanted = self.fields if show is None else show
        self._require(wanted, EVERY_EVENT)
        return [name for name in EVENT_FIELDS if name in wanted]


def _columns(shown: Sequence[str]) -> str:
    return ", ".join(map(_column, (*_SOURCE, "quantity", "deleted", *shown)))


def _records(found: Any, shown: Sequence[str]) -> list[Record]:
    return [_record(row, shown) for row in found.fetchall()]


def _record(row: tuple[Any, ...], shown: Sequence[str]) -> Record:
    names = (*_SOURCE, "quantity", "deleted")
    source = {name: _read(name, value) for name, value in zip(names, row, strict=False)}
    values = zip(shown, row[len(names) :], strict=True)
    return Record(**source, values={name: _read(name, value) for name, value in values})


def _column(name: str) -> str:
    """Instants as microseconds: DuckDB hands out time zones through a package that nothing else here needs."""
    return f"epoch_us({name}) AS {name}" if name in _INSTANTS else name


def _read(name: str, value: Any) -> Any:
    if name in _INSTANTS:
        return _EPOCH + timedelta(microseconds=value)
    if name == "deleted":
        return bool(value)  # files of earlier versions don't say
    return tuple(value) if isinstance(value, list) else value
