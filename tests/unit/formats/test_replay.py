"""Rows that were set aside are read again after the mapping was put right."""

from datetime import UTC, datetime
from typing import Any

from throughline.formats.event import Event
from throughline.formats.faults import Reason, Rejected
from throughline.formats.gazetteer import Gazetteer
from throughline.formats.mapping import parse_mapping
from throughline.formats.tabular import map_rows

RECEIVED_AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
FLAG = {"columns": ["fent"], "substance": "fentanyl", "present": ["Y"]}


def again(rejected: list[Rejected], document: dict[str, Any], **settings: Any) -> list[Event | Rejected]:
    rows = [(row.row, row.raw) for row in rejected]
    return list(map_rows(rows, parse_mapping(document | settings), Gazetteer([]), received_at=RECEIVED_AT))


def test_a_mended_mapping_reads_the_row_as_if_it_had_just_come(read: Any, document: dict[str, Any]) -> None:
    file = "id,when,fent\n1,2026-03-01,Y-A\n"
    mended = [FLAG | {"present": ["Y", "Y-A"]}]
    rejected = read(file, substance_flags=[FLAG])
    assert again(rejected, document, substance_flags=mended) == read(file, substance_flags=mended)


def test_what_is_still_wrong_stays_set_aside_with_all_its_cells(read: Any, document: dict[str, Any]) -> None:
    rejected = read("id,when,fent\n1,2026-03-01,?\n2,soon,Y\n", substance_flags=[FLAG])
    assert again(rejected, document, substance_flags=[FLAG]) == rejected


def test_rows_without_a_key_get_the_key_they_would_have_had(read: Any, document: dict[str, Any]) -> None:
    file = "when,fent\n2026-03-01,?\n2026-03-02,Y\n2026-03-01,?\n"
    lenient = FLAG | {"present": ["Y", "?"]}
    without_key = {"occurred_at": document["occurred_at"]}
    rejected = [
        row for row in read(file, record_id=None, substance_flags=[FLAG]) if isinstance(row, Rejected)
    ]
    replayed = again(rejected, without_key, substance_flags=[lenient])
    direct = read(file, record_id=None, substance_flags=[lenient])
    assert replayed == [direct[0], direct[2]]


def test_a_row_that_never_fitted_its_header_does_not_fit_later(read: Any, document: dict[str, Any]) -> None:
    rejected = read('id,when,note\n1,2026-03-01\n2,2026-03-01,x,y\n3,"2026"-03-01,x\n')
    replayed = again(rejected, document)
    assert [row.reason for row in replayed] == [Reason.CELL_COUNT] * 3  # type: ignore[union-attr]
    assert [row.raw for row in replayed] == [row.raw for row in rejected]  # type: ignore[union-attr]


def test_a_mapping_may_start_to_use_a_column_that_was_in_the_file_all_along(
    read: Any, document: dict[str, Any]
) -> None:
    rejected = read("id,when,found\n1,,2026-03-01\n")
    mended = {"occurred_at": {"columns": ["when", "found"], "time_zone": "UTC"}}
    assert isinstance(again(rejected, document, **mended)[0], Event)
