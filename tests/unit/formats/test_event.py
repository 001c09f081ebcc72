"""The record that all formats are read into."""

from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughline.formats.event import (
    AGE_GROUPS,
    EVENT_FIELDS,
    OPIOIDS,
    SUBSTANCES,
    Event,
    age_group_of,
)
from throughline.formats.selection import EVERY_EVENT, Filter

EVENT = Event(record_id="1", occurred_at=datetime(2026, 3, 7, tzinfo=UTC))
CHANGES = {
    "occurred_at": datetime(2026, 3, 8, tzinfo=UTC),
    "latitude": 41.9,
    "longitude": -87.7,
    "age": 40,
    "substances": ("heroin",),
    "naloxone": False,
}


def test_every_field_that_holds_content_is_described() -> None:
    assert {field.name for field in fields(Event)} - {"row", "quantity", "deleted"} == EVENT_FIELDS.keys()


def test_what_could_single_out_a_person_is_marked_as_identifying() -> None:
    marked = {name for name, field in EVENT_FIELDS.items() if field.identifying}
    assert marked == {"record_id", "latitude", "longitude", "age", "cause", "texts"}


@pytest.mark.parametrize("name", sorted(EVENT_FIELDS.keys() - {"record_id"}))
def test_a_change_in_any_field_changes_the_content_hash(name: str) -> None:
    changed = replace(EVENT, **{name: CHANGES.get(name, "changed")})
    assert changed.content_hash != EVENT.content_hash


def test_the_row_in_the_file_and_the_key_are_no_content() -> None:
    assert replace(EVENT, row=9, record_id="2").content_hash == EVENT.content_hash


def test_the_content_hash_stays_the_same_from_version_to_version() -> None:
    """Stored hashes are compared with new ones, so a change here would make every record a revision."""
    assert EVENT.content_hash == "83e44eaf51d6d03837b712121a6f17f2"


@given(age=st.integers(0, 120))
def test_every_age_has_the_group_that_contains_it(age: int) -> None:
    group = age_group_of(age)
    low, _, high = group.rstrip("+").partition("-")
    assert group in AGE_GROUPS
    assert int(low) <= age <= int(high or 120)


def test_opioids_are_substances() -> None:
    assert OPIOIDS.keys() < SUBSTANCES.keys()


def test_a_filter_needs_each_field_to_have_one_of_its_values() -> None:
    fatal_heroin = Filter.where(outcome={"fatal"}, substances={"heroin", "fentanyl"})
    event = replace(EVENT, outcome="fatal", substances=("alcohol", "heroin"))
    assert fatal_heroin.matches(event)
    assert not fatal_heroin.matches(replace(event, outcome="nonfatal"))
    assert not fatal_heroin.matches(replace(event, substances=("alcohol",)))
    assert EVERY_EVENT.matches(EVENT)


def test_a_filter_on_a_field_that_cannot_select_is_refused() -> None:
    with pytest.raises(ValueError, match="can't be selected by latitude"):
        Filter.where(latitude={"41.9"})
