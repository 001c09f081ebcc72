"""What the warehouse answers, to whom, and as of when."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from throughline.formats.event import Event
from throughline.formats.selection import EVERY_EVENT, Filter
from throughline.policy.sharing import Grant
from throughline.warehouse import EventReader, NotGranted, Staged, Warehouse, open_events

pytestmark = pytest.mark.usefixtures("small_or_large")

Deliver = Callable[..., Staged]
Grants = Callable[..., Grant]
CHICAGO = "America/Chicago"
MARCH: dict[str, Any] = {"start": date(2026, 3, 1), "end": date(2026, 3, 31), "time_zone": CHICAGO}
FATAL = Filter.where(outcome={"fatal"})


@pytest.fixture(autouse=True)
def no_power_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests read what was just written; waiting for the disk would only make them slow."""
    monkeypatch.setattr("throughline.warehouse.stage.sync", lambda path: None)


def at(day: int, hour: int = 18, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def test_days_are_local_days(warehouse: Warehouse, deliver: Deliver, grant: Grants) -> None:
    deliver(
        "d1",
        Event("1", at(7, 5, 59), place="A"),
        Event("2", at(7, 6), place="A"),
        Event("3", at(9, 4, 59), place="A"),
    )
    with open_events(warehouse, grant(), {"ems": ["d1"]}) as events:
        daily = events.daily_counts(start=date(2026, 3, 6), end=date(2026, 3, 8), time_zone=CHICAGO)
    assert dict(zip(daily.days, daily.counts[0].tolist(), strict=True)) == {
        date(2026, 3, 6): 1,
        date(2026, 3, 7): 1,
        date(2026, 3, 8): 1,  # the day on which clocks went forward
    }


def test_places_are_in_order_and_what_has_no_place_is_counted_apart(
    warehouse: Warehouse, deliver: Deliver, grant: Grants
) -> None:
    deliver(
        "d1", Event("1", at(7), place="B"), Event("2", at(7), place="A"), Event("3", at(7)), Event("4", at(8))
    )
    with open_events(warehouse, grant(), {"ems": ["d1"]}) as events:
        daily = events.daily_counts(start=date(2026, 3, 7), end=date(2026, 3, 8), time_zone=CHICAGO)
    assert (daily.places, daily.counts.tolist(), daily.unplaced.tolist()) == (
        ("A", "B"),
        [[1, 0], [1, 0]],
        [1, 1],
    )
    assert daily.total == 4
    assert daily.for_places(["B", "C", "A"]).tolist() == [[1, 0], [0, 0], [1, 0]]


def test_of_each_record_only_the_latest_revision_counts(
    warehouse: Warehouse, deliver: Deliver, grant: Grants
) -> None:
    deliver("d1", Event("1", at(7), outcome="nonfatal"), received_at=at(8))
    deliver("d2", Event("1", at(7), outcome="fatal"), received_at=at(9))
    with open_events(warehouse, grant(), {"ems": ["d2", "d1"]}) as events:
        assert (events.count(), events.count(where=FATAL)) == (1, 1)


def test_as_of_an_earlier_instant_what_became_usable_later_is_not_there(
    warehouse: Warehouse, deliver: Deliver, grant: Grants
) -> None:
    deliver("d1", Event("1", at(7), outcome="nonfatal"), received_at=at(8))
    deliver("d2", Event("1", at(7), outcome="fatal"), Event("2", at(7)), received_at=at(9), usable_at=at(10))

    def seen(as_of: datetime) -> tuple[int, int]:
        with open_events(warehouse, grant(), {"ems": ["d1", "d2"]}, as_of=as_of) as events:
            return events.count(), events.count(where=FATAL)

    assert [seen(instant) for instant in (at(7), at(8), at(9), at(10))] == [(0, 0), (1, 0), (1, 0), (2, 1)]


def test_a_row_that_is_repaired_late_does_not_hide_what_came_in_since(
    warehouse: Warehouse, deliver: Deliver, grant: Grants
) -> None:
    deliver("corrected", Event("1", at(7), outcome="fatal"), received_at=at(9))
    deliver("replayed", Event("1", at(7), outcome="nonfatal"), received_at=at(8), usable_at=at(10))
    with open_events(warehouse, grant(), {"ems": ["corrected", "replayed"]}) as events:
        assert events.count(where=FATAL) == 1


def test_within_one_file_the_later_row_is_the_newer_revision(
    warehouse: Warehouse, deliver: Deliver, grant: Grants
) -> None:
    deliver("d1", Event("1", at(7), outcome="nonfatal", row=2), Event("1", at(7), outcome="fatal", row=3))
    with open_events(warehouse, grant(), {"ems": ["d1"]}) as events:
        assert events.count(where=FATAL) == 1


def test_deliveries_that_are_not_listed_do_not_exist(
    warehouse: Warehouse, deliver: Deliver, grant: Grants
) -> None:
    deliver("d1", Event("1", at(7)))
    deliver("orphan", Event("2", at(7)))
    with open_events(warehouse, grant(), {"ems": ["d1"]}) as events:
        assert events.count() == 1


def test_a_listed_delivery_without_files_is_an_error_not_a_smaller_count(
    warehouse: Warehouse, grant: Grants
) -> None:
    with pytest.raises(FileNotFoundError, match=r"deliveries/ems/d1/events\.parquet"):
        open_events(warehouse, grant(), {"ems": ["d1"]})


def test_the_same_key_in_two_feeds_is_two_records(
    warehouse: Warehouse, deliver: Deliver, grant: Grants
) -> None:
    deliver("d1", Event("1", at(7)))
    deliver("d1", Event("1", at(7)), feed="police")
    with open_events(warehouse, [grant("ems"), grant("police")], {"ems": ["d1"], "police": ["d1"]}) as events:
        assert events.count() == 2


def test_every_feed_needs_its_grant(warehouse: Warehouse, grant: Grants) -> None:
    with pytest.raises(NotGranted, match="No grant covers the feeds police"):
        open_events(warehouse, grant("ems"), {"ems": [], "police": []})


@pytest.mark.parametrize(
    ("allowed", "ask", "missing"),
    [
        ({"place"}, lambda events: events.daily_counts(**MARCH), "occurred_at"),
        ({"occurred_at"}, lambda events: events.daily_counts(**MARCH), "place"),
        ({"place", "occurred_at"}, lambda events: events.daily_counts(where=FATAL, **MARCH), "outcome"),
        ({"place"}, lambda events: events.count(where=FATAL), "outcome"),
        ({"occurred_at", "age"}, lambda events: events.counts_by("age", "sex", **MARCH), "sex"),
        ({"sex"}, lambda events: events.counts_by("sex", **MARCH), "occurred_at"),
        ({"place"}, lambda events: events.timeliness(), "occurred_at"),
    ],
)
def test_no_question_uses_a_field_that_was_not_granted(
    warehouse: Warehouse, grant: Grants, allowed: set[str], ask: Callable[[EventReader], Any], missing: str
) -> None:
    with (
        open_events(warehouse, grant("ems", allowed), {"ems": []}) as events,
        pytest.raises(NotGranted, match=f"The grants leave out: {missing}"),
    ):
        ask(events)


def test_feeds_that_are_read_together_answer_only_what_each_grant_allows(
    warehouse: Warehouse, grant: Grants
) -> None:
    grants = [grant("ems", {"place", "outcome"}), grant("police", {"place", "age"})]
    with open_events(warehouse, grants, {"ems": [], "police": []}) as events:
        assert events.fields == {"place"}


def test_counts_by_several_fields(warehouse: Warehouse, deliver: Deliver, grant: Grants) -> None:
    deliver(
        "d1",
        Event("1", at(7), sex="male", substances=("heroin", "alcohol")),
        Event("2", at(7), sex="female", substances=("heroin",), naloxone=True, codes=("a=1", "a=2")),
        Event("3", at(7), sex="male"),
        Event("4", datetime(2026, 2, 1, tzinfo=UTC), sex="male"),
    )
    with open_events(warehouse, grant(), {"ems": ["d1"]}) as events:
        assert events.counts_by("sex", **MARCH) == {("female",): 1, ("male",): 2}
        assert events.counts_by("sex", "substances", **MARCH) == {
            ("female", "heroin"): 1,
            ("male", "alcohol"): 1,
            ("male", "heroin"): 1,
        }
        codes = events.counts_by("sex", "substances", "codes", **MARCH)
        assert codes == {("female", "heroin", "a=1"): 1, ("female", "heroin", "a=2"): 1}
        assert events.counts_by("naloxone", **MARCH) == {(None,): 2, (True,): 1}


def test_timeliness_is_of_the_first_receipt_of_each_record(
    warehouse: Warehouse, deliver: Deliver, grant: Grants
) -> None:
    deliver("d1", Event("1", at(8)), Event("2", at(7)), Event("3", at(9, 19)), received_at=at(9))
    deliver("d2", Event("1", at(8), outcome="fatal"), received_at=at(20))
    with open_events(warehouse, grant(), {"ems": ["d1", "d2"]}) as events:
        timeliness = events.timeliness()
    assert (timeliness.events, timeliness.median) == (3, timedelta(days=1))
    assert timeliness.percentile_90 == timedelta(days=1.8)
    assert timeliness.by_day.tolist() == [1, 1, 1]


def test_an_empty_warehouse_counts_nothing(warehouse: Warehouse, grant: Grants) -> None:
    with open_events(warehouse, grant(), {"ems": []}) as events:
        assert events.count(where=FATAL) == 0
        assert events.daily_counts(**MARCH).counts.shape == (0, 31)
        assert events.counts_by("sex", **MARCH) == {}
        assert events.timeliness().median is None


def test_an_open_reader_reads_no_other_file(warehouse: Warehouse, deliver: Deliver, grant: Grants) -> None:
    deliver("d1", Event("1", at(7)))
    with (
        open_events(warehouse, grant(), {"ems": ["d1"]}) as events,
        pytest.raises(Exception, match="disabled by configuration"),
    ):
        events._events.query({"place"}, "SELECT * FROM read_text('/etc/hostname')")


def test_a_value_is_never_part_of_the_query(warehouse: Warehouse, deliver: Deliver, grant: Grants) -> None:
    deliver("d1", Event("1", at(7), race="'; DROP TABLE event; --"))
    with open_events(warehouse, grant(), {"ems": ["d1"]}) as events:
        assert events.count(where=Filter.where(race={"'; DROP TABLE event; --"})) == 1


def test_four_hundred_deliveries_of_the_same_record_are_one_event(
    warehouse: Warehouse, deliver: Deliver, grant: Grants
) -> None:
    deliver("d0", Event("1", at(7), place="A"))
    for number in range(1, 400):
        path = warehouse.event_file("ems", f"d{number}")
        path.parent.mkdir()
        path.hardlink_to(warehouse.event_file("ems", "d0"))
    with open_events(warehouse, grant(), {"ems": [f"d{n}" for n in range(400)]}) as events:
        assert events.daily_counts(**MARCH).total == 1


EVENTS = st.builds(
    Event,
    record_id=st.sampled_from("abcdef"),
    occurred_at=st.datetimes(datetime(2026, 2, 27), datetime(2026, 4, 2), timezones=st.just(UTC)),  # noqa: DTZ001
    place=st.sampled_from(["A", "B", None]),
    outcome=st.sampled_from(["fatal", "nonfatal", "unknown"]),
    naloxone=st.sampled_from([True, False, None]),
    substances=st.lists(st.sampled_from(["heroin", "alcohol"]), unique=True).map(tuple),
)
FILTERS = st.sampled_from(
    [
        EVERY_EVENT,
        FATAL,
        Filter.where(naloxone={True}),
        Filter.where(substances={"heroin"}, outcome={"fatal", "unknown"}),
        Filter.where(outcome=()),
    ]
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(st.lists(EVENTS, max_size=8), max_size=3), where=FILTERS)
def test_counts_equal_those_of_a_plain_loop(
    tmp_path_factory: pytest.TempPathFactory, grant: Grants, files: list[list[Event]], where: Filter
) -> None:
    warehouse = Warehouse(tmp_path_factory.mktemp("warehouse"))
    latest: dict[str, Event] = {}
    for number, rows in enumerate(files):
        clocks = dict.fromkeys(("received_at", "usable_at"), at(1) + timedelta(days=number))
        with warehouse.stage("ems", f"d{number}", mapping_version=1, **clocks) as stage:
            for row, event in enumerate(rows):
                stage.add(replace(event, row=row))
                latest[event.record_id] = event
            stage.finish()
    with open_events(warehouse, grant(), {"ems": [f"d{n}" for n in range(len(files))]}) as events:
        daily = events.daily_counts(where=where, **MARCH)
    local = [
        (event.place, event.occurred_at.astimezone(ZoneInfo(CHICAGO)).date())
        for event in latest.values()
        if where.matches(event)
    ]
    expected = Counter((place, day) for place, day in local if MARCH["start"] <= day <= MARCH["end"])
    counted = {
        (place, day): count
        for place, row in zip((*daily.places, None), np.vstack([daily.counts, daily.unplaced]), strict=True)
        for day, count in zip(daily.days, row.tolist(), strict=True)
        if count
    }
    assert counted == expected


def test_events_of_files_that_know_no_measure_are_overdoses(
    warehouse: Warehouse, deliver: Deliver, grant: Grants
) -> None:
    deliver("d1", Event("1", at(7)), Event("2", at(7), measure="naloxone_kits", quantity=30))
    path = warehouse.event_file("ems", "d1")
    pq.write_table(pq.read_table(path).drop_columns("measure").slice(0, 1), path)
    with open_events(warehouse, grant(), {"ems": ["d1"]}) as events:
        assert events.count(where=Filter.where(measure={"overdose"})) == 1
        assert events.count(where=Filter.where(measure={"naloxone_kits"})) == 0


def test_what_is_counted_needs_no_grant_of_its_own(
    warehouse: Warehouse, deliver: Deliver, grant: Grants
) -> None:
    deliver("d1", Event("1", at(7)), Event("2", at(7), measure="naloxone_kits", quantity=30))
    with open_events(warehouse, grant(fields={"occurred_at", "place"}), {"ems": ["d1"]}) as events:
        assert events.count(where=Filter.where(measure={"overdose"})) == 1
        assert events.count(where=Filter.where(measure={"naloxone_kits"})) == 30
