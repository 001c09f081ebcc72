"""Turns what a row adds to a record into what is then known of the record, for formats whose rows add."""

import json
import pickle
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import islice

from throughline.formats.amendment import Amendment
from throughline.formats.event import Event
from throughline.formats.faults import Rejected

Merge = Callable[[Event, Event], Event]
LookUp = Callable[[Collection[str]], Mapping[str, Event]]
"""Latest events by record id, of those records that earlier deliveries told of."""

_BATCH = 5_000


def completed(
    reading: Iterable[Event | Rejected], *, look_up: LookUp, merge: Merge
) -> Iterator[Event | Rejected]:
    """The same outcomes in the same order: merged with what was known, and amended records in amendments' place.

    An amendment of nothing that is known stays set aside. Memory is bounded: what the file told of itself goes
    to disk.
    """
    outcomes, told = iter(reading), _Told()
    while batch := list(islice(outcomes, _BATCH)):
        ids = {key for outcome in batch if (key := _record_id(outcome))}
        known = {**look_up(ids), **told.of(ids)} if ids else {}
        yield from (_complete(outcome, known, merge) for outcome in batch)
        told.add(known.values())


def _record_id(outcome: Event | Rejected) -> str | None:
    if isinstance(outcome, Amendment):
        return outcome.adds.record_id
    return outcome.record_id if isinstance(outcome, Event) else None


def _complete(outcome: Event | Rejected, known: dict[str, Event], merge: Merge) -> Event | Rejected:
    """Notes down in `known` what is known after this row."""
    if isinstance(outcome, Amendment):
        before = known.get(outcome.adds.record_id)
        if before is None or before.deleted:
            return outcome
        outcome = outcome.completes(before)
    elif isinstance(outcome, Event):
        before = known.get(outcome.record_id)
        outcome = merge(before, outcome) if before else outcome
    if isinstance(outcome, Event):
        known[outcome.record_id] = outcome
    return outcome


class _Told:
    """Events of the file so far, in a database that SQLite keeps in memory while it is small, and nobody sees."""

    def __init__(self) -> None:
        self._events = sqlite3.connect("")
        self._events.execute("CREATE TABLE event (record_id TEXT PRIMARY KEY, pickled BLOB)")

    def of(self, ids: Collection[str]) -> dict[str, Event]:
        found = self._events.execute(
            "SELECT record_id, pickled FROM event WHERE record_id IN (SELECT value FROM json_each(?))",
            [json.dumps(list(ids))],
        )
        return {key: pickle.loads(pickled) for key, pickled in found}  # noqa: S301  written below

    def add(self, events: Iterable[Event]) -> None:
        rows = [(event.record_id, pickle.dumps(event)) for event in events]
        self._events.executemany("REPLACE INTO event VALUES (?, ?)", rows)
