"""What agreements say and what readers ask: the two sides that a decision compares."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Self

from throughline.policy.precision import PRECISIONS, coarseness


class Purpose(StrEnum):
    """What data may be used for. Agreements name purposes; every read states exactly one."""

    label: str

    def __new__(cls, code: str, label: str) -> Self:
        purpose = str.__new__(cls, code)
        purpose._value_ = code
        purpose.label = label
        return purpose

    SURVEILLANCE = "surveillance", "watching for overdoses and where they happen"
    RESPONSE = "response", "answering a signal"
    EVALUATION = "evaluation", "measuring whether an answer helped"
    PUBLICATION = "publication", "publishing counts"
    QUALITY = "quality", "checking the quality of the data received"
    RESEARCH = "research", "research"
    LAW_ENFORCEMENT = "law_enforcement", "law enforcement"


TERMS = (
    "dates",
    "recipients",
    "onward",
    "purposes",
    "forbidden_purposes",
    "law_enforcement",
    "fields",
    "precision",
    "rows",
)
"""Names of the terms, as clauses and reasons use them."""


@dataclass(frozen=True, slots=True)
class Terms:
    """One agreement's rules about one feed, and the sentences of its text that state them.

    `ends_on` is the last day in force; from `terminated_on` on it is not in force. `forbidden_purposes` bind every
    reader of the feed while it is in force, whatever other agreements allow. Law enforcement needs a clause of its
    own, `law_enforcement`, besides the purpose. `precision` says which fields are told roughly, and how roughly;
    `rows` which values a record must have in a field to be shared at all. Whom a recipient may pass the data on to
    is in `onward_recipients`. `clauses` maps names of `TERMS` to the agreement's own words.
    """

    agreement: str
    title: str
    feed: str
    provider: str
    recipients: frozenset[str]
    purposes: frozenset[Purpose]
    fields: frozenset[str]
    minimum_cell: int
    starts_on: date
    ends_on: date | None = None
    terminated_on: date | None = None
    forbidden_purposes: frozenset[Purpose] = frozenset()
    onward_recipients: frozenset[str] = frozenset()
    precision: Mapping[str, str] = field(default_factory=dict, hash=False)
    rows: Mapping[str, frozenset[str]] = field(default_factory=dict, hash=False)
    clauses: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        _require_frozensets(
            self, "recipients", "purposes", "fields", "forbidden_purposes", "onward_recipients"
        )
        if self.minimum_cell < 1:
            raise ValueError(
                f"Agreement {self.agreement} has the minimum cell {self.minimum_cell}, expected 1 or more."
            )
        if self.ends_on and self.ends_on < self.starts_on:
            raise ValueError(
                f"Agreement {self.agreement} ends on {self.ends_on}, before it starts on {self.starts_on}."
            )
        if unknown := self.clauses.keys() - set(TERMS):
            raise ValueError(f"Agreement {self.agreement} has clauses for unknown terms: {listed(unknown)}.")
        for name, precision in self.precision.items():
            coarseness(name, precision)
        for name, values in self.rows.items():
            if not isinstance(values, frozenset):
                raise TypeError(f"Terms.rows of {name} is {values!r}, expected a frozenset.")

    def in_force(self, on: date) -> bool:
        """Whether it is in force on that day: begun, not past its last day, not terminated."""
        return (
            self.starts_on <= on
            and (self.ends_on is None or on <= self.ends_on)
            and (self.terminated_on is None or on < self.terminated_on)
        )

    def forbids(self, request: "Request") -> bool:
        """Whether it closes the feed to the request, though another agreement allow it."""
        return request.purpose in self.forbidden_purposes and self.in_force(request.on)


COARSEST: Mapping[str, str] = MappingProxyType({name: ways[-1] for name, ways in PRECISIONS.items()})
"""For requests that can use every field however roughly it is told."""


@dataclass(frozen=True, slots=True)
class Request:
    """One organization's wish to read some fields of a feed, for one purpose, on a day.

    `precision` holds the coarsest that the asker can use of a field: exactly, unless told. `through` is the
    recipient who would pass the data on; empty where they come from the provider.
    """

    feed: str
    recipient: str
    purpose: Purpose
    fields: frozenset[str]
    on: date
    precision: Mapping[str, str] = field(default_factory=dict, hash=False)
    through: str = ""

    def __post_init__(self) -> None:
        _require_frozensets(self, "fields")
        if not isinstance(self.purpose, Purpose):
            raise TypeError(f"Request.purpose is {self.purpose!r}, expected a Purpose.")
        if not self.fields:
            raise ValueError(f"A request to read the feed {self.feed} names no field; expected one or more.")


def listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _require_frozensets(record: object, *names: str) -> None:
    """A plain string would pass for a set of its letters, and `in` would then match parts of words."""
    for name in names:
        if not isinstance(getattr(record, name), frozenset):
            raise TypeError(
                f"{type(record).__name__}.{name} is {getattr(record, name)!r}, expected a frozenset."
            )
