"""How times are read, above all where clocks change."""

from datetime import UTC, datetime
from typing import Any

import pytest

from throughline.formats.event import Event
from throughline.formats.faults import Reason, Rejected


def at(read: Any, written: str, **rule: Any) -> Event | Rejected:
    settings = {"columns": ["when"], "time_zone": "America/Chicago"} | rule
    [row] = read(f'id,when\n1,"{written}"\n', occurred_at=settings)
    return row


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def test_a_time_without_zone_is_local_time_of_the_mapping(read: Any) -> None:
    event = at(read, "2026-01-15 08:30:00")
    assert (event.occurred_at, event.time_quality) == (utc(2026, 1, 15, 14, 30), "minute")


def test_a_time_with_zone_is_taken_at_its_word(read: Any) -> None:
    assert at(read, "2026-01-15T08:30:00Z").occurred_at == utc(2026, 1, 15, 8, 30)
    assert at(read, "2026-01-15T08:30:00+02:00").occurred_at == utc(2026, 1, 15, 6, 30)


def test_formats_are_tried_in_order_and_iso_last(read: Any) -> None:
    formats = ["%d.%m.%Y", "%m/%d/%Y %I:%M %p"]
    assert at(read, "01/15/2026 08:30 AM", formats=formats).occurred_at == utc(2026, 1, 15, 14, 30)
    assert at(read, "15.01.2026", formats=formats).occurred_at == utc(2026, 1, 15, 6)
    assert at(read, "2026-01-15", formats=formats).occurred_at == utc(2026, 1, 15, 6)


def test_a_day_without_a_time_is_local_midnight_and_says_so(read: Any) -> None:
    event = at(read, "2026-01-15")
    assert (event.occurred_at, event.time_quality) == (utc(2026, 1, 15, 6), "day")


def test_a_feed_that_writes_midnight_for_unknown_times_can_say_that_only_days_are_known(read: Any) -> None:
    assert at(read, "2026-01-15 00:00:00", precision="day").time_quality == "day"


@pytest.mark.parametrize(("ambiguous", "hour"), [("earlier", 6), ("later", 7)])
def test_an_hour_that_occurs_twice_is_read_as_the_mapping_says(read: Any, ambiguous: str, hour: int) -> None:
    event = at(read, "2025-11-02 01:30:00", ambiguous=ambiguous)
    assert (event.occurred_at, event.time_quality) == (utc(2025, 11, 2, hour, 30), "ambiguous")


def test_an_hour_that_occurs_twice_can_be_set_aside(read: Any) -> None:
    assert at(read, "2025-11-02 01:30:00", ambiguous="quarantine").reason == Reason.AMBIGUOUS_TIME


def test_an_hour_that_clocks_skip_is_set_aside(read: Any) -> None:
    rejected = at(read, "2026-03-08 02:30:00")
    assert rejected.reason == Reason.SKIPPED_TIME
    assert rejected.expected == "a time that exists in America/Chicago"


def test_an_hour_that_clocks_skip_can_be_moved_forward(read: Any) -> None:
    event = at(read, "2026-03-08 02:30:00", nonexistent="shift")
    assert (event.occurred_at, event.time_quality) == (utc(2026, 3, 8, 8, 30), "shifted")


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("yesterday", Reason.BAD_DATE),
        ("2026-02-30", Reason.BAD_DATE),
        ("20260115", Reason.BAD_DATE),
        ("", Reason.MISSING),
        ("1989-12-31", Reason.EARLY_DATE),
        ("0001-01-01", Reason.EARLY_DATE),
        ("2026-03-12", Reason.FUTURE_DATE),
        ("9999-12-31", Reason.FUTURE_DATE),
    ],
)
def test_what_is_no_possible_date_is_set_aside(read: Any, written: str, reason: Reason) -> None:
    rejected = at(read, written)
    assert (rejected.field, rejected.value, rejected.reason) == ("when", written, reason)


def test_an_event_may_lie_a_day_ahead_of_its_file_since_clocks_differ(read: Any) -> None:
    assert isinstance(at(read, "2026-03-11T12:00:00Z"), Event)
    assert isinstance(at(read, "2026-03-11T12:01:00Z"), Rejected)
