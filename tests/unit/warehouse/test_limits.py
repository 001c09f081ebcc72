"""What a grant limits: nobody sees a value finer than agreed, or a record that the agreement leaves out."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from throughline.formats.event import Event
from throughline.formats.selection import Filter
from throughline.policy.sharing import Grant
from throughline.warehouse import Chosen, RecordReader, Staged, Warehouse, open_events

Deliver = Callable[..., Staged]
Grants = Callable[..., Grant]
CHICAGO = "America/Chicago"
LATE = datetime(2026, 3, 8, 4, 30, tzinfo=UTC)  # on 7 March, half past ten in the evening
MARCH = Chosen(date(2026, 3, 1), date(2026, 3, 31), CHICAGO)
LATER = datetime(2026, 3, 11, 12, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("small_or_large")


@pytest.fixture
def warehouse(tmp_path) -> Warehouse:
    return Warehouse(tmp_path / "warehouse", time_zone=CHICAGO)


def event(record_id: str = "1", **values: object) -> Event:
    facts = {"place": "60601", "latitude": 41.88561, "longitude": -87.62204, "age": 44, "outcome": "fatal"}
    return Event(**{"record_id": record_id, "occurred_at": LATE} | facts | values)


def records(warehouse: Warehouse, grant: Grant, *deliveries: str) -> list[dict]:
    with RecordReader.open(warehouse, grant, {"ems": deliveries or ("d1",)}) as reader:
        return [dict(record.values) for record in reader.records(MARCH)]


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("day", datetime(2026, 3, 7, 6, tzinfo=UTC)),
        ("month", datetime(2026, 3, 1, 6, tzinfo=UTC)),
    ],
)
def test_times_are_told_to_the_local_day_or_month(
    warehouse: Warehouse, grant: Grants, deliver: Deliver, how: str, told: datetime
) -> None:
    deliver("d1", event())
    (record,) = records(warehouse, grant(precision={"occurred_at": how}))
    assert record["occurred_at"] == told
    assert record["time_quality"] == how


@pytest.mark.parametrize(("place", "told"), [("60601", "606"), ("03601", "000"), (None, None)])
def test_places_are_told_by_three_characters_and_small_ones_by_none(
    warehouse: Warehouse, grant: Grants, deliver: Deliver, place: str | None, told: str | None
) -> None:
    deliver("d1", event(place=place))
    (record,) = records(warehouse, grant(precision={"place": "zip3"}))
    assert record["place"] == told


@pytest.mark.parametrize(
    ("age", "told"), [(0, 0), (19, 0), (20, 20), (44, 40), (80, 80), (97, 80), (None, None)]
)
def test_ages_are_told_by_the_first_of_their_group(
    warehouse: Warehouse, grant: Grants, deliver: Deliver, age: int | None, told: int | None
) -> None:
    deliver("d1", event(age=age))
    (record,) = records(warehouse, grant(precision={"age": "band"}))
    assert record["age"] == told


def test_coordinates_are_told_to_a_hundredth(warehouse: Warehouse, grant: Grants, deliver: Deliver) -> None:
    deliver("d1", event())
    (record,) = records(warehouse, grant(precision={"latitude": "hundredth", "longitude": "hundredth"}))
    assert (record["latitude"], record["longitude"]) == (41.89, -87.62)


def test_days_are_counted_where_times_are_told_to_the_day(
    warehouse: Warehouse, grant: Grants, deliver: Deliver
) -> None:
    deliver("d1", event())
    with open_events(warehouse, grant(precision={"occurred_at": "day"}), {"ems": ["d1"]}) as reader:
        counts = reader.daily_counts(start=date(2026, 3, 6), end=date(2026, 3, 8), time_zone=CHICAGO)
    assert counts.for_places(["60601"]).tolist() == [[0, 1, 0]]


def test_a_choice_by_what_is_told_roughly_finds_nothing_finer(
    warehouse: Warehouse, grant: Grants, deliver: Deliver
) -> None:
    deliver("d1", event())
    with open_events(warehouse, grant(precision={"place": "zip3"}), {"ems": ["d1"]}) as reader:
        assert reader.count(where=Filter.where(place={"60601"})) == 0
        assert reader.count(where=Filter.where(place={"606"})) == 1


def test_only_records_that_meet_the_condition_are_there(
    warehouse: Warehouse, grant: Grants, deliver: Deliver
) -> None:
    deliver("d1", event("1"), event("2", outcome="nonfatal"), event("3", place="60602"))
    limited = grant(rows={"outcome": frozenset({"fatal"}), "place": frozenset({"60601"})})
    assert [record["record_id"] for record in records(warehouse, limited)] == ["1"]


@pytest.mark.parametrize("loads", [False, True])
def test_the_condition_needs_no_grant_of_its_field(
    warehouse: Warehouse, grant: Grants, deliver: Deliver, loads: bool
) -> None:
    deliver("d1", event("1"), event("2", outcome="nonfatal"))
    limited = grant(fields={"occurred_at"}, rows={"outcome": frozenset({"fatal"})})
    with open_events(warehouse, limited, {"ems": ["d1"]}) as reader:
        if loads:
            reader.load([])
        assert reader.count() == 1


def test_the_latest_revision_decides_whether_a_record_is_there(
    warehouse: Warehouse, grant: Grants, deliver: Deliver
) -> None:
    """What was in the county, as it had been thought, is not shown in its earlier revision."""
    deliver("d1", event("1"))
    deliver("d2", event("1", place="99999"), received_at=LATER)
    limited = grant(rows={"place": frozenset({"60601"})})
    assert records(warehouse, limited, "d1", "d2") == []
    with RecordReader.open(warehouse, limited, {"ems": ["d1", "d2"]}) as reader:
        (seen,) = reader.revisions(feed="ems", delivery="d1", row=0)
    assert seen.values["place"] == "60601"


def test_a_condition_holds_for_its_own_feed_and_precision_for_all_that_are_read_together(
    warehouse: Warehouse, grant: Grants, deliver: Deliver
) -> None:
    deliver("d1", event("1"), event("2", outcome="nonfatal"))
    deliver("d2", event("3", outcome="nonfatal", age=33), feed="ed")
    grants = [
        grant(rows={"outcome": frozenset({"fatal"})}, precision={"occurred_at": "day"}),
        grant("ed", precision={"age": "band", "occurred_at": "month"}),
    ]
    with RecordReader.open(warehouse, grants, {"ems": ["d1"], "ed": ["d2"]}) as reader:
        told = [record.values for record in reader.records(MARCH)]
    assert sorted((one["record_id"], one["age"], one["time_quality"]) for one in told) == [
        ("1", 40, "month"),
        ("3", 30, "month"),
    ]
