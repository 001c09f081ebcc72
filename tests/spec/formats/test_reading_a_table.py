"""A table of simulated EMS runs, its mapping, and what becomes of each row."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from throughline.formats.event import Event
from throughline.formats.faults import Rejected
from throughline.formats.gazetteer import Gazetteer, Place
from throughline.formats.mapping import parse_mapping
from throughline.formats.tabular import read_tabular

SAMPLES = Path(__file__).parents[2] / "samples"
WARDS = Gazetteer([Place("07", 41.80, -87.70), Place("08", 41.90, -87.70)])


@pytest.fixture(scope="module")
def rows() -> list[Event | Rejected]:
    mapping = parse_mapping(json.loads((SAMPLES / "mappings" / "ems_runs.json").read_text()))
    received_at = datetime(2026, 3, 10, 12, tzinfo=UTC)
    return list(read_tabular(SAMPLES / "ems_runs.csv", mapping, WARDS, received_at=received_at))


def test_every_row_comes_out_once_in_its_order(rows: list[Event | Rejected]) -> None:
    assert [row.row for row in rows] == [2, 3, 4, 5, 6, 7, 8]


def test_a_row_that_says_all(rows: list[Event | Rejected]) -> None:
    """`R-1,03/07/2026,14:05,8,Y,34,M,yes,1,"Found in car, given naloxone"`: Chicago is six hours behind UTC."""
    assert rows[0] == Event(
        record_id="R-1",
        occurred_at=datetime(2026, 3, 7, 20, 5, tzinfo=UTC),
        place="08",
        place_method="code",
        outcome="nonfatal",
        age=34,
        age_group="30-39",
        sex="male",
        naloxone=True,
        substances=("fentanyl",),
        cause="Found in car, given naloxone",
        row=2,
    )


def test_late_in_the_local_evening_it_is_the_next_day_in_utc(rows: list[Event | Rejected]) -> None:
    """`R-2,03/07/2026,23:50,8.0,N,51,f,no,0,Heroin suspected`: the substance is found in the text."""
    event = rows[1]
    assert isinstance(event, Event)
    assert event.occurred_at == datetime(2026, 3, 8, 5, 50, tzinfo=UTC)
    assert (event.place, event.outcome, event.substances) == ("08", "fatal", ("heroin",))


@pytest.mark.parametrize(
    ("position", "fault"),
    [
        (
            2,
            (
                "date, time",
                "03/08/2026 02:30",
                "the time doesn't exist, because clocks went forward",
                "a time that exists in America/Chicago",
            ),
        ),
        (
            3,
            (
                "date, time",
                "31/12/2026 10:00",
                "the date can't be read",
                "a date as %m/%d/%Y %H:%M or %m/%d/%Y or ISO 8601",
            ),
        ),
        (4, ("ward", "99", "the place is not known", "the code of a known place")),
        (
            5,
            (
                "survived",
                "maybe",
                "the code is not in the mapping",
                "one of fatal, n, nonfatal, u, unknown, y",
            ),
        ),
    ],
)
def test_a_row_that_cannot_be_read_says_why_and_is_kept_whole(
    rows: list[Event | Rejected], position: int, fault: tuple[str, ...]
) -> None:
    rejected = rows[position]
    assert isinstance(rejected, Rejected)
    assert (rejected.field, rejected.value, rejected.reason, rejected.expected) == fault
    assert rejected.raw["run"] == f"R-{position + 1}"
    assert len(rejected.raw) == 10


def test_a_row_that_says_little_is_still_an_event(rows: list[Event | Rejected]) -> None:
    """`R-7,03/09/2026,12:00,,U,,,,,`: unplaced, and unknown in all that it leaves out."""
    assert rows[6] == Event(record_id="R-7", occurred_at=datetime(2026, 3, 9, 17, tzinfo=UTC), row=8)
