"""Answers questions about events, as far as the grants reach and as of any earlier instant."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from throughline.definitions import Definition
from throughline.formats.event import EVENT_FIELDS, Kind
from throughline.formats.selection import EVERY_EVENT, Filter
from throughline.policy.sharing import Grant
from throughline.warehouse.counts import DailyCounts, Timeliness, spread_counts
from throughline.warehouse.limits import limits_of
from throughline.warehouse.revisions import END_OF_TIME, EventFiles
from throughline.warehouse.store import Warehouse


class NotGranted(Exception):
    """A question that no grant covers."""


def granted_fields(grants: Grant | Iterable[Grant], feeds: Collection[str]) -> frozenset[str]:
    """The fields that the grants of all `feeds` allow; raises NotGranted where a feed has none."""
    granted = [grants] if isinstance(grants, Grant) else list(grants)
    if uncovered := set(feeds) - {grant.feed for grant in granted}:
        raise NotGranted(f"No grant covers the feeds {', '.join(sorted(uncovered))}.")
    allowed = [grant.fields for grant in granted if grant.feed in feeds]
    return frozenset.intersection(*allowed) if allowed else frozenset[str]()


def require_fields(wanted: AbstractSet[str], granted: AbstractSet[str]) -> None:
    """Raises NotGranted, naming the fields, where some are wanted that aren't granted."""
    if missing := wanted - granted:
        raise NotGranted(f"The grants leave out: {', '.join(sorted(missing))}.")


def open_events(
    warehouse: Warehouse,
    grants: Grant | Iterable[Grant],
    deliveries: Mapping[str, Sequence[str]],
    *,
    as_of: datetime | None = None,
) -> "EventReader":
    """Open the listed deliveries of each feed, as they were known at `as_of` (now, unless told).

    `deliveries` are the committed ones; every feed among them needs its grant. Where several feeds are read
    together, only fields that every grant allows can be used, each as roughly as any grant tells it; records that
    a grant's rows leave out aren't there. Raises NotGranted.
    """
    return EventReader.open(warehouse, grants, deliveries, as_of=as_of)


class EventReader:
    """Counts events, all or those that meet a case definition. Every method raises NotGranted if it would use a
    field that a grant leaves out.

    Made by `open_events`, and its further kinds by their own `open`; use it in a `with` statement. Of each record
    only the latest revision counts.
    """

    @classmethod
    def open(
        cls,
        warehouse: Warehouse,
        grants: Grant | Iterable[Grant],
        deliveries: Mapping[str, Sequence[str]],
        *,
        as_of: datetime | None = None,
    ) -> Self:
        """See `open_events`."""
        granted = [grants] if isinstance(grants, Grant) else list(grants)
        fields = granted_fields(granted, deliveries)
        limits = limits_of(granted, deliveries, time_zone=warehouse.time_zone)
        files = [warehouse.event_file(feed, name) for feed, names in deliveries.items() for name in names]
        return cls(EventFiles(warehouse.root, files, as_of or END_OF_TIME, limits), fields)

    def __init__(self, events: EventFiles, fields: frozenset[str]) -> None:
        self._events = events
        self.fields = fields

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._events.close()

    def load(self, fields: Iterable[str]) -> None:
        """Read at once what several questions need. Later ones may name no other fields."""
        names = {"occurred_at", *fields}
        self._require(names, EVERY_EVENT)
        self._events.load(names | {"delivery"})

    def count(self, *, where: Filter = EVERY_EVENT, definition: Definition | None = None) -> int:
        """How many overdoses, or other things, there are."""
        found = self._query(set(), "SELECT sum(quantity) FROM event", where=where, definition=definition)
        return int(found.fetchone()[0] or 0)

    def daily_counts(
        self,
        *,
        start: date,
        end: date,
        time_zone: str,
        where: Filter = EVERY_EVENT,
        definition: Definition | None = None,
    ) -> DailyCounts:
        """Events per place and local day, from `start` to `end`, both included."""
        found = self._query(
            {"place", "occurred_at"},
            """
            SELECT place, date_diff('day', $start, day) AS day, sum(quantity) AS events
            FROM (SELECT place, quantity, local_day(occurred_at, $time_zone) AS day FROM event)
            WHERE day BETWEEN $start AND $end GROUP BY ALL
            """,
            {"start": start, "end": end, "time_zone": time_zone},
            where=where,
            definition=definition,
        )
        return spread_counts(found.fetchnumpy(), start, (end - start).days + 1)

    def counts_by(
        self,
        *fields: str,
        start: date,
        end: date,
        time_zone: str,
        where: Filter = EVERY_EVENT,
        definition: Definition | None = None,
    ) -> dict[tuple[Any, ...], int]:
        """Events per combination of the fields' values, in local days from `start` to `end`, both included.

        An event with several substances counts once for each of them, and not at all if it has none.
        """
        columns = ", ".join(EVENT_FIELDS[name].name for name in fields)
        rows = self._query(
            {"occurred_at", *fields},
            f"""
            SELECT * EXCLUDE quantity, sum(quantity)
            FROM (
                SELECT {columns}, quantity FROM {_single("event", fields)}
                WHERE local_day(occurred_at, $time_zone) BETWEEN $start AND $end
            )
            GROUP BY ALL ORDER BY ALL
            """,  # noqa: S608  names of declared fields
            {"start": start, "end": end, "time_zone": time_zone},
            where=where,
            definition=definition,
        )
        return {tuple(values): events for *values, events in rows.fetchall()}

    def counts_by_definition(
        self,
        definitions: Sequence[Definition],
        *,
        start: date,
        end: date,
        time_zone: str,
        where: Filter = EVERY_EVENT,
    ) -> dict[tuple[bool, ...], int]:
        """Events by which of the definitions they meet, in local days from `start` to `end`, both included.

        Those that meet none of them are left out.
        """
        fields = frozenset({"occurred_at"}).union(*(definition.needs for definition in definitions))
        self._require(fields, where)
        rows = self._events.query(
            {"occurred_at"},
            """
            SELECT meets, sum(quantity) FROM event
            WHERE local_day(occurred_at, $time_zone) BETWEEN $start AND $end GROUP BY meets
            """,
            {"start": start, "end": end, "time_zone": time_zone},
            where=where,
            definitions=definitions,
        )
        return {tuple(meets): int(events) for meets, events in rows.fetchall()}

    def timeliness(self, *, where: Filter = EVERY_EVENT) -> Timeliness:
        """How long records took from occurring to being received for the first time."""
        self._require({"occurred_at"}, where)
        found = self._events.query(
            {"occurred_at", "received_at"},
            "SELECT greatest(epoch(received_at) - epoch(occurred_at), 0) AS seconds FROM event",
            where=where,
            revision="first",
        )
        return _timeliness(np.asarray(found.fetchnumpy()["seconds"], dtype=np.float64))

    def _query(
        self,
        fields: AbstractSet[str],
        select: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        where: Filter = EVERY_EVENT,
        definition: Definition | None = None,
        provenance: AbstractSet[str] = frozenset(),
    ) -> Any:
        """`provenance` names columns that need no grant: where a record came from, and its clocks."""
        definitions = [definition] if definition else []
        self._require(fields | (definition.needs if definition else frozenset()), where)
        return self._events.query(
            fields | provenance, select, parameters, where=where, definitions=definitions
        )

    def _require(self, fields: AbstractSet[str], where: Filter) -> None:
        require_fields(fields | where.needs, self.fields)


def _single(events: str, fields: Iterable[str]) -> str:
    """The events with one row for each of their values in these fields, and for each combination of them."""
    for name in filter(_has_several, fields):
        events = f"(SELECT * REPLACE (unnest({name}) AS {name}) FROM {events})"  # noqa: S608  a declared field
    return events


def _has_several(name: str) -> bool:
    return EVENT_FIELDS[name].kind is Kind.TEXTS


def _timeliness(seconds: NDArray[np.float64]) -> Timeliness:
    if not len(seconds):
        return Timeliness(0, None, None, np.zeros(0, dtype=np.int64))
    median, percentile_90 = (timedelta(seconds=float(s)) for s in np.quantile(seconds, [0.5, 0.9]))
    by_day = np.bincount((seconds // 86_400).astype(np.int64)).astype(np.int64)
    return Timeliness(len(seconds), median, percentile_90, by_day)
