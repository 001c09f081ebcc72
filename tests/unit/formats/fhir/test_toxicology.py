"""Toxicology reports to medical examiners (MDI) become events of their own kind."""

from datetime import UTC, datetime
from typing import Any

import pytest
from death_records import ReadFhir, bundle

Json = dict[str, Any]


def result(analyte: str, value: str | None) -> Json:
    found = {} if value is None else {"valueString": value}
    return {"resourceType": "Observation", "code": {"text": analyte}, **found}


def report(*results: Json, number: str = "ME-26-00101", kind: str = "mdi-case-number") -> Json:
    tracking = {
        "url": "http://hl7.org/fhir/us/mdi/StructureDefinition/Extension-tracking-number",
        "valueIdentifier": {"type": {"coding": [{"code": kind}]}, "value": number},
    }
    specimens = [
        {"resourceType": "Specimen", "collection": {"collectedDateTime": f"2026-03-0{day}T11:00:00-05:00"}}
        for day in (4, 3)
    ]
    diagnosis = {"resourceType": "DiagnosticReport", "id": "r1", "extension": [tracking]}
    header = {"resourceType": "MessageHeader", "eventCoding": {"code": "tox-result-report"}}
    return bundle(header, diagnosis, *specimens, *results, type="message")


def test_what_was_found_is_kept_apart_from_what_was_not(read_fhir: ReadFhir) -> None:
    results = [
        result("Fentanyl", "12 ng/mL"),
        result("Xylazine", "Detected"),
        result("Cocaine", "None Detected"),
        result("Ethanol", "0 mg/dL"),
        result("Ketamine", None),
    ]
    [event] = read_fhir(report(*results))
    assert event.codes == (
        "toxicology=Fentanyl",
        "toxicology=Xylazine",
        "toxicology_negative=Cocaine",
        "toxicology_negative=Ethanol",
        "date_of=collection",
    )
    assert event.substances == ("fentanyl", "xylazine")


def test_a_report_is_no_overdose_and_has_the_time_of_its_first_specimen(read_fhir: ReadFhir) -> None:
    [event] = read_fhir(report(result("Fentanyl", "12 ng/mL")))
    assert (event.record_id, event.measure) == ("toxicology/ME-26-00101", "toxicology_report")
    assert event.occurred_at == datetime(2026, 3, 3, 16, tzinfo=UTC)


def test_without_a_case_number_the_report_is_known_by_its_id(read_fhir: ReadFhir) -> None:
    [event] = read_fhir(report(number=""))
    assert event.record_id == "toxicology/r1"


def test_a_quantity_is_read_with_its_unit(read_fhir: ReadFhir) -> None:
    zero = {
        "resourceType": "Observation",
        "code": {"coding": [{"code": "3426-4", "display": "Methadone"}]},
        "valueQuantity": {"value": 0.0, "unit": "ng/mL"},
    }
    [event] = read_fhir(report(zero))
    assert "toxicology_negative=Methadone" in event.codes


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_a_result_that_was_taken_back_does_not_count(read_fhir: ReadFhir, status: str) -> None:
    [event] = read_fhir(
        report(result("Fentanyl", "12 ng/mL") | {"status": status}, result("Xylazine", "Detected"))
    )
    assert event.codes == ("toxicology=Xylazine", "date_of=collection")
    assert event.substances == ("xylazine",)


def test_a_report_that_was_entered_in_error_is_taken_back(read_fhir: ReadFhir) -> None:
    document = report(result("Fentanyl", "12 ng/mL"))
    document["entry"][1]["resource"]["status"] = "entered-in-error"
    [event] = read_fhir(document)
    assert event.deleted


@pytest.mark.parametrize(
    "value", ["None Detected (< 1 ng/mL)", "Negative <0.2", "ND (LOD 0.5)", "Not detected, < 1"]
)
def test_a_limit_behind_a_negative_does_not_make_it_positive(read_fhir: ReadFhir, value: str) -> None:
    [event] = read_fhir(report(result("Fentanyl", value)))
    assert event.codes == ("toxicology_negative=Fentanyl", "date_of=collection")
    assert event.substances == ()
