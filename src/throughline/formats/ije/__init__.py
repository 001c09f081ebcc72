"""Reads death records of the Inter-Jurisdictional Exchange (IJE): one line of 5000 characters each."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from throughline.formats.event import Event
from throughline.formats.faults import Reason, Rejected, UnreadableFile, ValueFault, shown
from throughline.formats.gazetteer import Gazetteer
from throughline.formats.ije.record import ELEMENTS, LENGTH, record_values
from throughline.formats.limits import DEFAULT_LIMITS, MEBIBYTE, Limits
from throughline.formats.mapping import Mapping as FeedMapping
from throughline.formats.records import Record, read_records
from throughline.formats.shipped import shipped_mapping
from throughline.formats.sniffing import check_size
from throughline.formats.tabular import Progress
from throughline.formats.wording import gettext_noop as _

KEY = "ije"
NAME = _("IJE mortality file (lines of 5000 characters)")
SUFFIXES = (".ije", ".mor")
MAPPING = shipped_mapping("ije")

_BEGINS = re.compile(rb"(19|20)\d\d[A-Z]{2}\d{6}[ 01][^\r\n]{4000}")
_LINE = "(line)"
"""The name under which a line that can't be read is kept."""
_LINES_PER_REPORT = 100


def recognizes(head: bytes) -> bool:
    return _BEGINS.match(head) is not None


def read(
    path: Path,
    mapping: FeedMapping,
    gazetteer: Gazetteer,
    *,
    received_at: datetime,
    progress: Progress | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[Event | Rejected]:
    """Read a file line by line; each comes out once, as an event or set aside. A void certificate is deleted.

    Bytes are places in the line, so that each is read as one character (Latin-1). Raises UnreadableFile for a
    line that is far too long.
    """
    check_size(path, limits)
    records = _records(path, progress, limits)
    yield from read_records(path.name, records, ELEMENTS, mapping, gazetteer, received_at=received_at)


def _records(path: Path, progress: Progress | None, limits: Limits) -> Iterator[Record | Rejected]:
    with path.open("rb") as file:
        number = 0
        while line := file.readline(limits.line):
            number += 1
            if len(line) == limits.line:
                found = f"line {number} is longer than {limits.line / MEBIBYTE:g} MB"
                raise UnreadableFile(path.name, found, f"lines of {LENGTH} characters")
            if progress and number % _LINES_PER_REPORT == 0:
                progress(file.tell())
            if text := line.decode("latin-1").rstrip("\r\n\x1a"):
                yield _record(number, text)


def _record(number: int, text: str) -> Record | Rejected:
    try:
        if len(text) != LENGTH:
            raise ValueFault("", f"{len(text)} characters", Reason.INVALID, f"a line of {LENGTH} characters")
        return number, record_values(text)
    except ValueFault as fault:
        raw = {_LINE: text}
        return Rejected(number, fault.field, shown(fault.value), fault.reason, fault.expected, raw)
