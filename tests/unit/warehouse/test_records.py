"""From a count to its records and back to file and row: no field leaves without a grant that names it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from throughline.formats.event import EVENT_FIELDS, Event
from throughline.formats.selection import Filter
from throughline.policy.sharing import Grant
from throughline.warehouse import Chosen, NotGranted, RecordReader, Size, Staged, Warehouse

Deliver = Callable[..., Staged]
Grants = Callable[..., Grant]
MARCH = Chosen(date(2026, 3, 1), date(2026, 3, 31), "America/Chicago")
DIED = Filter.where(outcome={"fatal"})
NOON = datetime(2026, 3, 7, 18, tzinfo=UTC)

PERSON = Event(
    record_id="KEY-4711",
    occurred_at=NOON,
    time_quality="time-quality-sentinel",
    place="TRACT-12",
    place_method="boundary-sentinel",
    latitude=42.0815,
    longitude=-78.9307,
    outcome="outcome-sentinel",
    manner="manner-sentinel",
    age=12377,
    age_group="age-group-sentinel",
    sex="sex-sentinel",
    race="race-sentinel",
    ethnicity="ethnicity-sentinel",
    substances=("substance-sentinel",),
    naloxone=True,
    cause="cause-sentinel",
    measure="measure-sentinel",
    codes=("eSituation.11=code-sentinel",),
    texts=("chief_complaint=text-sentinel",),
    row=9,
)
NEEDED = {"occurred_at"}


@pytest.fixture(autouse=True)
def no_power_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("throughline.warehouse.stage.sync", lambda path: None)


@pytest.fixture
def reader(warehouse: Warehouse, grant: Grants) -> Callable[..., RecordReader]:
    """`reader({"place"})` may read the place and when it occurred, of the deliveries d1 to d3 that there are."""

    def opened(fields: set[str] | None = None) -> RecordReader:
        granted = grant(fields=EVENT_FIELDS if fields is None else fields | NEEDED)
        there = [name for name in ("d1", "d2", "d3") if warehouse.event_file("ems", name).exists()]
        return RecordReader.open(warehouse, granted, {"ems": there})

    return opened


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(granted=st.sets(st.sampled_from(sorted(EVENT_FIELDS))))
def test_whatever_is_granted_nothing_else_leaves_the_warehouse(
    granted: set[str], warehouse: Warehouse, deliver: Deliver, reader: Callable[..., RecordReader]
) -> None:
    if not warehouse.event_file("ems", "d1").exists():
        deliver("d1", PERSON)
    with reader(granted) as events:
        (shown,) = events.records(MARCH)
        (revision,) = events.revisions(feed="ems", delivery="d1", row=9)
    assert set(shown.values) == set(revision.values) == granted | NEEDED
    for name in granted | NEEDED:
        assert shown.values[name] == getattr(PERSON, name)
    for name in EVENT_FIELDS.keys() - granted - NEEDED - {"naloxone"}:  # its word alone tells nothing
        for written in (str(shown), str(revision), str(shown.event())):
            assert str(getattr(PERSON, name)) not in written, name


def test_the_event_is_as_if_fields_that_are_not_granted_had_not_been_sent(
    deliver: Deliver, reader: Callable[..., RecordReader]
) -> None:
    deliver("d1", PERSON)
    with reader({"place", "codes"}) as events:
        (shown,) = events.records(MARCH)
    assert shown.event() == Event("", NOON, place="TRACT-12", codes=PERSON.codes, row=9)
    with reader() as events:
        (whole,) = events.records(MARCH)
    assert whole.event() == PERSON


def test_of_what_is_granted_only_what_is_asked_for_is_shown(
    deliver: Deliver, reader: Callable[..., RecordReader]
) -> None:
    deliver("d1", PERSON)
    with reader({"place", "texts"}) as events:
        (shown,) = events.records(MARCH, show={"place"})
        with pytest.raises(NotGranted, match="age"):
            events.records(MARCH, show={"place", "age"})
    assert shown.values == {"place": "TRACT-12"}


@pytest.mark.parametrize(
    "question", [{"where": DIED}, {"places": frozenset({"TRACT-12"})}], ids=["by outcome", "by place"]
)
def test_nobody_selects_by_what_was_not_granted(
    deliver: Deliver, reader: Callable[..., RecordReader], question: dict[str, Any]
) -> None:
    """Else the answer's length would tell it."""
    deliver("d1", PERSON)
    with reader({"age_group"}) as events, pytest.raises(NotGranted, match=r"leave out: (outcome|place)"):
        events.records(replace(MARCH, **question))


def test_nothing_is_shown_without_the_time_that_was_asked_for(
    warehouse: Warehouse, deliver: Deliver, grant: Grants
) -> None:
    deliver("d1", PERSON)
    with RecordReader.open(warehouse, grant(fields={"place"}), {"ems": ["d1"]}) as events:
        with pytest.raises(NotGranted, match="occurred_at"):
            events.records(MARCH)
        with pytest.raises(NotGranted, match="occurred_at"):
            events.revisions(feed="ems", delivery="d1", row=9)


def test_records_of_a_day_a_place_and_an_outcome_come_page_by_page(
    deliver: Deliver, reader: Callable[..., RecordReader]
) -> None:
    rows = [
        Event(str(n), NOON + timedelta(hours=n), place="AB"[n % 2], outcome="fatal", row=n) for n in range(9)
    ]
    deliver("d1", *rows, Event("x", NOON, place="A", outcome="nonfatal"), Event("y", NOON + timedelta(40)))
    with reader() as events:
        of_a = replace(MARCH, places=frozenset("A"), where=DIED)
        assert [record.row for record in events.records(of_a)] == [0, 2, 4, 6, 8]
        assert events.size(of_a) == Size(records=5, quantity=5)
        assert [record.row for record in events.records(of_a, first=1, count=2)] == [2, 4]
        with pytest.raises(ValueError, match="at most 200"):
            events.records(of_a, count=201)


def test_a_record_tells_its_file_row_delivery_mapping_and_clocks(
    deliver: Deliver, reader: Callable[..., RecordReader]
) -> None:
    received, usable = NOON + timedelta(days=1), NOON + timedelta(days=2)
    deliver("d1", PERSON, received_at=received, usable_at=usable)
    with reader() as events:
        (shown,) = events.records(MARCH)
    assert (shown.feed, shown.delivery, shown.row, shown.mapping_version) == ("ems", "d1", 9, 1)
    assert (shown.received_at, shown.usable_at, shown.quantity) == (received, usable, 1)


def test_all_revisions_of_a_record_in_order_also_the_one_that_took_it_back(
    deliver: Deliver, reader: Callable[..., RecordReader]
) -> None:
    pending = replace(PERSON, manner="pending", row=3)
    closed = replace(PERSON, manner="accident", row=5)
    other = replace(PERSON, record_id="another", row=4)
    deliver("d2", closed, received_at=NOON + timedelta(days=2))
    deliver("d1", pending, other, received_at=NOON + timedelta(days=1))
    deliver("d3", replace(closed, deleted=True, row=1), received_at=NOON + timedelta(days=3))
    with reader({"manner"}) as events:
        found = events.revisions(feed="ems", delivery="d2", row=5)
        assert events.revisions(feed="ems", delivery="d2", row=6) == []
        assert [record.row for record in events.records(MARCH)] == [4]
    assert [(r.delivery, r.row, r.values["manner"], r.deleted) for r in found] == [
        ("d1", 3, "pending", False),
        ("d2", 5, "accident", False),
        ("d3", 1, "accident", True),
    ]
