"""Lays a patient care report out flat: values by element, not-values and pertinent negatives beside them."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from throughline.formats.nemsis.reference import local, qualified
from throughline.formats.nemsis.report import Attributes, Report
from throughline.formats.nemsis.rules import APPROXIMATE
from throughline.formats.nemsis.structure import Member, value_members

SEPARATOR = "\x1f"
"""Joins the values of an element that repeats. XML can't contain it, so that no value does."""

UUID = "PatientCareReport@UUID"
_NOT_VALUE, _NEGATIVE = "@NV", "@PN"
_GROUP = qualified("eMedications.MedicationGroup")
_OF_A_GROUP = _BEFORE, _MEDICATION, _RESPONSE = tuple(
    qualified(f"eMedications.{number}") for number in ("02", "03", "07")
)
_SNOMED, _YES = "9924005", "9923003"
_NOTHING: tuple[str, Attributes] = ("", {})

Values = dict[str, list[str]]


class Medication(NamedTuple):
    """A medication that was given: its code, the code of the patient's response, and whether before this unit came.

    The response is empty where there is none. A code of SNOMED CT has `snomed:` before it.
    """

    code: str
    response: str
    before_arrival: bool

    def __str__(self) -> str:
        """Code and response, as definitions look for them: `7242|9916001`."""
        return f"{self.code}|{self.response}"


def flat_elements() -> tuple[str, ...]:
    """The names of all values that `flatten` can return, in the standard's order."""
    return (UUID, *(name for member in _read().values() for name in _names(member)))


def flatten(*parts: Report) -> Values:
    """The values of the agency and of its report, by element and in the file's order.

    - `element`: its values. One with a pertinent negative is not among them, unless that says "approximate".
    - `element@NV`: the codes of its not-values
    - `element@PN`: the codes of its pertinent negatives; where one denies a value, as `8801031|R14.0`
    """
    values: Values = {}
    read = _read()
    for part in parts:
        for tag, text, attributes in zip(part.tags, part.texts, part.attributes, strict=True):
            if tag in read:
                _add(values, read[tag].name, text, attributes)
    values[UUID] = [parts[-1].attributes[0].get("UUID", "")]
    return values


def raw_values(report: Report) -> Mapping[str, str]:
    """All that a faulty report says. The names are in brackets, so that no mapping takes them for elements."""
    raw: Values = {}
    for tag, text, attributes in zip(report.tags, report.texts, report.attributes, strict=True):
        said = " ".join(
            filter(None, (text.strip(), *(f"{local(name)}={value}" for name, value in attributes.items())))
        )
        if said:
            raw.setdefault(f"({local(tag)})", []).append(said)
    return {name: " ; ".join(texts) for name, texts in raw.items()}


def medications(report: Report) -> list[Medication]:
    """Each medication of a checked report that was given; one with a pertinent negative was not."""
    groups: list[dict[str, tuple[str, Attributes]]] = []
    for at in range(report.tags.index(_GROUP), len(report.tags)):
        tag = report.tags[at]
        if tag == _GROUP:
            groups.append({})
        elif tag in _OF_A_GROUP:
            groups[-1][tag] = report.texts[at], report.attributes[at]
    return [given for group in groups if (given := _medication(group))]


def _medication(group: Mapping[str, tuple[str, Attributes]]) -> Medication | None:
    code, attributes = group.get(_MEDICATION, _NOTHING)
    if not code or "PN" in attributes:
        return None
    before_arrival = group.get(_BEFORE, _NOTHING)[0] == _YES
    return Medication(_coded(code, attributes), group.get(_RESPONSE, _NOTHING)[0], before_arrival)


def _add(values: Values, name: str, text: str, said: Attributes) -> None:
    if not said:
        values.setdefault(name, []).append(text)
        return
    negative, not_value = said.get("PN"), said.get("NV")
    if negative is not None:
        denied = text and negative != APPROXIMATE
        about = f"{negative}|{_coded(text, said)}" if denied else negative
        values.setdefault(name + _NEGATIVE, []).append(about)
    if not_value is not None:
        values.setdefault(name + _NOT_VALUE, []).append(not_value)
    elif text and negative in (None, APPROXIMATE):
        values.setdefault(name, []).append(text)


def _coded(code: str, attributes: Attributes) -> str:
    """A code; those of SNOMED CT marked, since their numbers could be taken for RxNorm's."""
    return f"snomed:{code}" if attributes.get("CodeType") == _SNOMED else code


@cache
def _read() -> Mapping[str, Member]:
    return {tag: member for tag, member in value_members().items() if member.read}


def _names(member: Member) -> Iterator[str]:
    yield member.name
    if member.not_values:
        yield member.name + _NOT_VALUE
    if member.negatives:
        yield member.name + _NEGATIVE
