"""What the indicators count, and what they need for it."""

from datetime import UTC, datetime

import pytest

from throughline.formats.event import Event
from throughline.indicators import INDICATORS, Indicator

EVENTS = {
    "survived": Event("1", datetime(2026, 3, 7, tzinfo=UTC), outcome="nonfatal"),
    "survived with naloxone": Event("2", datetime(2026, 3, 7, tzinfo=UTC), outcome="nonfatal", naloxone=True),
    "died of heroin": Event(
        "3", datetime(2026, 3, 7, tzinfo=UTC), outcome="fatal", substances=("heroin", "alcohol")
    ),
    "died of cocaine": Event("4", datetime(2026, 3, 7, tzinfo=UTC), outcome="fatal", substances=("cocaine",)),
    "not known": Event("5", datetime(2026, 3, 7, tzinfo=UTC)),
}
COUNTS = {
    measure: Event("6", datetime(2026, 3, 7, tzinfo=UTC), outcome=outcome, measure=measure, quantity=40)
    for measure, outcome in (
        ("naloxone_kits", "unknown"),
        ("treatment_places", "unknown"),
        ("toxicology_report", "fatal"),
    )
}


@pytest.mark.parametrize(
    ("key", "counted"),
    [
        ("overdoses", set(EVENTS)),
        ("overdose_deaths", {"died of heroin", "died of cocaine"}),
        ("opioid_overdose_deaths", {"died of heroin"}),
        ("nonfatal_overdoses", {"survived", "survived with naloxone"}),
        ("naloxone_reversals", {"survived with naloxone"}),
    ],
)
def test_each_indicator_counts_just_these(key: str, counted: set[str]) -> None:
    where = INDICATORS[key].where
    assert {name for name, event in EVENTS.items() if where.matches(event)} == counted


@pytest.mark.parametrize(
    "indicator", [each for each in INDICATORS.values() if each.harm], ids=lambda each: each.key
)
def test_no_indicator_of_overdoses_counts_anything_else(indicator: Indicator) -> None:
    assert not [measure for measure, event in COUNTS.items() if indicator.where.matches(event)]


def test_kits_count_kits_only() -> None:
    where = INDICATORS["naloxone_kits"].where
    assert [name for name, event in {**EVENTS, **COUNTS}.items() if where.matches(event)] == ["naloxone_kits"]


def test_an_indicator_needs_place_and_day_and_what_it_selects_by() -> None:
    assert INDICATORS["overdoses"].fields == {"occurred_at", "place"}
    assert INDICATORS["overdose_deaths"].fields == {"occurred_at", "place", "outcome"}


@pytest.mark.parametrize("indicator", INDICATORS.values(), ids=INDICATORS.keys())
def test_an_indicator_is_worded_for_people(indicator: Indicator) -> None:
    assert INDICATORS[indicator.key] is indicator
    assert indicator.one != indicator.many
    assert indicator.definition.endswith(".")
    assert indicator.name[0].isupper()
