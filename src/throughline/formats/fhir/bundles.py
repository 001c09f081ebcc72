"""Tells what a FHIR document is (death record, its codes, its withdrawal, toxicology), and reads it as such."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from throughline.formats.faults import Reason
from throughline.formats.fhir import deaths, toxicology
from throughline.formats.fhir.node import Node
from throughline.formats.fhir.resources import Resources

Values = dict[str, str]

ELEMENTS = (*deaths.ELEMENTS, *toxicology.ELEMENTS)
CODING = "coding"
"""The kind of a record that only adds codes to a death record."""

_MOST_VOIDED = 1000
_EXPECTED = "a death record, its codes, its withdrawal, or a toxicology report"


def bundle_records(document: Any) -> Iterator[Values]:
    """The records of one document: mostly one; more where a bundle holds bundles or a message voids a block.

    Raises ValueFault with the path of what is wrong.
    """
    for bundle in _bundles(Node("Bundle", document)):
        yield from _records(bundle)


def _bundles(document: Node) -> Iterator[Node]:
    """A bundle, or those that a search result or an export wraps."""
    wrapped = document / "fhirBundle"
    bundle = Node("fhirBundle", wrapped.value) if wrapped else document
    kind = (bundle / "resourceType").text
    if kind != "Bundle":
        (bundle / "resourceType").refuse("a FHIR Bundle", Reason.OTHER_KIND)
    inner = [entry / "resource" for entry in bundle / "entry"]
    if inner and all((resource / "resourceType").text == "Bundle" for resource in inner):
        yield from inner
    else:
        yield bundle


def _records(bundle: Node) -> Iterator[Values]:
    resources = Resources(bundle)
    header = resources.one("MessageHeader")
    event = (header / "eventUri").text.rpartition("/")[2] or (header / "eventCoding" / "code").text
    if event:
        read = _MESSAGES.get(event) or (header / "eventUri").refuse(_EXPECTED, Reason.OTHER_KIND)
        yield from read(bundle, resources)
    elif resources.first(deaths.observation_codes()["death"]):
        yield deaths.death_values(bundle)
    elif resources.of_type("DiagnosticReport"):
        yield toxicology.toxicology_values(bundle)
    else:
        (bundle / "type").refuse(_EXPECTED, Reason.OTHER_KIND)


def _submission(message: Node, resources: Resources) -> Iterator[Values]:
    yield deaths.death_values(_content(resources)) | {"record_id": _certificate(resources)}


def _coding(message: Node, resources: Resources) -> Iterator[Values]:
    yield {
        **deaths.coded_values(Resources(_content(resources))),
        "record_id": _certificate(resources),
        "kind": CODING,
        "death_year_begins": _year_begins(resources),
    }


def _void(message: Node, resources: Resources) -> Iterator[Values]:
    """A message may void a block of certificates, from the one it names on."""
    parameters = _parameters(resources)
    count = parameters["block_count"]
    if count.text and not (count.text.isdecimal() and 1 <= int(count.text[:9]) <= _MOST_VOIDED):
        count.refuse(f"a whole number from 1 to {_MOST_VOIDED}", Reason.OUT_OF_RANGE)
    for offset in range(int(count.text or 1)):
        yield {
            "record_id": _certificate(resources, offset),
            "kind": "death",
            "deleted": "yes",
            "death_year_begins": _year_begins(resources),
        }


def _toxicology(message: Node, resources: Resources) -> Iterator[Values]:
    yield toxicology.toxicology_values(message)


_MESSAGES: Mapping[str, Callable[[Node, Resources], Iterator[Values]]] = MappingProxyType(
    {
        "vrdr_submission": _submission,
        "vrdr_submission_update": _submission,
        "vrdr_submission_void": _void,
        "vrdr_causeofdeath_coding": _coding,
        "vrdr_causeofdeath_coding_update": _coding,
        "tox-result-report": _toxicology,
    }
)
"""By the last part of the message's event (NCHS, Vital Records Messaging; HL7, MDI)."""


def _content(resources: Resources) -> Node:
    content = resources.one("Bundle")
    if not content:
        content.refuse("the record that the message is about", Reason.MISSING)
    return content


class _Parameters(dict[str, Node]):
    def __missing__(self, name: str) -> Node:
        return Node(f"Bundle.(Parameters).{name}", None)


def _parameters(resources: Resources) -> _Parameters:
    found = _Parameters()
    for parameter in resources.one("Parameters") / "parameter":
        value = parameter / "valueUnsignedInt" or parameter / "valueString" or parameter / "valueInteger"
        found[(parameter / "name").text] = value
    return found


def _certificate(resources: Resources, offset: int = 0) -> str:
    """The certificate that a message is about, or one that comes so many after it."""
    parameters = _parameters(resources)
    number = parameters["cert_no"]
    if not number.text.isdecimal() or len(number.text) > 9:
        number.refuse("a certificate number", Reason.BAD_NUMBER if number else Reason.MISSING)
    state, year = (parameters[name].text for name in ("jurisdiction_id", "death_year"))
    if not state or not year:
        parameters["death_year"].refuse(
            "the jurisdiction_id and the death_year of the certificate", Reason.MISSING
        )
    return deaths.certificate_id(state, year, str(int(number.text) + offset))


def _year_begins(resources: Resources) -> str:
    """All that messages without a record say of the date; nothing is counted by it."""
    return f"{_parameters(resources)['death_year'].text}-01-01"
