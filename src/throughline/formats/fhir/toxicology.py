"""Reads a toxicology report to a medical examiner, as HL7's Medicolegal Death Investigation guide (MDI) writes it."""

import re
from collections.abc import Iterator

from throughline.formats.faults import Reason
from throughline.formats.fhir.node import Node
from throughline.formats.fhir.resources import (
    Resources,
    code,
    concept_text,
    extensions,
    is_taken_back,
    joined,
    value_text,
)

ELEMENTS = ("toxicology", "toxicology_negative", "collected_at")

_NOTHING_FOUND = re.compile(
    r"(neg(ative)?\.?|none( detected)?|not (detected|found|present)|n\.?d\.?|absent)(,? ?[(<].*)?|0(\.0+)?( .*)?",
    re.IGNORECASE,
)
_CASE_NUMBERS = ("mdi-case-number", "tox-lab-case-number")
"""Kinds of tracking numbers, best first: the examiner's own number is the same in all laboratories."""


def toxicology_values(bundle: Node) -> dict[str, str]:
    """The elements of a report: what was found, what was looked for and not found, and when it was taken."""
    resources = Resources(bundle)
    report = resources.one("DiagnosticReport")
    results = [
        (concept_text(result / "code"), value_text(result)) for result in resources.of_type("Observation")
    ]
    return {
        "record_id": _record_id(report),
        "kind": "toxicology",
        "deleted": "yes" if is_taken_back(report) else "",
        "collected_at": _collected_at(resources, report),
        "date_of": "collection",
        "toxicology": joined(
            name for name, value in results if value and not _NOTHING_FOUND.fullmatch(value)
        ),
        "toxicology_negative": joined(name for name, value in results if _NOTHING_FOUND.fullmatch(value)),
    }


def _record_id(report: Node) -> str:
    numbers = dict(_tracking_numbers(report))
    found = next(filter(None, map(numbers.get, _CASE_NUMBERS)), "") or (report / "id").text
    if not found:
        (report / "id").refuse("a case number, or the report's id", Reason.MISSING)
    return f"toxicology/{found}"


def _tracking_numbers(report: Node) -> Iterator[tuple[str, str]]:
    for tracking in extensions(report, "tracking-number"):
        identifier = tracking / "valueIdentifier"
        yield code(identifier / "type"), (identifier / "value").text


def _collected_at(resources: Resources, report: Node) -> str:
    """When the first specimen was taken, which is nearest to the death; else the date of the report."""
    taken = [
        (specimen / "collection" / "collectedDateTime").text for specimen in resources.of_type("Specimen")
    ]
    return min(filter(None, taken), default="") or (report / "effectiveDateTime").text
