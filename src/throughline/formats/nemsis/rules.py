"""Checks a patient care report: its structure, the type of each value, and the standard's national rules.

The rules are those of level "error" in the national Schematron of NEMSIS 3.5, on values, not-values and pertinent
negatives. Its warnings are left to the agency's own software: they don't make a report unusable.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from throughline.formats.nemsis.fault import RecordFault
from throughline.formats.nemsis.kinds import accepts, expected_of
from throughline.formats.nemsis.reference import local
from throughline.formats.nemsis.report import Report
from throughline.formats.nemsis.structure import members, misplaced, value_members

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_NOT_VALUES = frozenset({"7701001", "7701003", "7701005"})  # not applicable, not recorded, not reporting
APPROXIMATE = "8801029"
_NEGATIVE = re.compile(r"88010\d\d")
_UUID = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}"
)

# Here a pertinent negative says which symptom was absent, or what was not given, so that the value must be there.
_VALUE_RULES = {
    "eSituation.10": "nemSch_e005",
    "eMedications.03": "nemSch_e006",
    "eProcedures.03": "nemSch_e007",
}
# The first rules of the pattern nemSch_eNilNvPn exempt these, and the findings of eExam.
_UNRULED = frozenset({"eCustomResults.01", "eHistory.10"})
_LONGEST_REMEMBERED = 300


class Broken(NamedTuple):
    """A rule that an element breaks: what was found, what was expected."""

    found: str
    expected: str


def check_report(report: Report) -> None:
    """Check a whole patient care report; raises RecordFault at the first fault."""
    uuid = report.attributes[0].get("UUID", "")
    if not _UUID.fullmatch(uuid):
        raise RecordFault(report.line(0), "PatientCareReport", f"UUID {uuid!r}", "a UUID, as RFC 4122 has it")
    check_group(report)


def check_group(report: Report, at: int = 0) -> int:
    """Check what the element at a position holds, and return the position behind it; raises RecordFault."""
    tests, tags, texts = _tests(), report.tags, report.texts
    child = at + 1
    children = []
    for _ in range(report.sizes[at]):
        children.append(child)
        if report.sizes[child]:
            child = check_group(report, child)
            continue
        if report.attributes[child]:
            _check_attributed(report, child)
        elif not tests.get(tags[child], bool)(texts[child]):
            _refuse_text(report, child)
        child += 1
    _check_children(report, at, children)
    return child


def check_national_rules(report: Report) -> None:
    """Check what a schema can't: how values, not-values and pertinent negatives go together; raises RecordFault."""
    for at, attributes in enumerate(report.attributes):
        if attributes and not report.sizes[at]:
            _check_attributed(report, at)


def _check_children(report: Report, at: int, children: list[int]) -> None:
    tags = report.tags
    if fault := misplaced(tags[at], tuple([tags[child] for child in children])):
        where = at if fault.at is None else children[fault.at]
        raise RecordFault(report.line(where), local(tags[where]), fault.found, fault.expected)


def _check_attributed(report: Report, at: int) -> None:
    tag, text, given = report.tags[at], report.texts[at], report.attributes[at]
    not_value, negative = given.get("NV"), given.get("PN")
    length = len(tag) + len(text) + len(not_value or "") + len(negative or "")
    judge = broken_rule if length <= _LONGEST_REMEMBERED else broken_rule.__wrapped__
    if broken := judge(tag, text, given.get(NIL) in ("true", "1"), not_value, negative):
        raise _fault(report, at, broken)


def _refuse_text(report: Report, at: int) -> None:
    """Raise RecordFault for a text that its test refuses. What the table doesn't list may be empty."""
    tag, text = report.tags[at], report.texts[at]
    if tag in members():
        _check_children(report, at, [])
    elif tag in value_members():
        raise _fault(report, at, _broken_kind(tag, text) or _EMPTY)


def _broken_kind(tag: str, text: str) -> Broken | None:
    member = value_members().get(tag)
    if not (text and member) or accepts(member)(text):
        return None
    return Broken(repr(text), expected_of(member))


@lru_cache(maxsize=20_000)
def broken_rule(tag: str, text: str, nil: bool, not_value: str | None, negative: str | None) -> Broken | None:
    """The rule that an element with attributes breaks, if any. Files repeat few, so that answers are remembered."""
    member = value_members().get(tag)
    if nil and text:
        return Broken("has xsi:nil and a value", "one of the two")
    if not_value is not None and not_value not in (member.not_values if member else _NOT_VALUES):
        return Broken(f"has NV {not_value!r}", "a not-value that the element allows")
    if negative is not None:
        return _broken_negative(tag, text, negative, not_value, nil=nil) or _broken_kind(tag, text)
    if not_value is not None and not nil:
        return Broken(f"has NV {not_value} without xsi:nil", "xsi:nil and no value beside NV (nemSch_e002)")
    empty = not_value is None if nil else member is not None and not text
    return _EMPTY if empty else _broken_kind(tag, text)


_EMPTY = Broken(
    "is empty", "a value, or xsi:nil with a not-value NV or a pertinent negative PN (nemSch_e001)"
)


def _broken_negative(
    tag: str, text: str, negative: str, not_value: str | None, *, nil: bool
) -> Broken | None:
    name, member = local(tag), value_members().get(tag)
    if not (negative in member.negatives if member else _NEGATIVE.fullmatch(negative)):
        return Broken(f"has PN {negative!r}", "a pertinent negative that the element allows")
    if name in _UNRULED or name.startswith("eExam."):
        return None
    rule = _VALUE_RULES.get(name, "nemSch_e004" if negative == APPROXIMATE else "")
    if not_value is None and (bool(text) if rule else nil):
        return None
    beside = f"NV {not_value}" if not_value else "a value" if text else "no value"
    expected = (
        f"the value that the pertinent negative is about, and no not-value ({rule})"
        if rule
        else "neither a value nor a not-value beside this pertinent negative (nemSch_e008)"
    )
    return Broken(f"has PN {negative} and {beside}", expected)


def _fault(report: Report, at: int, broken: Broken) -> RecordFault:
    tag = report.tags[at]
    member = value_members().get(tag)
    found = f"{member.title if member else local(tag)} {broken.found}"
    return RecordFault(report.line(at), local(tag), found, broken.expected)


@cache
def _tests() -> Mapping[str, Callable[[str], object]]:
    """What tells by tag whether a text is a value of the element. A group accepts none."""
    tests: dict[str, Callable[[str], object]] = dict.fromkeys(members(), _never)
    return tests | {tag: accepts(member) for tag, member in value_members().items()}


def _never(text: str) -> bool:
    return False
