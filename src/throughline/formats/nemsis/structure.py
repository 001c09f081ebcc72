"""Checks which elements stand where, how often and in which order, by a table of the standard's structure.

The table holds every element that the standard requires and every one that is read. Optional elements that are not
read are known by their section's name only, so that their order among themselves isn't checked.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from types import MappingProxyType
from typing import NamedTuple

from throughline.formats.nemsis.reference import local, qualified, rows

_STRICT = frozenset({"EMSDataSet", "Header", "DemographicGroup", "PatientCareReport"})
"""Elements whose children the table lists completely."""
_LONGEST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Member:
    """An element as the standard describes it within its parent."""

    name: str
    label: str
    position: int
    required: bool
    repeats: bool
    not_values: frozenset[str]
    negatives: frozenset[str]
    kind: str
    read: bool

    @property
    def title(self) -> str:
        """The element's number, and its name in brackets where it has one."""
        return f"{self.name} ({self.label})" if self.label else self.name


class Misplaced(NamedTuple):
    """What is wrong among the children of an element: at which of them (None: a child is missing)."""

    at: int | None
    found: str
    expected: str


@cache
def members() -> Mapping[str, Mapping[str, Member]]:
    """All elements of the table by the tags of parent and child, in the standard's order."""
    by_parent = groupby(sorted(rows("structure"), key=_parent), key=_parent)
    return MappingProxyType(
        {
            qualified(parent): MappingProxyType(
                {qualified(row["element"]): _member(n, row) for n, row in enumerate(children)}
            )
            for parent, children in by_parent
        }
    )


@cache
def value_members() -> Mapping[str, Member]:
    """The elements that hold a value, by tag."""
    return MappingProxyType(
        {tag: member for known in members().values() for tag, member in known.items() if _holds_value(tag)}
    )


def misplaced(parent: str, children: tuple[str, ...]) -> Misplaced | None:
    """The first fault among an element's children, given by their tags; None if they stand as the standard says.

    Files repeat the same few shapes, so that answers are remembered, unless a file fills the memory with them.
    """
    find = _first_fault if len("".join(children)) <= _LONGEST_REMEMBERED else _first_fault.__wrapped__
    return find(parent, children)


@lru_cache(maxsize=2_000)
def _first_fault(parent: str, children: tuple[str, ...]) -> Misplaced | None:
    known = members().get(parent, {})
    return _stranger(parent, children, known) or _disorder(children, known) or _missing(children, known)


def _stranger(parent: str, children: Sequence[str], known: Mapping[str, Member]) -> Misplaced | None:
    name = local(parent)
    section = qualified(name.partition(".")[0] + ".")
    for index, child in enumerate(children):
        if child not in known and (name in _STRICT or not child.startswith(section)):
            found = f"{local(child)} does not belong into {name}"
            return Misplaced(index, found, f"an element of {name} in the namespace of the standard")
    return None


def _disorder(children: Sequence[str], known: Mapping[str, Member]) -> Misplaced | None:
    last: Member | None = None
    for index, child in enumerate(children):
        member = known.get(child)
        if member is None:
            continue
        if last and member.position < last.position:
            return Misplaced(index, f"{member.title} stands after {last.name}", f"it before {last.name}")
        if member is last and not member.repeats:
            return Misplaced(index, f"{member.title} is repeated", "it once")
        last = member
    return None


def _missing(children: Sequence[str], known: Mapping[str, Member]) -> Misplaced | None:
    for tag, member in known.items():
        if member.required and tag not in children:
            return Misplaced(
                None, f"{member.title} is missing", f"{member.name}, which the standard requires"
            )
    return None


def _parent(row: Mapping[str, str]) -> str:
    return row["parent"]


def _member(position: int, row: Mapping[str, str]) -> Member:
    return Member(
        name=row["element"],
        label=row["name"],
        position=position,
        required=row["least"] != "0",
        repeats=row["most"] == "many",
        not_values=frozenset(row["not_values"].split()),
        negatives=frozenset(row["negatives"].split()),
        kind=row["kind"],
        read=row["read"] == "yes",
    )


def _holds_value(tag: str) -> bool:
    return re.search(r"\.\d+$", tag) is not None
