"""Counting by a case definition in the warehouse gives what the definition says of each event."""

import csv
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from throughline.definitions import library, parse_definition
from throughline.definitions.library import shipped_definitions
from throughline.formats.event import Event
from throughline.formats.selection import Filter
from throughline.warehouse import NotGranted, Warehouse, open_events

pytestmark = pytest.mark.usefixtures("small_or_large")

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = {"start": date(2026, 3, 1), "end": date(2026, 3, 1), "time_zone": "UTC"}
ANCHORED = library()["ems-opioid-overdose-anchored"]


def event(record_id: str = "1", **facts) -> Event:
    return Event(record_id, AT, place="60601", **facts)


CODES = st.sampled_from(
    [
        *(
            f"{element}={code}"
            for element in (
                "eSituation.09",
                "eSituation.11",
                "diagnosis",
                "underlying_cause",
                "multiple_cause",
            )
            for code in (
                "T40.1X1A",
                "t40.1x1a",
                "T401X1A",
                "T40.0X5A",
                "F11.20",
                "T43.621A",
                "X42",
                "T40.4",
                "",
            )
        ),
        "eMedications.03=203192|9916001",
        "eMedications.03=203192|9916003",
        "naloxone=single",
        "no element",
        "eSituation.11=T40.1=X",
    ]
)
WORDS = st.sampled_from(
    [
        *(
            "heroin",
            "OD’d",
            "overdose",
            "denies",
            "narcan given",
            "hx of",
            "unresponsive",
            "fentanyl 50 mcg IV",
        ),
        *(
            "not breathing",
            "but",
            ";",
            ",",
            ".",
            "\n",
            "  ",
            "é",
            "\u2028",
            "mother",
            "no response",
            "woke up",
        ),
        *("took", "for pain", "opioid", "no", "NARCAN", "K", "İ", "ſ", "🚑", "\x00", "|", "$1", "\\1"),
    ]
)
TEXTS = st.builds(
    lambda element, words, blank: f"{element}{blank.join(words)}",
    st.sampled_from(["chief_complaint=", "eNarrative.01=", "triage_notes=", "other=", ""]),
    st.lists(WORDS | st.text(max_size=5), max_size=12),
    st.sampled_from([" ", ""]),
)
EVENTS = st.lists(
    st.builds(
        event,
        record_id=st.sampled_from("abcdefghijklmnopqrstuvwxyz"),
        codes=st.lists(CODES, max_size=3).map(tuple),
        texts=st.lists(TEXTS.filter(lambda text: text.isprintable() or text.isascii()), max_size=2).map(
            tuple
        ),
        naloxone=st.none() | st.booleans(),
        outcome=st.sampled_from(["fatal", "unknown"]),
        quantity=st.integers(1, 3),
        deleted=st.booleans(),
        measure=st.sampled_from(["overdose", "naloxone_kits"]),
    ),
    max_size=40,
)
OWN = parse_definition(
    {
        "id": "own",
        "name": "Of all kinds of tests",
        "measures": ["overdose"],
        "any": [
            {
                "all": [
                    {"codes": ["diagnosis"], "prefixes": ["T40", "F11"]},
                    {"field": "outcome", "is": ["fatal"]},
                ],
                "none": [
                    {"texts": ["chief_complaint"], "words": ["no"], "mask": ["no response"]},
                    {"codes": ["eMedications.03"], "pattern": "9916003$"},
                ],
            },
            {"all": [{"field": "naloxone", "is": ["no"]}]},
        ],
    }
)
DEFINITIONS = [*shipped_definitions().values(), OWN]
SAMPLE = Path(__file__).parents[2] / "samples" / "definitions" / "texts.csv"


def expected(events, definition, where=lambda event: True):
    """By definition: the latest row of each record, if it is there and meets the definition."""
    latest = {event.record_id: event for event in events}
    return sum(
        each.quantity
        for each in latest.values()
        if not each.deleted and where(each) and definition.matches(each)
    )


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS)
def test_the_warehouse_counts_what_the_definition_says_of_each_event(events, grant, tmp_path_factory):
    warehouse = Warehouse(tmp_path_factory.mktemp("warehouse"))
    with warehouse.stage("ems", "d1", received_at=AT, usable_at=AT, mapping_version=1) as stage:
        for row, each in enumerate(events):
            stage.add(replace(each, row=row))
        stage.finish()
    fatal = Filter.where(outcome={"fatal"})
    with open_events(warehouse, grant(), {"ems": ["d1"]}) as reader:
        counted = {each: reader.count(definition=each, where=fatal) for each in DEFINITIONS}
        assert counted == {each: expected(events, each, fatal.matches) for each in DEFINITIONS}
        assert reader.daily_counts(**DAY, definition=OWN).total == expected(events, OWN)


def test_every_text_of_the_labelled_sample_is_classified_alike(warehouse, deliver, grant):
    with SAMPLE.open(encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    elements = ("chief_complaint", "eNarrative.01")
    events = [
        replace(event(str(number)), texts=(f"{elements[number % 2]}={text}",))
        for number, text in enumerate(texts)
    ]
    deliver("d1", *events)
    for definition in DEFINITIONS:
        with open_events(warehouse, grant(), {"ems": ["d1"]}) as reader:
            met = {key for (key,) in reader.counts_by("record_id", **DAY, definition=definition)}
        assert met == {each.record_id for each in events if definition.matches(each)}, definition.id


def test_a_correction_that_takes_the_code_away_takes_the_case_away(warehouse, deliver, grant):
    deliver("d1", event("1", codes=("eSituation.11=T40.1X1A",)), event("2", codes=("eSituation.11=F11.20",)))
    deliver("d2", event("1", codes=("eSituation.11=R55",)), received_at=AT + timedelta(days=20))
    with open_events(warehouse, grant(), {"ems": ["d1"]}) as reader:
        assert reader.count(definition=ANCHORED) == 2
    with open_events(warehouse, grant(), {"ems": ["d1", "d2"]}) as reader:
        assert reader.count(definition=ANCHORED) == 1
    with open_events(warehouse, grant(), {"ems": ["d1", "d2"]}, as_of=AT + timedelta(days=15)) as reader:
        assert reader.count(definition=ANCHORED) == 2


def test_counts_by_field_follow_the_definition(warehouse, deliver, grant):
    deliver(
        "d1", event("1", codes=("eSituation.11=T40.1X1A",), sex="female"), event("2", sex="male"), event("3")
    )
    with open_events(warehouse, grant(), {"ems": ["d1"]}) as reader:
        assert reader.counts_by("sex", **DAY, definition=ANCHORED) == {("female",): 1}


@pytest.mark.parametrize(
    ("definition", "fields"),
    [
        (ANCHORED, {"codes"}),
        (library()["ems-narrative-opioid-overdose"], {"texts"}),
        (OWN, {"codes", "texts", "outcome", "naloxone"}),
    ],
    ids=lambda value: getattr(value, "id", ""),
)
def test_a_definition_needs_a_grant_for_all_that_it_looks_at(warehouse, deliver, grant, definition, fields):
    deliver("d1", event())
    assert definition.needs == fields
    with open_events(warehouse, grant(fields=fields), {"ems": ["d1"]}) as reader:
        assert reader.count(definition=definition) == 0
    for missing in fields:
        with (
            open_events(warehouse, grant(fields=fields - {missing} | {"place"}), {"ems": ["d1"]}) as reader,
            pytest.raises(NotGranted, match=f"leave out: {missing}"),
        ):
            reader.count(definition=definition)
