"""Death records of the VRDR guide become events."""

from datetime import UTC, datetime
from typing import Any

import pytest
from death_records import PENDING, VRDR, ReadFhir, cause_line, certificate, coded, component, observation

from throughline.formats.event import Event
from throughline.formats.faults import Reason

Json = dict[str, Any]


def injury(**when: Any) -> Json:
    return observation("11374-6", valueCodeableConcept={"text": "Used drugs at home"}, **when)


def partial(year: int, month: int | None = None, day: int | None = None) -> Json:
    parts = {"Date-Year": year, "Date-Month": month, "Date-Day": day}
    known = [{"url": VRDR + name, "valueUnsignedInt": value} for name, value in parts.items() if value]
    return {"extension": [{"url": VRDR + "PartialDateTime", "extension": known}]}


def test_the_least_record_is_one_fatal_event_under_its_certificate_number(read_fhir: ReadFhir) -> None:
    [event] = read_fhir(certificate())
    assert isinstance(event, Event)
    assert event.record_id == "YC/2026/000042"
    assert event.occurred_at == datetime(2026, 3, 8, 4, 40, tzinfo=UTC)
    assert (event.outcome, event.manner, event.sex, event.age) == ("fatal", "accident", "female", None)
    assert event.codes == ("date_of=death",)


def test_the_day_of_the_injury_goes_before_that_of_the_death(read_fhir: ReadFhir) -> None:
    [event] = read_fhir(certificate(injury(effectiveDateTime="2026-03-05")))
    assert (event.occurred_at.day, event.time_quality) == (5, "day")
    assert "date_of=injury" in event.codes
    assert event.texts == ("injury_description=Used drugs at home",)


@pytest.mark.parametrize("known", [(2026,), (2026, 3)])
def test_an_injury_whose_day_is_not_known_leaves_the_day_of_the_death(
    read_fhir: ReadFhir, known: tuple[int, ...]
) -> None:
    [event] = read_fhir(certificate(injury(_effectiveDateTime=partial(*known))))
    assert event.occurred_at.day == 8
    assert "date_of=death" in event.codes


def test_a_day_without_a_time_is_read_from_its_parts(read_fhir: ReadFhir) -> None:
    [event] = read_fhir(certificate(died={"_valueDateTime": partial(2026, 3, 7)}))
    assert (event.occurred_at, event.time_quality) == (datetime(2026, 3, 7, tzinfo=UTC), "day")


def test_a_death_whose_day_is_not_known_is_counted_when_it_was_pronounced(read_fhir: ReadFhir) -> None:
    pronounced = component("80616-6", valueDateTime="2026-03-09T10:00:00Z")
    [event] = read_fhir(certificate(died={"_valueDateTime": partial(2026, 3), "component": [pronounced]}))
    assert event.occurred_at == datetime(2026, 3, 9, 10, tzinfo=UTC)


def test_a_death_of_which_only_the_month_is_known_is_set_aside(read_fhir: ReadFhir) -> None:
    [rejected] = read_fhir(certificate(died={"_valueDateTime": partial(2026, 3)}))
    assert (rejected.value, rejected.reason) == ("2026-03", Reason.BAD_DATE)


@pytest.mark.parametrize(
    ("quantity", "age"),
    [
        ({"value": 42, "code": "a"}, 42),
        ({"value": 42}, 42),
        ({"value": 23, "code": "mo"}, 1),
        ({"value": 30, "code": "min"}, 0),
        ({"value": 999, "code": "a"}, None),
        ({}, None),
    ],
)
def test_ages_are_completed_years(read_fhir: ReadFhir, quantity: Json, age: int | None) -> None:
    [event] = read_fhir(certificate(observation("39016-1", valueQuantity=quantity)))
    assert event.age == age


def test_an_age_in_an_unknown_unit_is_set_aside_with_its_path(read_fhir: ReadFhir) -> None:
    [rejected] = read_fhir(certificate(observation("39016-1", valueQuantity={"value": 4, "code": "wk"})))
    assert rejected.field == "Bundle.entry[4].resource.valueQuantity.code"
    assert (rejected.value, rejected.reason) == ("wk", Reason.UNKNOWN_CODE)


def test_the_sex_at_death_goes_before_the_gender_unless_it_is_unknown(read_fhir: ReadFhir) -> None:
    record = certificate(gender="female")
    patient = record["entry"][1]["resource"]
    patient["extension"] = [{"url": VRDR + "NVSS-SexAtDeath", **coded("male")}]
    assert [event.sex for event in read_fhir(record)] == ["male"]
    patient["extension"] = [{"url": VRDR + "NVSS-SexAtDeath", **coded("unknown")}]
    assert [event.sex for event in read_fhir(record)] == ["female"]


def test_the_sex_at_death_is_found_under_its_name_in_stu3(read_fhir: ReadFhir) -> None:
    record = certificate(gender="female")
    url = "http://hl7.org/fhir/us/vr-common-library/StructureDefinition/Extension-sex-at-death-vr"
    record["entry"][1]["resource"]["extension"] = [{"url": url, **coded("male")}]
    assert [event.sex for event in read_fhir(record)] == ["male"]


def test_races_that_were_checked_and_hispanic_origin(read_fhir: ReadFhir) -> None:
    checked = [
        component("White", valueBoolean=False),
        component("BlackOrAfricanAmerican", valueBoolean=True),
        component("Samoan", valueBoolean=True),
        component("HispanicMexican", **coded("N")),
        component("HispanicCuban", **coded("Y")),
    ]
    [event] = read_fhir(certificate(observation("inputraceandethnicity", components=checked)))
    assert (event.race, event.ethnicity) == ("BlackOrAfricanAmerican|Samoan", "Hispanic or Latino")


def test_the_certifiers_lines_are_in_their_order_and_name_substances(read_fhir: ReadFhir) -> None:
    part_two = observation("69441-4", valueCodeableConcept={"text": "Ethanol use | cirrhosis"})
    lines = cause_line(2, "Acetyl fentanyl and heroin  toxicity"), cause_line(1, "Respiratory arrest")
    [event] = read_fhir(certificate(part_two, *lines))
    assert event.texts == (
        "cause_of_death=Respiratory arrest",
        "cause_of_death=Acetyl fentanyl and heroin toxicity",
        "cause_of_death=Ethanol use / cirrhosis",
    )
    assert event.substances == ("fentanyl_analogue", "heroin", "alcohol")


def test_icd_codes_keep_their_axis_and_order(read_fhir: ReadFhir) -> None:
    axis = [
        observation("80357-7", **coded(code), components=[component("position", valueInteger=position)])
        for code, position in (("T43.6", 10), ("X42", 1), ("T40.4", 2))
    ]
    underlying = observation("80358-5", **coded("X42"))
    by_hand = observation("80359-3", **coded("X44"))
    entity = observation("80356-9", **coded("T40.4"))
    [event] = read_fhir(certificate(underlying, by_hand, entity, *axis))
    assert event.codes == (
        "underlying_cause=X44",
        "multiple_cause=X42",
        "multiple_cause=T40.4",
        "multiple_cause=T43.6",
        "entity_axis=T40.4",
        "date_of=death",
    )
    assert event.substances == ("opioid_unspecified",)


def location(kind: str, **members: Any) -> Json:
    return {"resourceType": "Location", "type": [{"coding": [{"code": kind}]}], **members}


def test_the_place_of_the_injury_goes_before_that_of_the_death(read_fhir: ReadFhir) -> None:
    died = location("death", address={"postalCode": "99999"})
    injured = location("injury", address={"postalCode": "01730-1234"})
    [event] = read_fhir(certificate(died, injured))
    assert (event.place, event.place_method) == ("01730", "code")


def test_a_zip_code_that_is_no_place_leaves_the_coordinates(read_fhir: ReadFhir) -> None:
    position = {"latitude": 41.901, "longitude": -87.701}
    injured = location("injury", address={"postalCode": "60601"}, position=position)
    [event] = read_fhir(certificate(injured))
    assert (event.place, event.place_method, event.latitude) == ("08", "nearest_centroid", 41.901)


def test_other_parts_of_the_addresses_can_be_mapped(read_fhir: ReadFhir) -> None:
    lived = certificate()
    lived["entry"][1]["resource"]["address"] = [{"postalCode": "01730"}]
    [event] = read_fhir(lived, place={"code": {"columns": ["residence_zip"]}})
    assert event.place == "01730"


def test_a_pending_death_that_is_closed_later_is_the_same_record(read_fhir: ReadFhir) -> None:
    pending = certificate(cause_line(1, "Pending"), observation("80358-5", **coded("R99")), manner=PENDING)
    closed = certificate(cause_line(1, "Fentanyl toxicity"))
    first, second = read_fhir(pending, closed)
    assert (first.manner, second.manner) == ("pending", "accident")
    assert first.record_id == second.record_id
    assert "underlying_cause=R99" in first.codes
    assert "underlying_cause=R99" not in second.codes


@pytest.mark.parametrize("number", ["42", "2026ny1", "", "2026NY1234567"])
def test_a_certificate_without_its_number_is_set_aside(read_fhir: ReadFhir, number: str) -> None:
    [rejected] = read_fhir(certificate(number=number))
    assert rejected.field == "Bundle.identifier.value"
    assert rejected.expected == "year, state and certificate number, as in 2026NY000182"
