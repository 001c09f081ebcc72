"""Reads FHIR R4: death records and their codes (VRDR), and toxicology reports to medical examiners (MDI)."""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import chain, islice
from pathlib import Path

from throughline.formats.amendment import Amendment
from throughline.formats.event import Event
from throughline.formats.faults import Reason, Rejected, UnreadableFile, ValueFault, shown
from throughline.formats.fhir.bundles import CODING, ELEMENTS, Values, bundle_records
from throughline.formats.fhir.merging import merged
from throughline.formats.gazetteer import Gazetteer
from throughline.formats.json_documents import JsonDocument, json_documents, parse_json
from throughline.formats.limits import DEFAULT_LIMITS, Limits
from throughline.formats.mapping import Mapping as FeedMapping
from throughline.formats.records import Record, read_records
from throughline.formats.shipped import shipped_mapping
from throughline.formats.sniffing import check_size
from throughline.formats.tabular import Progress
from throughline.formats.wording import gettext_noop as _

KEY = "fhir"
NAME = _("FHIR R4: death records (VRDR) and toxicology (MDI)")
SUFFIXES = (".json", ".ndjson")
MAPPING = shipped_mapping("fhir")
MERGE = merged

_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?\s*[{\[]")
_DOCUMENT = "(document)"
"""The name under which the text of a document that can't be read is kept."""
_NOT_FHIR = frozenset({Reason.BROKEN_JSON, Reason.OTHER_KIND})


def recognizes(head: bytes) -> bool:
    return _BEGINS.match(head) is not None and b'"resourceType"' in head


def read(
    path: Path,
    mapping: FeedMapping,
    gazetteer: Gazetteer,
    *,
    received_at: datetime,
    progress: Progress | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[Event | Rejected]:
    """Read a bundle, a list of bundles or one per line; each record comes out once, as an event or set aside.

    Codes of a death whose record stands earlier in the file complete it; others come out as an `Amendment`.
    Raises UnreadableFile for what is no JSON, and where the only document is of a kind that isn't read.
    """
    check_size(path, limits)
    records = _Records(path, progress, limits)
    outcomes = read_records(path.name, records.read(), ELEMENTS, mapping, gazetteer, received_at=received_at)
    yield from _or_refused(path.name, map(records.amendment, outcomes))


def _or_refused(name: str, outcomes: Iterator[Event | Rejected]) -> Iterator[Event | Rejected]:
    """A file that holds nothing else than what can't be read is no delivery with one bad record."""
    match first := list(islice(outcomes, 2)):
        case []:
            raise UnreadableFile(name, "the file holds no document", "FHIR bundles")
        case [Rejected(reason=reason) as only] if reason in _NOT_FHIR:
            raise UnreadableFile(name, f"{only.field}: {only.reason}, found {only.value!r}", only.expected)
    yield from chain(first, outcomes)


class _Records:
    """The records of a file in its order; remembers the deaths, so that codes which follow can complete them."""

    def __init__(self, path: Path, progress: Progress | None, limits: Limits) -> None:
        self._path = path
        self._progress = progress
        self._limits = limits
        self._known: dict[str, Values] = {}
        self._alone: dict[int, Values] = {}

    def read(self) -> Iterator[Record | Rejected]:
        number = 0
        with self._path.open("rb") as file:
            for document in json_documents(file, self._path.name, self._limits):
                for found in _records(document):
                    number += 1
                    yield self._record(number, found, document)
                if self._progress:
                    self._progress(file.tell())

    def amendment(self, outcome: Event | Rejected) -> Event | Rejected:
        """What is said of an unknown record, for whoever may know it."""
        values = self._alone.pop(outcome.row, None)
        if values is None or isinstance(outcome, Rejected):
            return outcome
        expected = "the death record that these codes belong to, before them"
        return Amendment(
            outcome.row, "record_id", outcome.record_id, Reason.NO_RECORD, expected, values, outcome
        )

    def _record(self, number: int, found: Values | ValueFault, document: JsonDocument) -> Record | Rejected:
        if isinstance(found, ValueFault):
            raw = {_DOCUMENT: document.text.decode(errors="replace")}
            return Rejected(number, found.field, shown(found.value), found.reason, found.expected, raw)
        key = found["record_id"]
        if found["kind"] != CODING:
            self._known[key] = found
        elif key in self._known:
            added = {name: value for name, value in found.items() if value and name != "kind"}
            self._known[key] = found = self._known[key] | added
        else:
            self._alone[number] = found
        return number, found


def _records(document: JsonDocument) -> Iterator[Values | ValueFault]:
    """A fault anywhere in a document sets all of it aside: half a bundle would be believed."""
    try:
        yield from list(bundle_records(parse_json(document)))
    except ValueFault as fault:
        yield fault
