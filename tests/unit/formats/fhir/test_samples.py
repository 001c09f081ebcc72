"""A file of simulated messages, and real published examples."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from throughline.formats import fhir
from throughline.formats.amendment import Amendment
from throughline.formats.event import Event
from throughline.formats.faults import Rejected, UnreadableFile
from throughline.formats.gazetteer import Gazetteer, Place
from throughline.formats.mapping import parse_mapping

ROOT = Path(__file__).parents[4]
SAMPLE = ROOT / "tests/samples/deaths.ndjson"
PUBLISHED = ROOT / "../shared/data/fhir"

published = pytest.mark.skipif(
    not PUBLISHED.exists(), reason="../shared, which holds the examples, is not here"
)


def read(path: Path) -> list[Event | Rejected]:
    mapping = parse_mapping(dict(fhir.MAPPING))
    gazetteer = Gazetteer([Place("00007", 41.80, -87.70), Place("00008", 41.90, -87.70)])
    return list(fhir.read(path, mapping, gazetteer, received_at=datetime(2026, 4, 1, tzinfo=UTC)))


def test_a_month_of_messages_ends_in_what_is_known() -> None:
    outcomes = read(SAMPLE)
    events = [outcome for outcome in outcomes if isinstance(outcome, Event)]
    known = {event.record_id: event for event in events}
    assert len(outcomes) == 8
    assert [each.value for each in outcomes if isinstance(each, Amendment)] == ["YC/2026/000099"]
    assert {key for key, event in known.items() if event.deleted} == {"YC/2026/000044"}
    coded, closed = known["YC/2026/000042"], known["YC/2026/000043"]
    assert "underlying_cause=X42" in coded.codes
    assert (coded.place, coded.age) == ("00008", 34)
    assert (closed.manner, closed.place, closed.substances) == ("accident", "00007", ("heroin",))
    assert known["toxicology/ME-26-00101"].measure == "toxicology_report"


@published
def test_the_bad_death_record_is_refused_with_line_and_column() -> None:
    with pytest.raises(UnreadableFile, match="line 45, column 28: the JSON is broken, found 'electronic'"):
        read(PUBLISHED / "vrdr/BadDeathRecord.json")


@published
def test_a_record_whose_age_is_said_to_be_unknown_is_read_without_it() -> None:
    [event] = read(PUBLISHED / "vrdr/MissingAge.json")
    assert isinstance(event, Event)
    assert (event.record_id, event.age, event.age_group) == ("MA/2018/000001", None, "unknown")
    assert (event.sex, event.race, event.manner) == ("female", "White", "accident")


@published
@pytest.mark.parametrize(
    ("name", "record_id", "day"),
    [
        ("vrdr/DeathRecord1.json", "YC/2022/000182", "2018-02-19"),
        ("vrdr/Bundle-DeathCertificateDocument-Example1.json", "NY/2020/000182", "2019-11-02"),
        ("vrdr/DeathRecordSubmissionMessage.json", "NY/2018/123456", "2019-11-02"),
        ("mdi/Generated-Tox-To-MDI-POST-Body_04182023.json", "toxicology/R21-01578", "2021-12-03"),
        (
            "mdi/Tox-To-MDI-Example-Output.json",
            "toxicology/GTRI-ME-211-DiagnosticReport-Tox-To-MDI",
            "2021-12-03",
        ),
    ],
)
def test_published_examples_are_one_event_each(name: str, record_id: str, day: str) -> None:
    [event] = read(PUBLISHED / name)
    assert isinstance(event, Event)
    assert (event.record_id, f"{event.occurred_at:%Y-%m-%d}") == (record_id, day)


@published
def test_published_codes_wait_for_their_death() -> None:
    [codes] = read(PUBLISHED / "vrdr/CauseOfDeathCodingMessage.json")
    assert isinstance(codes, Amendment)
    assert codes.value == "AK/2019/100000"
    assert [code for code in codes.adds.codes if code.startswith("multiple_cause")] == [
        "multiple_cause=I25.1",
        "multiple_cause=I25.0",
        "multiple_cause=I51.7",
    ]
