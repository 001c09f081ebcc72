"""Reads a death record, or its codes, of HL7's Vital Records Death Reporting guide (VRDR, STU1 to STU3)."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from throughline.formats.faults import Reason
from throughline.formats.fhir.node import Node
from throughline.formats.fhir.resources import (
    Resources,
    code,
    component,
    concept_text,
    extension,
    extensions,
    joined,
    moment,
    value_text,
)

Values = dict[str, str]

_PLACES = ("injury", "death", "residence")
_PARTS = ("state", "county", "city", "zip", "latitude", "longitude")
ELEMENTS = (
    *("record_id", "kind", "deleted", "injury_date", "death_date", "death_year_begins", "date_of"),
    *("manner", "age", "sex_at_death", "gender", "race", "hispanic", "injury_description", "cause_of_death"),
    *("underlying_cause", "multiple_cause", "entity_axis"),
    *(f"{place}_{part}" for place in _PLACES for part in _PARTS),
)

_CERTIFICATE = re.compile(r"(?P<year>\d{4})(?P<state>[A-Z]{2})(?P<number>\d{1,6})")
"""Year, jurisdiction and certificate number, as NCHS writes them together."""
_YEARS_PER = {"a": 1, "mo": 12, "d": 365, "h": 8766, "min": 525_960}
_FULL_DAY = len("2026-03-08")


@cache
def observation_codes() -> Mapping[str, tuple[str, ...]]:
    """The codes of observations by element, as `codes.json` lists them."""
    rows = json.loads((Path(__file__).parent / "codes.json").read_text())["codes"]
    elements = {row["element"] for row in rows}
    return MappingProxyType(
        {name: tuple(row["code"] for row in rows if row["element"] == name) for name in elements}
    )


def certificate_id(state: str, year: str, number: str) -> str:
    """The key of a death record in all its messages: state, year and certificate number.

    >>> certificate_id("NY", "2020", "182")
    'NY/2020/000182'
    """
    return f"{state}/{year}/{number.zfill(6)}"


def death_values(bundle: Node) -> Values:
    """The elements of a death certificate document."""
    resources = Resources(bundle)
    injury, death = _first(resources, "injury"), _first(resources, "death")
    injured = moment(injury, "effectiveDateTime")
    values = {
        "record_id": _record_id(bundle),
        "kind": "death",
        "injury_date": injured if len(injured) >= _FULL_DAY else "",
        "death_date": _death_date(death),
        "injury_description": value_text(injury),
        "age": _age(_first(resources, "age")),
    }
    values["date_of"] = "injury" if values["injury_date"] else "death"
    return values | coded_values(resources) | _person(resources) | _places(resources)


def coded_values(resources: Resources) -> Values:
    """Manner and causes: what coders add to a record later."""
    return {
        "manner": code(_first(resources, "manner") / "valueCodeableConcept"),
        "cause_of_death": joined(_lines(resources)),
        "underlying_cause": _axis(resources, "underlying_cause").partition("|")[0],
        "multiple_cause": _axis(resources, "multiple_cause"),
        "entity_axis": _axis(resources, "entity_axis"),
    }


def _first(resources: Resources, element: str) -> Node:
    return resources.first(observation_codes()[element])


def _record_id(bundle: Node) -> str:
    identifier = bundle / "identifier"
    match = _CERTIFICATE.fullmatch((identifier / "value").text)
    if match is None:
        (identifier / "value").refuse(
            "year, state and certificate number, as in 2026NY000182", _reason(identifier)
        )
    return certificate_id(match["state"], match["year"], match["number"])


def _reason(identifier: Node) -> Reason:
    return Reason.UNKNOWN_CODE if identifier / "value" else Reason.MISSING


def _death_date(death: Node) -> str:
    """When the person died, else when death was pronounced, else (STU1) when it was observed."""
    pronounced = component(death, observation_codes()["pronounced"][0])
    written = (
        moment(death, "valueDateTime"),
        moment(pronounced, "valueDateTime"),
        moment(death, "effectiveDateTime"),
    )
    return next((text for text in written if len(text) >= _FULL_DAY), next(filter(None, written), ""))


def _age(observation: Node) -> str:
    """Completed years; empty where it isn't known. A birth date is never read: nothing else needs it."""
    quantity = observation / "valueQuantity"
    written, unit = (quantity / "value").text, (quantity / "code").text or "a"
    if not written or unit == "a":
        return written
    if unit not in _YEARS_PER or not written.isdecimal() or len(written) > 9:
        (quantity / "code").refuse(f"an age in {', '.join(_YEARS_PER)}", Reason.UNKNOWN_CODE)
    return str(int(written) // _YEARS_PER[unit])


def _lines(resources: Resources) -> list[str]:
    """The certifier's words line by line; STU1 wrote conditions instead of observations."""
    observations = resources.observed(observation_codes()["cause_of_death"])
    if observations:
        return [value_text(line) for line in sorted(observations, key=_line_order)]
    return [concept_text(condition / "code") for condition in resources.of_type("Condition")]


def _line_order(line: Node) -> tuple[bool, str]:
    """Part I by its line numbers, then part II."""
    part_two = code(line / "code") != observation_codes()["cause_of_death"][0]
    return part_two, (component(line, "lineNumber") / "valueInteger").text.zfill(4)


def _axis(resources: Resources, element: str) -> str:
    """ICD-10 codes by their line and position, else in the bundle's order."""
    observations = sorted(resources.observed(observation_codes()[element]), key=_axis_order)
    return joined(code(observation / "valueCodeableConcept") for observation in observations)


def _axis_order(observation: Node) -> tuple[str, str]:
    line, position = (component(observation, name) / "valueInteger" for name in ("lineNumber", "position"))
    return line.text.zfill(4), position.text.zfill(4)


def _person(resources: Resources) -> Values:
    patient = resources.one("Patient")
    observed = _first(resources, "race")
    parts = list(observed / "component")
    hispanic = {code(part / "valueCodeableConcept") for part in parts if _name(part).startswith("Hispanic")}
    return {
        "sex_at_death": _coded(patient, "NVSS-SexAtDeath") or _coded(patient, "sex-at-death"),  # STU2, STU3
        "gender": (patient / "gender").text,
        "race": joined(_name(part) for part in parts if (part / "valueBoolean").is_true)
        or joined(_categories(patient, "us-core-race")),
        "hispanic": next((answer for answer in ("Y", "N") if answer in hispanic), "")
        or joined(_categories(patient, "us-core-ethnicity")),
    }


def _coded(patient: Node, name: str) -> str:
    return code(extension(patient, name) / "valueCodeableConcept")


def _name(part: Node) -> str:
    return code(part / "code")


def _categories(patient: Node, name: str) -> list[str]:
    """The display names of a US Core race or ethnicity extension (VRDR STU1)."""
    categories = extensions(extension(patient, name), "ombCategory")
    return [(category / "valueCoding" / "display").text for category in categories]


def _places(resources: Resources) -> Values:
    locations = {code((place / "type").first): place for place in resources.of_type("Location")}
    nowhere = Node("Bundle.(Location)", None)
    return {
        **_place("injury", locations.get("injury", nowhere)),
        **_place("death", locations.get("death", nowhere)),
        **_address("residence", (resources.one("Patient") / "address").first),
    }


def _place(name: str, location: Node) -> Values:
    position = location / "position"
    return _address(name, location / "address") | {
        f"{name}_latitude": (position / "latitude").text,
        f"{name}_longitude": (position / "longitude").text,
    }


def _address(name: str, address: Node) -> Values:
    return {
        f"{name}_state": (address / "state").text,
        f"{name}_county": (address / "district").text,
        f"{name}_city": (address / "city").text,
        f"{name}_zip": (address / "postalCode").text[:5],
    }
