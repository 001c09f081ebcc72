"""The folder that holds the deliveries of all feeds: takes them in, hands rows back for repair, destroys."""

import json
import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pyarrow.parquet import ParquetFile, read_table

from throughline.formats.event import EVENT_FIELDS, Event
from throughline.formats.faults import Reason, Rejected
from throughline.warehouse.files import StoredFile, make_folder, stored, sync
from throughline.warehouse.known import KnownRecords
from throughline.warehouse.revisions import EventFiles, database
from throughline.warehouse.stage import EVENTS_FILE, ORIGINAL_FILE, QUARANTINE_FILE, Stage

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


class Warehouse:
    """Deliveries lie under `deliveries/<feed>/<delivery>/`; half-written ones under `staging/`, in the same
    shape.

    Which deliveries count is not decided here: the caller's database lists them, and its commit is the commit
    of the whole delivery. Files that it doesn't list are what a crash left behind; nobody reads them, and
    `sweep` removes them. The caller lets only one process at a time write to a feed. Where a grant tells times only
    to the day, it is the day of `time_zone`.
    """

    def __init__(self, root: Path | str, *, time_zone: str = "UTC") -> None:
        self.root = Path(root).resolve()
        self.time_zone = time_zone

    @contextmanager
    def stage(
        self,
        feed: str,
        delivery: str,
        *,
        received_at: datetime,
        usable_at: datetime,
        mapping_version: int,
    ) -> Iterator[Stage]:
        """Write a delivery; what has not been finished when the block ends, is gone.

        `received_at` and `usable_at` are aware instants: when the file came, and from when its events can be
        counted.
        """
        folder = self._folder("staging", feed, delivery)
        shutil.rmtree(folder, ignore_errors=True)
        make_folder(folder)
        provenance = {
            "feed": feed,
            "delivery": delivery,
            "received_at": received_at,
            "usable_at": usable_at,
            "mapping_version": mapping_version,
        }
        stage = Stage(self.root, folder, self._folder("deliveries", feed, delivery), provenance)
        try:
            yield stage
        finally:
            stage.close()
            shutil.rmtree(folder, ignore_errors=True)

    def sweep(self, feed: str, *, known: Collection[str]) -> list[str]:
        """Remove what a crash left of a feed: all but the `known` deliveries. Returns the names of those removed."""
        shutil.rmtree(self._folder("staging", feed), ignore_errors=True)
        orphans = self.orphans(feed, known=known)
        for delivery in orphans:
            shutil.rmtree(self._folder("deliveries", feed, delivery))
        if orphans:
            sync(self._folder("deliveries", feed))
        return orphans

    def orphans(self, feed: str, *, known: Collection[str]) -> list[str]:
        """Deliveries of a feed that are here but not `known`: a crash leaves one at most."""
        return sorted(self._deliveries(feed) - set(known))

    @contextmanager
    def known_records(self, feed: str, deliveries: Sequence[str]) -> Iterator[KnownRecords]:
        """Each record's latest content hash: what a new delivery's rows are compared with.

        For intake only: it is no read of the agency's data by anyone.
        """
        with closing(self._events(feed, deliveries)) as events:
            yield KnownRecords(events)

    def latest_events(
        self, feed: str, deliveries: Sequence[str], record_ids: Collection[str]
    ) -> dict[str, Event]:
        """The latest revision of each of these records that the deliveries tell of, also where it is deleted.

        For intake only, as `known_records`.
        """
        names = [name for name in EVENT_FIELDS if name != "occurred_at"] + ["row"]
        columns = ("occurred_at", "quantity", "deleted", *names)
        with closing(self._events(feed, deliveries)) as events:
            events.only(record_ids)
            found = events.query(
                {"occurred_at", *names},
                f"""
                SELECT epoch_us(occurred_at) AS occurred_at, quantity, deleted, {", ".join(names)} FROM revision
                """,  # noqa: S608  names of declared fields
            )
            known = [_event(zip(columns, row, strict=True)) for row in found.fetchall()]
        return {event.record_id: event for event in known}

    def changed_since(self, feed: str, delivery: str, later: Sequence[str]) -> int:
        """Of how many records that a delivery holds the later ones say something else now."""
        file = self.event_file(feed, delivery)
        with closing(self._events(feed, later)) as events:
            events.only(read_table(file, columns=["record_id"])["record_id"].to_pylist())
            return KnownRecords(events).differing(file)

    def rows(self, feed: str, delivery: str) -> set[int]:
        """The rows of its file from which a delivery's events came."""
        return set(read_table(self.event_file(feed, delivery), columns=["row"])["row"].to_pylist())

    def _events(self, feed: str, deliveries: Sequence[str]) -> EventFiles:
        return EventFiles(self.root, [self.event_file(feed, delivery) for delivery in deliveries])

    def quarantined(self, feed: str, delivery: str) -> Iterator[Rejected]:
        """The rows that were set aside, in the order of their file."""
        path = self._folder("deliveries", feed, delivery) / QUARANTINE_FILE
        with ParquetFile(path) as file:
            for batch in file.iter_batches():
                yield from map(_rejected, batch.to_pylist())

    def waiting_rows(self, feed: str, deliveries: Sequence[str], brought: str) -> dict[str, set[int]]:
        """By delivery, the rows that were set aside for want of records which the delivery `brought` holds."""
        quarantines = [self._folder("deliveries", feed, name) / QUARANTINE_FILE for name in deliveries]
        with closing(database(self.root).cursor()) as connection:
            found = connection.execute(
                """
                SELECT delivery, list(row) FROM read_parquet($quarantines)
                WHERE reason = $reason AND value IN
                    (FROM (SELECT record_id FROM read_parquet($brought) WHERE deleted IS NOT true))
                GROUP BY delivery
                """,
                {
                    "quarantines": list(map(str, quarantines)),
                    "reason": str(Reason.NO_RECORD),
                    "brought": str(self.event_file(feed, brought)),
                },
            )
            return {delivery: set(rows) for delivery, rows in found.fetchall()}

    def original(self, feed: str, delivery: str) -> Path:
        """The file as it was delivered; FileNotFoundError for a replay, which had none of its own."""
        path = self._folder("deliveries", feed, delivery) / ORIGINAL_FILE
        if not path.is_file():
            raise FileNotFoundError(f"The delivery {delivery} of {feed} has no file of its own.")
        return path

    def event_file(self, feed: str, delivery: str) -> Path:
        return self._folder("deliveries", feed, delivery) / EVENTS_FILE

    def holdings(self, feed: str) -> tuple[StoredFile, ...]:
        """Every file of a feed: what `destroy` would delete."""
        return tuple(
            file for part in ("deliveries", "staging") for file in stored(self.root, self._folder(part, feed))
        )

    def destroy(self, feed: str) -> tuple[StoredFile, ...]:
        """Delete all that a feed ever delivered, and return what was deleted, for the certificate.

        The files are unlinked; on storage that keeps old blocks (copies, snapshots, flash) those age out by
        its own rules. Called again after a crash, it deletes the rest: note `holdings` down before.
        """
        destroyed = self.holdings(feed)
        for part in ("deliveries", "staging"):
            if (folder := self._folder(part, feed)).exists():
                shutil.rmtree(folder)
                sync(folder.parent)
        return destroyed

    def _deliveries(self, feed: str) -> set[str]:
        folder = self._folder("deliveries", feed)
        return {path.name for path in folder.iterdir()} if folder.exists() else set()

    def _folder(self, *names: str) -> Path:
        for name in names:
            if not _NAME.fullmatch(name):
                raise ValueError(
                    f"{name!r} can't name a feed or a delivery: letters, digits, '-', '_' and '.' can."
                )
        return self.root.joinpath(*names)


def _event(values: Iterable[tuple[str, Any]]) -> Event:
    """Values that aren't there count as the event's own defaults: files of earlier versions lack some."""
    known: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in values
        if value is not None
    }
    occurred_at = _EPOCH + timedelta(microseconds=known.pop("occurred_at"))
    return Event(occurred_at=occurred_at, **known)


def _rejected(row: dict[str, Any]) -> Rejected:
    return Rejected(
        row=row["row"],
        field=row["field"],
        value=row["value"],
        reason=Reason(row["reason"]),
        expected=row["expected"],
        raw=json.loads(row["raw"]),
    )
