"""Builds small FHIR documents about simulated deaths: certificates, their codes, messages."""

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
ReadFhir = Callable[..., list[Any]]
"""What the fixture `read_fhir` is: documents in, events and rejected records out."""

NCHS = "http://nchs.cdc.gov/"
VRDR = "http://hl7.org/fhir/us/vrdr/StructureDefinition/"
ACCIDENT, PENDING = "7878000", "185973002"


def observation(code: str, *, components: list[Json] | None = None, **values: Any) -> Json:
    concept = {"coding": [{"system": "http://loinc.org", "code": code}]}
    return {"resourceType": "Observation", "code": concept, **values} | (
        {"component": components} if components else {}
    )


def coded(code: str) -> Json:
    return {"valueCodeableConcept": {"coding": [{"code": code}]}}


def component(name: str, **values: Any) -> Json:
    return {"code": {"coding": [{"code": name}]}, **values}


def bundle(*resources: Json, **members: Any) -> Json:
    return {"resourceType": "Bundle", **members, "entry": [{"resource": resource} for resource in resources]}


def certificate(
    *more: Json,
    number: str = "2026YC000042",
    died: Json | None = None,
    manner: str = ACCIDENT,
    gender: str = "female",
) -> Json:
    """The least that a death record says, and whatever else is given."""
    return bundle(
        {"resourceType": "Composition", "type": {"coding": [{"code": "64297-5"}]}},
        {"resourceType": "Patient", "gender": gender},
        observation("81956-5", **(died or {"valueDateTime": "2026-03-07T23:40:00-05:00"})),
        observation("69449-7", **coded(manner)),
        *more,
        type="document",
        identifier={"value": number},
    )


def cause_line(line: int, text: str) -> Json:
    part = component("lineNumber", valueInteger=line)
    return observation("69453-9", valueCodeableConcept={"text": text}, components=[part])


def message(event: str, *content: Json, number: int = 42, **parameters: Any) -> Json:
    header = {"resourceType": "MessageHeader", "eventUri": NCHS + event}
    named = [
        {"name": "cert_no", "valueUnsignedInt": number},
        {"name": "death_year", "valueUnsignedInt": 2026},
        {"name": "jurisdiction_id", "valueString": "YC"},
        *({"name": name, "valueUnsignedInt": value} for name, value in parameters.items()),
    ]
    return bundle(header, {"resourceType": "Parameters", "parameter": named}, *content, type="message")


def coding(underlying: str, *record_axis: str) -> Json:
    axis = [
        observation("80357-7", **coded(code), components=[component("position", valueInteger=position)])
        for position, code in enumerate(record_axis, start=1)
    ]
    return bundle(observation("80358-5", **coded(underlying)), *reversed(axis), type="collection")
