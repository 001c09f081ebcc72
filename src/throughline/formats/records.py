"""Turns the records of a standard's file into events, by the same mapping and the same rules as a table's rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from throughline.formats.event import Event
from throughline.formats.faults import Rejected, UnreadableFile
from throughline.formats.gazetteer import Gazetteer
from throughline.formats.mapping import Mapping as FeedMapping
from throughline.formats.rows import RowReader

Record = tuple[int, Mapping[str, str]]
"""A record's number in its file, from 1, and its values by element; elements without a value may be left out."""


def read_records(
    file: str,
    records: Iterable[Record | Rejected],
    elements: Sequence[str],
    mapping: FeedMapping,
    gazetteer: Gazetteer,
    *,
    received_at: datetime,
) -> Iterator[Event | Rejected]:
    """One event or rejected record for each record; `elements` are all that the format reads.

    What is set aside keeps the values of all elements, so that it can be read again as a table's row can.
    Raises UnreadableFile where the mapping asks for another element.
    """
    if missing := [column for column in mapping.columns if column not in elements]:
        raise UnreadableFile(
            file, f"the mapping asks for {', '.join(missing)}", "elements that the format has"
        )
    reader = RowReader(mapping, elements, gazetteer, received_at, spreadsheet=False)
    for record in records:
        if isinstance(record, Rejected):
            yield record
        else:
            number, values = record
            yield reader(number, [values.get(element, "") for element in elements])
