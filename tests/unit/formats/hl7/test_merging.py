"""Messages about one visit become one event."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from throughline.formats.event import Event
from throughline.formats.faults import Rejected
from throughline.formats.hl7 import MERGE
from throughline.formats.hl7.merging import merged, visits

Read = Callable[..., list[Event | Rejected]]
Write = Callable[..., str]

AT = datetime(2026, 3, 1, 14, tzinfo=UTC)
REGISTERED = Event("111/V1", AT, place="60601", place_method="code", age=34, age_group="30-39", sex="female")
UPDATED = Event("111/V1", AT, codes=("diagnosis=T401X1A",), race="white", row=2)
DISCHARGED = Event("111/V1", AT, codes=("diagnosis=F1120",), outcome="nonfatal", sex="male", row=3)


def test_what_the_later_message_fills_counts_and_the_rest_stays() -> None:
    visit = merged(merged(REGISTERED, UPDATED), DISCHARGED)
    assert visit == replace(
        REGISTERED,
        race="white",
        outcome="nonfatal",
        sex="male",
        codes=("diagnosis=T401X1A", "diagnosis=F1120"),
        row=3,
    )


def test_a_place_is_taken_whole() -> None:
    """Never a place of one message with the coordinates of another."""
    at_home = replace(REGISTERED, latitude=41.9, longitude=-87.6)
    moved = replace(UPDATED, place="60602", place_method="code")
    assert (merged(at_home, moved).place, merged(at_home, moved).latitude) == ("60602", None)
    assert (merged(at_home, UPDATED).place, merged(at_home, UPDATED).latitude) == ("60601", 41.9)


def test_a_time_gives_way_to_a_more_exact_one_only_or_to_one_as_exact() -> None:
    day = replace(UPDATED, occurred_at=datetime(2026, 3, 2, 5, tzinfo=UTC), time_quality="day")
    corrected = replace(UPDATED, occurred_at=datetime(2026, 3, 1, 15, tzinfo=UTC))
    assert merged(REGISTERED, day).occurred_at == AT
    assert merged(day, REGISTERED).occurred_at == AT
    assert merged(REGISTERED, corrected).occurred_at == corrected.occurred_at


def test_a_file_gives_each_visit_once(read: Read, write: Write) -> None:
    messages = [
        write("A04", visit="V1", message_id="M1"),
        write("A04", visit="V2", message_id="M2"),
        write("A08", visit="V1", message_id="M3", begun="", more=("DG1|1||T401X1A",)),
        write("A03", visit="V1", message_id="M4", disposition="20"),
    ]
    second, first = read("\r".join(messages))
    assert isinstance(first, Event)
    assert isinstance(second, Event)
    assert (second.record_id, second.row) == ("111/V2", 2)
    assert (first.record_id, first.row, first.outcome, first.time_quality) == ("111/V1", 4, "fatal", "minute")
    assert "diagnosis=T401X1A" in first.codes


def test_a_cancelled_admission_takes_the_visit_back_and_a_new_one_restores_it(
    read: Read, write: Write
) -> None:
    def after(*triggers: str) -> Event:
        (event,) = read("\r".join(write(trigger) for trigger in triggers))
        assert isinstance(event, Event)
        return event

    assert after("A01", "A11").deleted
    assert after("A04", "A23").deleted
    assert not after("A01", "A11", "A01").deleted
    assert not after("A01", "A13").deleted


def test_a_cancelled_discharge_means_still_a_patient(read: Read, write: Write) -> None:
    """So that a death which was entered in error doesn't stay."""
    (event,) = read("\r".join([write("A03", disposition="20"), write("A13")]))
    assert isinstance(event, Event)
    assert event.outcome == "nonfatal"


def test_no_more_visits_are_held_than_allowed_and_nothing_is_lost() -> None:
    messages = [replace(UPDATED, record_id=f"V{n % 7}", codes=(f"diagnosis={n}",), row=n) for n in range(50)]
    known: dict[str, Event] = {}
    for event in visits(messages, most_open=3):
        assert isinstance(event, Event)
        known[event.record_id] = merged(known[event.record_id], event) if event.record_id in known else event
    assert list(visits(messages)) == [known[f"V{n % 7}"] for n in range(43, 50)]


_EVENTS = st.builds(
    Event,
    record_id=st.just("111/V1"),
    occurred_at=st.sampled_from([AT, datetime(2026, 3, 2, 5, tzinfo=UTC)]),
    time_quality=st.sampled_from(["minute", "day", "ambiguous"]),
    place=st.sampled_from([None, "60601", "60602"]),
    latitude=st.sampled_from([None, 41.9]),
    outcome=st.sampled_from(["unknown", "fatal", "nonfatal"]),
    age=st.sampled_from([None, 34, 35]),
    naloxone=st.sampled_from([None, True, False]),
    cause=st.sampled_from(["", "found down"]),
    codes=st.lists(st.sampled_from("abc"), unique=True).map(tuple),
    texts=st.lists(st.sampled_from("de"), unique=True).map(tuple),
    deleted=st.booleans(),
    row=st.integers(1, 9),
)


@given(_EVENTS)
def test_a_message_that_comes_twice_changes_nothing(event: Event) -> None:
    assert merged(event, event) == event


@given(_EVENTS, _EVENTS, _EVENTS)
def test_how_messages_are_divided_into_files_makes_no_difference(a: Event, b: Event, c: Event) -> None:
    assert merged(a, merged(b, c)) == merged(merged(a, b), c)


@given(st.lists(_EVENTS, min_size=1, max_size=6), st.integers(0, 6))
def test_two_deliveries_tell_what_one_tells(events: list[Event], cut: int) -> None:
    """The inbox merges what a delivery says of a visit with what was known, by the format's MERGE."""
    (whole,) = visits(events)
    parts = [event for part in (events[:cut], events[cut:]) for event in visits(part)]
    known = parts[0]
    for part in parts[1:]:
        assert isinstance(known, Event)
        assert isinstance(part, Event)
        known = MERGE(known, part)
    assert known == whole
