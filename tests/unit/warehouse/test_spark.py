"""A Spark cluster counts what DuckDB counts: all events, by place and day, by definition, as of an earlier instant."""

import csv
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest

from throughline.definitions.library import shipped_definitions
from throughline.formats.event import Event
from throughline.formats.selection import Filter
from throughline.warehouse import NotGranted, open_events
from throughline.warehouse.spark import open_events_on_spark

SAMPLE = Path(__file__).parents[2] / "samples" / "definitions" / "texts.csv"
AT = datetime(2026, 3, 8, 5, 30, tzinfo=UTC)
PERIOD = {"start": date(2026, 3, 7), "end": date(2026, 3, 9), "time_zone": "America/Chicago"}
CODES = [
    "eSituation.11=T40.1X1A",
    "diagnosis=t401x1a",
    "underlying_cause=X42",
    "eMedications.03=7242|9916001",
]
DELIVERIES = {"ems": ["d1", "d2"], "ed": ["d1"]}


def sample_events() -> list[Event]:
    """The labelled texts over a day and a half in which clocks are moved, with codes, outcomes and places by turns."""
    with SAMPLE.open(encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    turns = zip(texts, cycle(["chief_complaint", "eNarrative.01"]), cycle([*CODES, "", "eSituation.11=R55"]))
    return [
        Event(
            f"record {number}",
            AT + timedelta(minutes=7 * number),
            place=[None, "60601", "60602"][number % 3],
            outcome=["fatal", "nonfatal", "unknown"][number % 3 - 1],
            naloxone=[None, True, False, None][number % 4],
            substances=[(), ("heroin",), ("alcohol", "heroin")][number % 3],
            texts=(f"{element}={text}\n– é", "no element"),
            codes=tuple(filter(None, [code])),
            quantity=number % 2 + 1,
            row=number,
        )
        for number, (text, element, code) in enumerate(turns)
    ]


@pytest.fixture
def both(spark_session, warehouse, deliver, grant):
    """`both(as_of=...)`: the two readers of the same three deliveries, of which one corrects another."""
    events = sample_events()
    deliver("d1", *events[::2])
    deliver("d1", *events[1::2], feed="ed")
    corrected = [
        replace(each, deleted=number % 5 == 0, codes=(), place="60603")
        for number, each in enumerate(events[::8])
    ]
    deliver("d2", *corrected, received_at=AT + timedelta(days=30))

    def opened(**at):
        grants = [grant("ems"), grant("ed")]
        here = open_events(warehouse, grants, DELIVERIES, **at)
        return here, open_events_on_spark(spark_session, str(warehouse.root), grants, DELIVERIES, **at)

    return opened


@pytest.mark.parametrize("known", [{}, {"as_of": AT + timedelta(days=10)}], ids=["now", "earlier"])
def test_counts_and_days_are_equal(both, known):
    here, there = both(**known)
    fatal = Filter.where(outcome={"fatal"}, naloxone={True})
    assert there.count() == here.count() > 300
    assert there.count(where=fatal) == here.count(where=fatal) > 0
    ours, theirs = here.daily_counts(**PERIOD), there.daily_counts(**PERIOD)
    assert theirs.places == ours.places
    np.testing.assert_array_equal(theirs.counts, ours.counts)
    np.testing.assert_array_equal(theirs.unplaced, ours.unplaced)
    assert (ours.counts.sum(axis=0) > 0).all()


@pytest.mark.parametrize("known", [{}, {"as_of": AT + timedelta(days=10)}], ids=["now", "earlier"])
def test_counts_by_fields_are_equal(both, known):
    here, there = both(**known)
    fields = ("outcome", "naloxone", "substances", "codes")
    definition = shipped_definitions()["ems-opioid-overdose-anchored", 1]
    ours = here.counts_by(*fields, **PERIOD)
    assert there.counts_by(*fields, **PERIOD) == ours
    assert len(ours) == 10
    assert there.counts_by("sex", "place", **PERIOD, definition=definition) == here.counts_by(
        "sex", "place", **PERIOD, definition=definition
    )


def test_counts_by_several_definitions_are_equal(both):
    here, there = both()
    definitions = list(shipped_definitions().values())
    ours = here.counts_by_definition(definitions, **PERIOD)
    assert there.counts_by_definition(definitions, **PERIOD) == ours
    assert len(ours) > 5


@pytest.mark.parametrize(
    "definition", shipped_definitions().values(), ids=lambda each: f"{each.id}-{each.version}"
)
def test_every_definition_counts_alike(both, definition):
    here, there = both()
    ours = here.daily_counts(**PERIOD, definition=definition)
    theirs = there.daily_counts(**PERIOD, definition=definition)
    assert theirs.places == ours.places
    np.testing.assert_array_equal(theirs.counts, ours.counts)
    assert there.count(definition=definition) == here.count(definition=definition)


def test_nothing_delivered_is_nothing_counted(spark_session, warehouse, grant):
    there = open_events_on_spark(spark_session, str(warehouse.root), grant(), {"ems": []})
    assert there.count() == 0
    assert there.daily_counts(**PERIOD).places == ()


def test_a_grant_is_needed_there_too(spark_session, warehouse, grant):
    definition = shipped_definitions()["ems-opioid-overdose-anchored", 1]
    there = open_events_on_spark(spark_session, str(warehouse.root), grant(fields={"place"}), {"ems": []})
    with pytest.raises(NotGranted, match="leave out: codes"):
        there.count(definition=definition)
    with pytest.raises(NotGranted, match="No grant covers the feeds ed"):
        open_events_on_spark(spark_session, str(warehouse.root), grant(), {"ed": []})
