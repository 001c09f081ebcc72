"""Checks the value, not-value or pertinent negative of each element: the standard's types and its national rules.

The rules are those of level "error" in the national Schematron of NEMSIS 3.5 that need no other element. Its warnings
are left to the agency's own software: they don't make a report unusable.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

from lxml import etree

from throughline.formats.nemsis.fault import RecordFault
from throughline.formats.nemsis.reference import local, rows
from throughline.formats.nemsis.structure import Member, misplaced, value_members

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
NOT_VALUES: Mapping[str, str] = MappingProxyType(
    {"7701001": "not applicable", "7701003": "not recorded", "7701005": "not reporting"}
)
APPROXIMATE = "8801029"
_NEGATIVE = re.compile(r"88010\d\d")
_UUID = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}"
)
_NUMBERED = re.compile(r"\.\d+$")

# Here a pertinent negative says which symptom was absent, or what was not given, so that the value must be there.
_VALUE_RULES = {
    "eSituation.10": "nemSch_e005",
    "eMedications.03": "nemSch_e006",
    "eProcedures.03": "nemSch_e007",
}
# Rules 1 to 3 of the pattern nemSch_eNilNvPn exempt these.
_UNRULED = frozenset({"eCustomResults.01", "eHistory.10"})

Accepts = Callable[[str], object]


def check_report(report: etree._Element) -> None:
    """Check a whole patient care report; raises RecordFault at the first fault."""
    uuid = report.get("UUID", "")
    if not _UUID.fullmatch(uuid):
        raise RecordFault(
            _line(report), "PatientCareReport", f"UUID {uuid!r}", "a UUID, as RFC 4122 writes it"
        )
    check_group(report)


def check_group(group: etree._Element) -> None:
    """Check an element's children, and theirs; raises RecordFault."""
    for child in check_shape(group):
        if len(child) or not _is_numbered(child.tag):
            check_group(child)
        else:
            _check_value(child)


def check_shape(group: etree._Element) -> list[etree._Element]:
    """Check which children an element has, and return them; raises RecordFault."""
    children = list(group)
    if fault := misplaced(group.tag, tuple(child.tag for child in children)):
        at = group if fault.index is None else children[fault.index]
        raise RecordFault(_line(at), local(at.tag), fault.found, fault.expected)
    return children


def _check_value(element: etree._Element) -> None:
    member = value_members().get(element.tag)
    text = element.text
    if element.keys():
        _check_national_rules(element, member)
    if text:
        if member and member.kind and not _accepts(member.name, member.kind)(text):
            raise _fault(element, member, f"{text!r}", _expected(member.name, member.kind))
    elif not _is_nil(element):
        raise _fault(element, member, "is empty", "a value, or xsi:nil with a not-value NV (nemSch_e001)")


def _check_national_rules(element: etree._Element, member: Member | None) -> None:
    nil, not_value = _is_nil(element), element.get("NV")
    if nil and element.text:
        raise _fault(element, member, "has xsi:nil and a value", "one of the two")
    if element.get("PN") is not None:
        _check_negative(element, member)
    elif nil and not_value is None:
        expected = "a not-value NV or a pertinent negative PN beside xsi:nil (nemSch_e001)"
        raise _fault(element, member, "is empty", expected)
    elif not_value is not None and not nil:
        raise _fault(
            element, member, f"has NV {not_value} without xsi:nil", "no value beside NV (nemSch_e002)"
        )
    if not_value is not None and not_value not in (member.not_values if member else NOT_VALUES):
        raise _fault(element, member, f"NV {not_value!r}", "a not-value that the element allows")


def _check_negative(element: etree._Element, member: Member | None) -> None:
    name, negative = local(element.tag), element.get("PN", "")
    if not (negative in member.negatives if member else _NEGATIVE.fullmatch(negative)):
        raise _fault(element, member, f"PN {negative!r}", "a pertinent negative that the element allows")
    if name in _UNRULED or name.startswith("eExam."):
        return
    rule = _VALUE_RULES.get(name, "nemSch_e004" if negative == APPROXIMATE else "")
    if element.get("NV") is not None or bool(rule) == _is_nil(element):
        expected = (
            f"the value that the pertinent negative is about, and no not-value ({rule})"
            if rule
            else "neither a value nor a not-value beside this pertinent negative (nemSch_e008)"
        )
        raise _fault(element, member, f"has PN {negative} and {_content(element)}", expected)


def _content(element: etree._Element) -> str:
    not_value = element.get("NV")
    if not_value is not None:
        return f"NV {not_value}"
    return f"the value {element.text!r}" if element.text else "no value"


def _fault(element: etree._Element, member: Member | None, found: str, expected: str) -> RecordFault:
    name = local(element.tag)
    return RecordFault(_line(element), name, f"{member.title if member else name} {found}", expected)


def _is_nil(element: etree._Element) -> bool:
    return element.get(NIL) in ("true", "1")


def _line(element: etree._Element) -> int:
    return element.sourceline or 0


@cache
def _is_numbered(tag: str) -> bool:
    return _NUMBERED.search(tag) is not None


@cache
def _accepts(name: str, kind: str) -> Accepts:
    """What tells whether a text can be a value of the element."""
    if kind == "coded":
        return _codes()[name].__contains__
    return re.compile(_pattern(kind), re.ASCII).fullmatch


def _pattern(kind: str) -> str:
    if kind.startswith("text "):
        least, most = kind.removeprefix("text ").split("-")
        return f"(?s:.{{{least},{most}}})"
    return _kinds()[kind]["pattern"]


def _expected(name: str, kind: str) -> str:
    if kind == "coded":
        return f"one of the {len(_codes()[name])} codes that the standard lists for {name}"
    if kind.startswith("text "):
        return f"{kind.removeprefix('text ').replace('-', ' to ')} characters"
    return _kinds()[kind]["expected"]


@cache
def _kinds() -> Mapping[str, Mapping[str, str]]:
    return {row["kind"]: row for row in rows("kinds")}


@cache
def _codes() -> Mapping[str, frozenset[str]]:
    listed: dict[str, set[str]] = {}
    for row in rows("codes"):
        listed.setdefault(row["element"], set()).add(row["code"])
    return {element: frozenset(codes) for element, codes in listed.items()}
