"""Tables of our own layout are read without making a mapping: ODMAP-style entries and feeds of counts."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from throughline.formats.event import Event
from throughline.formats.faults import Reason, Rejected, UnreadableFile
from throughline.formats.gazetteer import Gazetteer
from throughline.formats.mapping import parse_mapping
from throughline.formats.registry import find_format, known_formats
from throughline.formats.tabular import map_rows

SAMPLES = Path(__file__).parents[2] / "samples"

ReadTable = Callable[[str | Path], list[Any]]


@pytest.fixture
def read_table(tmp_path: Path, gazetteer: Gazetteer, at: datetime) -> ReadTable:
    """Reads a table by what its header says it is."""

    def read(content: str | Path) -> list[Any]:
        path = content if isinstance(content, Path) else tmp_path / "table.csv"
        if isinstance(content, str):
            path.write_text(content)
        known = find_format(path)
        return list(known.read(path, parse_mapping(known.MAPPING), gazetteer, received_at=at))

    return read


def faults(outcomes: list[Event | Rejected]) -> list[tuple[int, str, Reason]]:
    return [(each.row, each.field, each.reason) for each in outcomes if isinstance(each, Rejected)]


def test_odmap_entries_need_time_location_outcome_and_naloxone(read_table: ReadTable) -> None:
    outcomes = read_table(SAMPLES / "odmap.csv")
    assert faults(outcomes) == [
        (5, "outcome", Reason.MISSING),
        (6, "place, latitude, longitude", Reason.MISSING),
        (7, "naloxone", Reason.UNKNOWN_CODE),
    ]


def test_an_odmap_entry_is_one_person(read_table: ReadTable) -> None:
    """Two people at one call have one case number, so that it can't be the key."""
    first, second, third, *_ = read_table(SAMPLES / "odmap.csv")
    assert [first.record_id, second.record_id] == ["e1", "e2"]
    assert "case_number=26-00417" in first.codes
    assert "case_number=26-00417" in second.codes
    assert (first.naloxone, third.naloxone) == (True, False)
    assert first.substances == ("heroin", "cocaine", "xylazine")
    assert (third.place, third.outcome) == ("08", "fatal")


def test_the_least_entry_has_the_four_fields_only(read_table: ReadTable) -> None:
    [event] = read_table("Naloxone,Outcome,Place,Occurred at\nunknown,non-fatal,07,2026-03-07T14:05\n")
    assert (event.outcome, event.naloxone, event.codes) == ("nonfatal", None, ("naloxone=unknown",))


def test_entries_without_an_id_are_known_by_their_content(read_table: ReadTable) -> None:
    row = "2026-03-07T14:05,07,nonfatal,single\n"
    first, second = read_table("occurred_at,place,outcome,naloxone\n" + row + row)
    assert first.record_id.endswith("-1")
    assert second.record_id.endswith("-2")


def test_an_entry_that_was_set_aside_is_read_again_under_its_key(
    read_table: ReadTable, gazetteer: Gazetteer, at: datetime
) -> None:
    [rejected] = read_table("occurred_at,place,outcome,naloxone\n2026-03-07T14:05,07,nonfatal,two doses\n")
    mended = dict(known_formats()["odmap"].MAPPING)
    mended["naloxone"] = {"columns": ["naloxone"], "codes": {"two doses": "yes"}}
    [event] = map_rows([(2, rejected.raw)], parse_mapping(mended), gazetteer, received_at=at)
    assert (event.record_id, event.naloxone) == (rejected.raw["entry_id"], True)


def test_a_row_with_too_few_cells_is_set_aside(read_table: ReadTable) -> None:
    [rejected] = read_table("occurred_at,place,outcome,naloxone\n2026-03-07T14:05,07,nonfatal\n")
    assert (rejected.reason, rejected.value, rejected.expected) == (Reason.CELL_COUNT, "3 cells", "4 cells")


def test_a_missing_column_is_named(tmp_path: Path, gazetteer: Gazetteer, at: datetime) -> None:
    path = tmp_path / "entries.csv"
    path.write_text("occurred_at,place,outcome\n")
    odmap = known_formats()["odmap"]
    with pytest.raises(
        UnreadableFile, match=r"no column naloxone\. Expected the columns occurred_at, outcome"
    ):
        list(odmap.read(path, parse_mapping(odmap.MAPPING), gazetteer, received_at=at))


def test_two_columns_of_one_meaning_are_refused(read_table: ReadTable) -> None:
    with pytest.raises(UnreadableFile, match="two columns are named place"):
        read_table("occurred_at,Place,place,outcome,naloxone\n")


def test_kits_are_counts_and_no_overdoses(read_table: ReadTable) -> None:
    events = [each for each in read_table(SAMPLES / "naloxone_kits.csv") if isinstance(each, Event)]
    assert [(event.place, event.quantity) for event in events] == [("07", 12), ("07", 30), ("08", 0)]
    assert {(event.measure, event.outcome, event.time_quality) for event in events} == {
        ("naloxone_kits", "unknown", "day")
    }


def test_withheld_and_repeated_counts_are_set_aside(read_table: ReadTable) -> None:
    assert faults(read_table(SAMPLES / "naloxone_kits.csv")) == [
        (5, "kits", Reason.WITHHELD),
        (6, "kits", Reason.WITHHELD),
        (7, "kits", Reason.BAD_NUMBER),
        (8, "day, place, site, kind", Reason.REPEATED),
    ]


@pytest.mark.parametrize(
    "mark", ["<6", "< 10", "≤5", "1-9", "10–19", "1 to 4", "*", "**", "§", "S", "Suppressed"]
)
def test_marks_of_suppression_are_never_numbers(read_table: ReadTable, mark: str) -> None:
    assert faults(read_table(f"day,place,kits\n2026-03-06,07,{mark}\n")) == [(2, "kits", Reason.WITHHELD)]


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("-3", Reason.OUT_OF_RANGE),
        ("2.5", Reason.OUT_OF_RANGE),
        ("nan", Reason.OUT_OF_RANGE),
        ("", Reason.MISSING),
    ],
)
def test_counts_are_whole_and_not_negative(read_table: ReadTable, written: str, reason: Reason) -> None:
    assert faults(read_table(f"day,place,kits\n2026-03-06,07,{written}\n")) == [(2, "kits", reason)]


def test_the_count_of_a_day_that_is_sent_again_is_the_same_record(read_table: ReadTable) -> None:
    before, after = (read_table(f"day,place,site,kits\n2026-03-06,07,Van,{kits}\n")[0] for kits in (12, 14))
    assert before.record_id == after.record_id
    assert before.content_hash != after.content_hash


def test_free_places_are_one_record_for_each_site_and_day(read_table: ReadTable) -> None:
    events = [each for each in read_table(SAMPLES / "treatment_places.csv") if isinstance(each, Event)]
    assert [(event.record_id, event.quantity) for event in events] == [
        ("2026-03-06/Harbor House/residential", 4),
        ("2026-03-06/Lake Clinic/methadone", 0),
        ("2026-03-07/Harbor House/residential", 3),
    ]
    assert {event.measure for event in events} == {"treatment_places"}


def test_sites_may_be_outside_of_all_places(read_table: ReadTable) -> None:
    [event] = read_table("day,site,places_free\n2026-03-06,Far Away House,4\n")
    assert (event.place, event.occurred_at) == (None, datetime(2026, 3, 6, tzinfo=UTC))
