"""Writes what was read as one JSON document, in bounded memory."""

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from throughline.cli.faults import Fault
from throughline.cli.read.reading import Reading
from throughline.cli.read.summary import Met, Tally, classified
from throughline.formats.event import UNKNOWN, Event
from throughline.formats.faults import Rejected

_ALWAYS = ("record_id", "occurred_at", "place", "outcome")
_NOTHING = {field.name: field.default for field in fields(Event)}


def write_json(reading: Reading, out: Path) -> Tally:
    """Write the document in one go or not at all; events as they come, records set aside after them.

    Those wait in a file of their own, since a document's lists stand one after the other.
    """
    tally = Tally()
    with _written_whole(out) as document, TemporaryFile("w+", encoding="utf-8") as waiting:
        head = {"format": reading.format.KEY, "mapping": reading.mapping_name}
        document.write(_text(head)[:-1] + ', "events": [')
        for outcome in classified(reading, tally):
            if isinstance(outcome, Rejected):
                _append(waiting, _set_aside(outcome), first=tally.quarantined == 1)
            else:
                _append(document, _described(*outcome), first=tally.events == 1)
        document.write('\n], "quarantined": [')
        waiting.seek(0)
        shutil.copyfileobj(waiting, document)
        document.write(f'\n], "rows": {tally.rows}}}\n')
    return tally


def _append(file: IO[str], values: dict[str, Any], *, first: bool) -> None:
    file.write("\n" if first else ",\n")
    file.write(_text(values))


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _described(event: Event, met: Met) -> dict[str, Any]:
    """The event's fields that hold something, and each reason why it meets a definition."""
    values = {name: getattr(event, name) for name in _NOTHING}
    known = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
        if name in _ALWAYS or (value != _NOTHING[name] and value != UNKNOWN)
    }
    reasons = [
        {"id": one.id, "version": one.version, "field": match.field, "code": match.code} for one, match in met
    ]
    return known | {"definitions": reasons}


def _set_aside(rejected: Rejected) -> dict[str, Any]:
    names = ("row", "field", "value", "reason", "expected")
    return {name: getattr(rejected, name) for name in names}


@contextmanager
def _written_whole(out: Path) -> Iterator[IO[str]]:
    """A text file that appears under its name when all of it is written; - is standard output."""
    if out == Path("-"):
        with TemporaryFile("w+", encoding="utf-8") as file:
            yield file
            file.seek(0)
            shutil.copyfileobj(file.buffer, sys.stdout.buffer)
        return
    if out.exists() and not out.is_file():  # such as /dev/null, which must not be replaced
        with _opened(out) as file:
            yield file
        return
    partial = out.with_name(f".{out.name}.partial")
    try:
        with _opened(partial) as file:
            yield file
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)


def _opened(path: Path) -> IO[str]:
    try:
        return path.open("w", encoding="utf-8")
    except OSError as fault:
        raise Fault(f"{path}: {fault.strerror}. Expected a file that can be written.") from fault
