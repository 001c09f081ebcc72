"""Reads files of ADT messages as visits, each of them once."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from throughline.formats.event import Event
from throughline.formats.faults import Reason, Rejected, UnreadableFile, ValueFault, shown
from throughline.formats.gazetteer import Gazetteer
from throughline.formats.hl7.batches import Unparsed, split_messages
from throughline.formats.hl7.merging import visits
from throughline.formats.hl7.structure import open_message
from throughline.formats.hl7.visits import ELEMENTS, visit_record
from throughline.formats.limits import DEFAULT_LIMITS, MEBIBYTE, Limits
from throughline.formats.mapping import Mapping as FeedMapping
from throughline.formats.records import Record, read_records
from throughline.formats.tabular import Progress

MESSAGE = "(message)"
"""The name under which a message is kept that could not be taken apart."""

_FOR_PRACTICE = {"T": "training", "D": "debugging"}


def read(
    path: Path,
    mapping: FeedMapping,
    gazetteer: Gazetteer,
    *,
    received_at: datetime,
    progress: Progress | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[Event | Rejected]:
    """Read a file of messages: each visit comes out once, its messages merged (`merging.merged`).

    Whatever is wrong with a message, it is set aside whole and by itself; its number in the file is its row.
    Raises UnreadableFile for what isn't HL7, and where batches or their counts don't fit.
    """
    size = path.stat().st_size
    if size > limits.file:
        found = f"the file has {size / MEBIBYTE:,.0f} MB"
        raise UnreadableFile(path.name, found, f"at most {limits.file / MEBIBYTE:,.0f} MB; send it in parts")
    messages = split_messages(path, limits, progress)
    records = (_record(message, mapping.layout.encoding, gazetteer) for message in messages)
    yield from visits(read_records(path.name, records, ELEMENTS, mapping, gazetteer, received_at=received_at))


def _record(message: Unparsed, encoding: str, gazetteer: Gazetteer) -> Record | Rejected:
    data = message.data
    try:
        if message.cut_off:
            raise ValueFault("", "no end mark (0x1c)", Reason.DAMAGED, "a message that wasn't cut off")
        record = visit_record(open_message(data, encoding), gazetteer)
        if (processing := record["processing"]) in _FOR_PRACTICE:
            expected = f"P (production); {processing} is for {_FOR_PRACTICE[processing]}"
            raise ValueFault("MSH-11", processing, Reason.TEST_DATA, expected)
    except ValueFault as fault:
        raw = {MESSAGE: data.decode(errors="backslashreplace")}
        return Rejected(message.number, fault.field, shown(fault.value), fault.reason, fault.expected, raw)
    return message.number, record
