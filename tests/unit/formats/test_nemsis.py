"""What comes out of an EMS file: `tests/samples/nemsis.xml` holds an overdose, a death and a fall, all simulated."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from throughline.formats import nemsis
from throughline.formats.event import Event
from throughline.formats.faults import Reason, Rejected
from throughline.formats.gazetteer import Gazetteer, Place
from throughline.formats.mapping import parse_mapping
from throughline.formats.nemsis.meaning import outcome_of
from throughline.formats.registry import find_format

SAMPLE = Path(__file__).parents[2] / "samples/nemsis.xml"
RECEIVED_AT = datetime(2026, 3, 10, 12, tzinfo=UTC)

Read = Callable[..., list[Event | Rejected]]


@pytest.fixture
def read(tmp_path: Path, gazetteer: Gazetteer) -> Read:
    """`read(("old", "new"), ...)` reads the sample with these texts replaced, each wherever it stands."""

    def read_changed(
        *changes: tuple[str, str], places: Gazetteer = gazetteer, **settings: object
    ) -> list[Event | Rejected]:
        content = SAMPLE.read_text()
        for old, new in changes:
            assert old in content
            content = content.replace(old, new)
        (tmp_path / "ems.xml").write_text(content)
        mapping = parse_mapping({**nemsis.MAPPING, **settings})
        return list(nemsis.read(tmp_path / "ems.xml", mapping, places, received_at=RECEIVED_AT))

    return read_changed


def events(results: list[Event | Rejected]) -> list[Event]:
    assert all(isinstance(result, Event) for result in results), results
    return [result for result in results if isinstance(result, Event)]


def of(event: Event, element: str) -> list[str]:
    """The codes and texts that an event keeps of an element."""
    return [kept.partition("=")[2] for kept in (*event.codes, *event.texts) if kept.startswith(f"{element}=")]


def test_an_ems_file_is_known_by_its_content(tmp_path: Path) -> None:
    unnamed = tmp_path / "export.dat"
    unnamed.write_bytes(SAMPLE.read_bytes())
    assert find_format(unnamed) is nemsis


def test_an_overdose_becomes_an_event(read: Read) -> None:
    overdose = events(read())[0]
    assert overdose.record_id == "HALVERN-EMS/SIM-2026-00041"
    assert overdose.occurred_at == datetime(2026, 2, 4, 3, 3, tzinfo=UTC)  # eTimes.03, five hours behind UTC
    assert (overdose.place, overdose.place_method) == ("07", "nearest_centroid")
    assert (overdose.outcome, overdose.age, overdose.sex) == ("nonfatal", 34, "male")
    assert (overdose.race, overdose.ethnicity) == ("Black", "Hispanic")
    assert overdose.naloxone is True
    assert overdose.substances == ("fentanyl", "opioid_unspecified")
    assert of(overdose, "eSituation.04") == ["Found down, not breathing"]
    assert len(of(overdose, "eNarrative.01")) == 1


def test_codes_keep_what_case_definitions_look_for(read: Read) -> None:
    overdose = events(read())[0]
    assert of(overdose, "eSituation.09") == ["R40.20"]
    assert of(overdose, "eSituation.11") == ["T40.411A"]
    assert of(overdose, "eSituation.12") == ["F11.20", "R09.2"]
    assert of(overdose, "eResponse.05") == ["2205001"]


def test_a_medication_stands_beside_the_response_of_its_own_group(read: Read) -> None:
    overdose = events(read())[0]
    assert of(overdose, "eMedications.03") == ["7242|9916003", "7242|9916001"]


def test_naloxone_before_arrival_is_told_apart(read: Read) -> None:
    assert of(events(read())[0], "naloxone_before_arrival") == ["yes"]
    later = read(("<eMedications.02>9923003", "<eMedications.02>9923001"))
    assert of(events(later)[0], "naloxone_before_arrival") == ["no"]


def test_a_denied_symptom_is_kept_but_never_taken_for_a_symptom(read: Read) -> None:
    overdose = events(read(("R56.9</eSituation.10>", "T40.1X1A</eSituation.10>")))[0]
    assert of(overdose, "eSituation.10") == ["R06.81"]
    assert of(overdose, "eSituation.10@PN") == ["8801031|T40.1X1A"]


def test_a_medication_that_was_not_given_counts_as_not_given(read: Read) -> None:
    fall = events(read())[2]
    assert of(fall, "eMedications.03") == []
    assert of(fall, "eMedications.03@PN") == ["8801001|7242"]
    assert fall.naloxone is False


def test_where_nobody_recorded_medications_naloxone_is_unknown(read: Read) -> None:
    fall = events(
        read(('<eMedications.03 PN="8801001">7242<', '<eMedications.03 xsi:nil="true" NV="7701003"><'))
    )[2]
    assert fall.naloxone is None


def test_not_values_are_kept_beside_their_element(read: Read) -> None:
    death = events(read())[1]
    assert of(death, "eSituation.12@NV") == ["7701001"]
    assert of(death, "eSituation.12") == []
    assert death.naloxone is False  # "not applicable": no medication was given


def test_an_approximate_time_is_still_a_time(read: Read) -> None:
    by_onset = read(
        occurred_at={"columns": ["eSituation.01", "eTimes.03"], "time_zone": "UTC"},
    )
    assert events(by_onset)[0].occurred_at == datetime(2026, 2, 4, 2, 50, tzinfo=UTC)


def test_a_code_of_snomed_is_never_taken_for_one_of_rxnorm(read: Read) -> None:
    overdose = events(read(("<eMedications.03>7242", '<eMedications.03 CodeType="9924005">7242')))[0]
    assert of(overdose, "eMedications.03") == ["snomed:7242|9916003", "snomed:7242|9916001"]
    assert overdose.naloxone is False


def test_ages_are_completed_years_whatever_their_unit(read: Read) -> None:
    assert [event.age for event in events(read())] == [34, 52, 2]  # the last is 30 months


def test_the_finest_code_that_is_a_known_place_counts(read: Read) -> None:
    zips = Gazetteer([Place("99301", 41.8, -87.7), Place("99302", 41.9, -87.7)])
    counties = Gazetteer([Place("99003", 41.8, -87.7)])
    both = Gazetteer([*zips.places, *counties.places])
    assert [event.place for event in events(read(places=zips))] == ["99301", "99302", None]
    assert [event.place for event in events(read(places=counties))] == ["99003"] * 3
    assert [event.place for event in events(read(places=both))] == ["99301", "99302", "99003"]


def test_nine_digits_of_a_zip_code_are_placed_by_the_first_five(read: Read) -> None:
    zips = Gazetteer([Place("99301", 41.8, -87.7)])
    overdose = events(read(("<eScene.19>99301", "<eScene.19>99301-1234"), places=zips))[0]
    assert overdose.place == "99301"


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ({}, "unknown"),
        ({"eSituation.13": ["2813003"]}, "nonfatal"),
        ({"eSituation.13": ["2813007"]}, "fatal"),
        ({"eSituation.13": ["2813001"], "eArrest.01": ["3001005"]}, "unknown"),
        (
            {"eSituation.13": ["2813001"], "eArrest.01": ["3001005"], "eDisposition.19": ["4219001"]},
            "nonfatal",
        ),
        ({"eSituation.13": ["2813001"], "eDisposition.19": ["4219009"]}, "fatal"),
        ({"eSituation.13": ["2813007"], "eArrest.01": ["3001003"]}, "fatal"),
        ({"eSituation.13": ["2813007"], "eDisposition.19": ["4219001"]}, "unknown"),
        ({"eDisposition.19": ["4219003"], "eOutcome.01": ["20"]}, "fatal"),
        ({"eDisposition.19": ["4219001"], "eArrest.18": ["3018001"]}, "fatal"),
        ({"eArrest.18": ["3018003"], "eDisposition.19": ["4219009"]}, "fatal"),
    ],
)
def test_the_outcome_follows_the_report_from_first_to_last(said: dict[str, list[str]], outcome: str) -> None:
    assert outcome_of(said) == outcome


def test_a_corrected_report_is_the_same_record_whatever_its_uuid(read: Read) -> None:
    first = events(read())[0]
    corrected = events(read(("5f0a1c52", "6f0a1c52"), ("T40.411A", "T40.1X1A")))[0]
    assert corrected.record_id == first.record_id
    assert corrected.content_hash != first.content_hash


def test_a_mapping_can_ask_for_every_element_that_is_read(read: Read) -> None:
    by_uuid = read(record_id={"columns": ["PatientCareReport@UUID"]}, cause={"columns": ["ePatient.02"]})
    assert events(by_uuid)[0].record_id == "5f0a1c52-7d3e-4b1a-9c55-1f2e3d4c5b61"
    assert events(by_uuid)[0].cause == "Testcase"


def test_what_a_mapping_sets_aside_can_be_read_again(read: Read) -> None:
    result = read(("T22:03:00-05:00", "T22:63:00-05:00"))[0]
    assert isinstance(result, Rejected)
    assert (result.row, result.field, result.reason) == (1, "eTimes.03", Reason.BAD_DATE)
    assert set(result.raw) == set(nemsis.elements())
    assert result.raw["eRecord.01"] == "SIM-2026-00041"


def test_a_text_that_begins_with_an_equals_sign_is_no_formula(read: Read) -> None:
    overdose = events(read(("Found down, not breathing", "=== found down ===")))[0]
    assert of(overdose, "eSituation.04") == ["=== found down ==="]


def test_names_addresses_and_birthdays_are_read_but_not_kept(read: Read) -> None:
    kept = "".join((*events(read())[0].codes, *events(read())[0].texts))
    assert not any(name in kept for name in ("Testcase", "Avery", "ePatient"))
