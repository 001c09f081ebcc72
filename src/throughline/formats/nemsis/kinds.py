"""Tells whether a text is a value of an element: by the standard's pattern of its kind, or by its list of codes."""

import re
from collections.abc import Callable, Mapping
from functools import cache

from throughline.formats.nemsis.reference import rows
from throughline.formats.nemsis.structure import Member

_TEXT = "text "


def accepts(member: Member) -> Callable[[str], object]:
    """A function of a text that is true for the element's values; for elements of no kind, for any text."""
    if member.kind == "coded":
        return _codes()[member.name].__contains__
    return re.compile(_pattern(member.kind), re.ASCII).fullmatch if member.kind else bool


def expected_of(member: Member) -> str:
    """The element's values in words, for messages."""
    if member.kind == "coded":
        return f"one of the {len(_codes()[member.name])} codes that the standard lists for {member.name}"
    if member.kind.startswith(_TEXT):
        return f"{member.kind.removeprefix(_TEXT).replace('-', ' to ')} characters"
    return _kinds()[member.kind]["expected"] if member.kind else "a value"


def _pattern(kind: str) -> str:
    if kind.startswith(_TEXT):
        least, most = kind.removeprefix(_TEXT).split("-")
        return f"(?s:.{{{least},{most}}})"
    return _kinds()[kind]["pattern"]


@cache
def _kinds() -> Mapping[str, Mapping[str, str]]:
    return {row["kind"]: row for row in rows("kinds")}


@cache
def _codes() -> Mapping[str, frozenset[str]]:
    listed: dict[str, set[str]] = {}
    for row in rows("codes"):
        listed.setdefault(row["element"], set()).add(row["code"])
    return {element: frozenset(codes) for element, codes in listed.items()}
