"""Messages submit, code and void death records."""

import json
from pathlib import Path

import pytest
from death_records import ReadFhir, bundle, cause_line, certificate, coding, message

from throughline.formats.amendment import Amendment
from throughline.formats.event import Event
from throughline.formats.faults import Reason, Rejected, UnreadableFile
from throughline.formats.registry import find_format

FENTANYL = cause_line(1, "Fentanyl toxicity")
CODES = ("underlying_cause=X42", "multiple_cause=X42", "multiple_cause=T40.4")


def test_a_submission_is_known_by_the_numbers_of_its_message(read_fhir: ReadFhir) -> None:
    submitted = message("vrdr_submission", certificate(number="2020NY000001"))
    assert [event.record_id for event in read_fhir(submitted)] == ["YC/2026/000042"]


def test_codes_complete_the_death_that_came_before_them(read_fhir: ReadFhir) -> None:
    submitted = message("vrdr_submission", certificate(FENTANYL))
    codes = message("vrdr_causeofdeath_coding", coding("X42", "X42", "T40.4"))
    first, second = read_fhir(submitted, codes)
    assert isinstance(second, Event)
    assert second.record_id == first.record_id
    assert second.occurred_at == first.occurred_at
    assert second.codes == (*CODES, "date_of=death")
    assert second.texts == first.texts
    assert second.substances == ("fentanyl", "opioid_unspecified")


def test_codes_without_their_death_are_set_aside_for_whoever_knows_it(read_fhir: ReadFhir) -> None:
    [codes] = read_fhir(message("vrdr_causeofdeath_coding", coding("X42", "X42", "T40.4")))
    [known] = read_fhir(certificate(FENTANYL))
    assert isinstance(codes, Amendment)
    assert (codes.field, codes.value, codes.reason) == ("record_id", "YC/2026/000042", Reason.NO_RECORD)
    completed = codes.completes(known)
    assert completed.codes == ("date_of=death", *CODES)
    assert completed.substances == ("fentanyl", "opioid_unspecified")
    assert (completed.occurred_at, completed.manner) == (known.occurred_at, "accident")


def test_new_codes_take_the_place_of_old_ones(read_fhir: ReadFhir) -> None:
    codes = [
        message("vrdr_causeofdeath_coding", coding(*axis))
        for axis in (("R99", "R99"), ("X44", "X44", "T50.9"))
    ]
    [known] = read_fhir(certificate())
    first, second = (outcome for code in codes for outcome in read_fhir(code))
    completed = second.completes(first.completes(known))
    assert set(completed.codes) == {
        "date_of=death",
        "underlying_cause=X44",
        "multiple_cause=X44",
        "multiple_cause=T50.9",
    }


def test_a_void_takes_the_record_back(read_fhir: ReadFhir) -> None:
    *_, voided = read_fhir(certificate(), message("vrdr_submission_void"))
    assert isinstance(voided, Event)
    assert (voided.record_id, voided.deleted) == ("YC/2026/000042", True)


def test_a_void_may_take_a_block_back(read_fhir: ReadFhir) -> None:
    voided = read_fhir(message("vrdr_submission_void", block_count=3, number=99))
    assert [event.record_id for event in voided] == ["YC/2026/000099", "YC/2026/000100", "YC/2026/000101"]
    assert [event.row for event in voided] == [1, 2, 3]


@pytest.mark.parametrize("count", [0, 1001, 10**30])
def test_a_void_of_too_many_is_set_aside(read_fhir: ReadFhir, count: int) -> None:
    [rejected] = read_fhir(message("vrdr_submission_void", block_count=count))
    assert rejected.reason == Reason.OUT_OF_RANGE


def test_other_messages_among_deaths_are_set_aside(read_fhir: ReadFhir) -> None:
    _, rejected = read_fhir(certificate(), message("vrdr_acknowledgement"))
    assert isinstance(rejected, Rejected)
    assert rejected.reason == Reason.OTHER_KIND
    assert rejected.value == "http://nchs.cdc.gov/vrdr_acknowledgement"


@pytest.mark.parametrize(
    "document", [{"resourceType": "Patient"}, {"name": "a settings file"}, bundle(type="collection"), [1]]
)
def test_a_file_of_nothing_that_is_read_is_refused(read_fhir: ReadFhir, document: object) -> None:
    with pytest.raises(UnreadableFile, match="Expected"):
        read_fhir(json.dumps(document).encode())


def test_a_search_result_is_the_bundles_in_it(read_fhir: ReadFhir) -> None:
    found = bundle(certificate(number="2026YC000001"), certificate(number="2026YC000002"), type="searchset")
    assert [event.record_id for event in read_fhir(found)] == ["YC/2026/000001", "YC/2026/000002"]


def test_fhir_is_known_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "file.txt").write_bytes(b"\xef\xbb\xbf \n" + json.dumps([certificate()], indent=1).encode())
    assert find_format(tmp_path / "file.txt").KEY == "fhir"
