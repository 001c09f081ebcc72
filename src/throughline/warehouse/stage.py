"""Writes one delivery where nobody sees it, and moves it into place whole."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow.parquet import ParquetWriter

from throughline.formats.event import EVENT_FIELDS, Event
from throughline.formats.faults import Rejected
from throughline.warehouse.files import StoredFile, copy, create, make_folder, stored, sync
from throughline.warehouse.schema import EVENTS, PROVENANCE, QUARANTINE

EVENTS_FILE = "events.parquet"
QUARANTINE_FILE = "quarantine.parquet"
ORIGINAL_FILE = "original"

_BATCH = 10_000
_event_values = attrgetter(*EVENT_FIELDS, "row", "quantity", "deleted")


class DeliveryExists(Exception):
    """The warehouse holds files under this delivery's name already: sweep first, or choose another name."""


@dataclass(frozen=True, slots=True)
class Staged:
    """What a delivery put into the warehouse."""

    accepted: int
    quarantined: int
    first_occurred_at: datetime | None
    last_occurred_at: datetime | None
    files: tuple[StoredFile, ...]

    @property
    def sha256(self) -> dict[str, str]:
        """Each file's hash by its path below the warehouse's root."""
        return {file.name: file.sha256 for file in self.files}

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)


class Stage:
    """A delivery being written, in bounded memory. Made by `Warehouse.stage`.

    Nothing is visible before `finish`, and nothing counts before the caller's database lists the delivery.
    """

    def __init__(self, root: Path, folder: Path, final: Path, provenance: Mapping[str, Any]) -> None:
        self._root = root
        self._folder = folder
        self._final = final
        self._events = _Rows(folder / EVENTS_FILE, EVENTS, provenance)
        self._quarantine = _Rows(folder / QUARANTINE_FILE, QUARANTINE, provenance)
        self._first: datetime | None = None
        self._last: datetime | None = None

    def add(self, event: Event, content_hash: str = "") -> None:
        """`content_hash` is the event's own, from callers who know it already: computing it takes a while."""
        at = event.occurred_at
        if self._first is None or at < self._first:
            self._first = at
        if self._last is None or at > self._last:
            self._last = at
        self._events.add((*_event_values(event), content_hash or event.content_hash))

    def reject(self, rejected: Rejected) -> None:
        raw = json.dumps(dict(rejected.raw), ensure_ascii=False)
        what = rejected.field, rejected.value, str(rejected.reason), rejected.expected
        self._quarantine.add((rejected.row, *what, raw))

    def finish(self, *, original: Path | None = None) -> Staged:
        """Move the delivery into place, its files and the move itself safe from a power cut.

        `original` is the file as it was delivered; a copy is kept. Raises DeliveryExists.
        """
        self.close()
        if original is not None:
            copy(original, self._folder / ORIGINAL_FILE)
        for path in (*self._folder.iterdir(), self._folder):
            sync(path)
        self._move()
        return Staged(
            accepted=self._events.written,
            quarantined=self._quarantine.written,
            first_occurred_at=self._first,
            last_occurred_at=self._last,
            files=tuple(stored(self._root, self._final)),
        )

    def close(self) -> None:
        self._events.close()
        self._quarantine.close()

    def _move(self) -> None:
        """One rename moves all files of the delivery at once."""
        make_folder(self._final.parent)
        try:
            self._folder.rename(self._final)
        except OSError as fault:
            raise DeliveryExists(f"The warehouse has a delivery {self._final.name} already.") from fault
        sync(self._final.parent)
        sync(self._final.parent.parent)


class _Rows:
    """A Parquet file that is written batch by batch; the columns of `provenance` are the same in all rows."""

    def __init__(self, path: Path, schema: pa.Schema, provenance: Mapping[str, Any]) -> None:
        self._schema = schema
        self._provenance = [pa.scalar(provenance[field.name], field.type) for field in PROVENANCE]
        self._pending: list[tuple[Any, ...]] = []
        self._file = create(path)
        self._writer = ParquetWriter(self._file, schema, compression="zstd")
        self.written = 0

    def add(self, values: tuple[Any, ...]) -> None:
        self._pending.append(values)
        if len(self._pending) == _BATCH:
            self._flush()

    def close(self) -> None:
        """Write what is pending, and the file's end; a second call does nothing."""
        if not self._file.closed:
            self._flush()
            self._writer.close()
            self._file.close()

    def _flush(self) -> None:
        count = len(self._pending)
        own = [
            pa.array(column, field.type)
            for column, field in zip(zip(*self._pending, strict=True), self._schema, strict=False)
        ]
        if count:
            repeated = [pa.repeat(value, count) for value in self._provenance]
            self._writer.write_batch(pa.RecordBatch.from_arrays([*own, *repeated], schema=self._schema))
        self.written += count
        self._pending.clear()
