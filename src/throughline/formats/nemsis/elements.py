"""Lays a patient care report out flat: values by element, not-values and pertinent negatives beside them."""

from collections.abc import Iterator, Mapping
from functools import cache

from lxml import etree

from throughline.formats.nemsis.reference import local, qualified
from throughline.formats.nemsis.rules import APPROXIMATE
from throughline.formats.nemsis.structure import Member, value_members

SEPARATOR = "\x1f"
"""Joins the values of an element that repeats. XML can't contain it, so that no value does."""

UUID = "PatientCareReport@UUID"
_NOT_VALUE, _NEGATIVE = "@NV", "@PN"
_GROUP = qualified("eMedications.MedicationGroup")
_MEDICATION, _RESPONSE, _BEFORE = (qualified(f"eMedications.{number}") for number in ("03", "07", "02"))
_SNOMED, _YES = "9924005", "9923003"

Values = dict[str, list[str]]


def flat_elements() -> tuple[str, ...]:
    """The names of all values that `flatten` can return, in the standard's order."""
    return (UUID, *(name for member in _read().values() for name in _names(member)))


def flatten(report: etree._Element) -> Values:
    """The values of a report, and of the agency that stands before it, by element and in the file's order.

    - `element`: its values. One with a pertinent negative is not among them, unless that says "approximate".
    - `element@NV`: the codes of its not-values
    - `element@PN`: the codes of its pertinent negatives; where one denies a value, as `8801031|R14.0`
    - `eMedications.03`: each medication given, with the response of the same group, as `7242|9916001`; the
      response is empty where there is none. A code of SNOMED CT has `snomed:` before it.
    """
    values: Values = {UUID: [report.get("UUID", "")]}
    header = report.getparent()
    tags = tuple(_read())
    for element in (*(header[0] if header is not None else ()), *report.iter(*tags)):
        _add(values, element)
    return values


def raw_values(report: etree._Element) -> Mapping[str, str]:
    """All that a faulty report says. The names are in brackets, so that no mapping takes them for elements."""
    raw: Values = {}
    for element in report.iter(etree.Element):
        attributes = [f"{local(str(name))}={value}" for name, value in element.items()]
        said = " ".join(filter(None, ((element.text or "").strip(), *attributes)))
        if said:
            raw.setdefault(f"({local(element.tag)})", []).append(said)
    return {name: " ; ".join(texts) for name, texts in raw.items()}


def medications(report: etree._Element) -> Iterator[tuple[str, bool]]:
    """Each medication that was given: its code, and whether it was given before this unit's care."""
    for group in report.iter(_GROUP):
        medication = group.find(_MEDICATION)
        if medication is not None and medication.text and medication.get("PN") is None:
            yield _coded(medication), group.findtext(_BEFORE) == _YES


def _add(values: Values, element: etree._Element) -> None:
    name, text = local(element.tag), element.text
    negative = element.get("PN")
    if negative is not None:
        denied = text and negative != APPROXIMATE
        values.setdefault(name + _NEGATIVE, []).append(
            f"{negative}|{_coded(element)}" if denied else negative
        )
    if text and negative in (None, APPROXIMATE):
        values.setdefault(name, []).append(_with_response(element) if element.tag == _MEDICATION else text)
    elif (not_value := element.get("NV")) is not None:
        values.setdefault(name + _NOT_VALUE, []).append(not_value)


def _with_response(medication: etree._Element) -> str:
    group = medication.getparent()
    response = group.findtext(_RESPONSE) if group is not None else None
    return f"{_coded(medication)}|{response or ''}"


def _coded(element: etree._Element) -> str:
    """A code; those of SNOMED CT marked, since their numbers could be taken for RxNorm's."""
    code = (element.text or "").strip()
    return f"snomed:{code}" if element.get("CodeType") == _SNOMED else code


@cache
def _read() -> Mapping[str, Member]:
    return {tag: member for tag, member in value_members().items() if member.read}


def _names(member: Member) -> Iterator[str]:
    yield member.name
    if member.not_values:
        yield member.name + _NOT_VALUE
    if member.negatives:
        yield member.name + _NEGATIVE
