"""What a saved mapping says about an agency's columns, as plain values."""

import re
from collections import abc
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo


def fold(code: str) -> str:
    """A code as it is compared: without outer blanks and without regard to case."""
    return code.strip().casefold()


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value stands: alternatives in order, of which the first that isn't empty counts.

    An alternative of several columns is their values joined by `separator`. `empty` lists texts that mean "no
    value" here, besides those that mean it in the whole file.
    """

    alternatives: tuple[tuple[str, ...], ...]
    separator: str = " "
    empty: frozenset[str] = frozenset()

    @property
    def columns(self) -> abc.Iterator[str]:
        return (column for alternative in self.alternatives for column in alternative)


@dataclass(frozen=True, slots=True)
class Layout:
    """How the table stands in its file. Rows are counted as a spreadsheet does, from 1."""

    encoding: str = "utf-8-sig"
    delimiter: str = ","
    header_row: int = 1
    sheet: str | None = None
    null_tokens: frozenset[str] = frozenset({""})


@dataclass(frozen=True, slots=True)
class InstantRule:
    """How times are read: formats in order (ISO 8601 always last), and what happens where clocks change."""

    source: Source
    formats: tuple[str, ...]
    zone: ZoneInfo
    precision: Literal["minute", "day"]
    ambiguous: Literal["earlier", "later", "quarantine"]
    nonexistent: Literal["shift", "quarantine"]


@dataclass(frozen=True, slots=True)
class CodeRule:
    """How a code is turned into an event's word: keys without regard to case, and what happens to other codes."""

    source: Source | None
    constant: str
    codes: abc.Mapping[str, str]
    otherwise: Literal["quarantine", "unknown", "keep"]


@dataclass(frozen=True, slots=True)
class PlaceCodeRule:
    """A column of place codes; `pad_to` fills with zeros, after `60406.0` has become `60406`."""

    source: Source
    whole_number: bool
    pad_to: int


@dataclass(frozen=True, slots=True)
class TextPointRule:
    """A point inside a text, found by a pattern with the groups `latitude` and `longitude`."""

    source: Source
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class PlaceRule:
    """Where an event is placed: by code if there is one, else by columns of coordinates, else by a point in a text."""

    code: PlaceCodeRule | None = None
    point: tuple[Source, Source] | None = None
    text_point: TextPointRule | None = None
    nearest_within_km: float = 10.0
    required: bool = False
    otherwise: Literal["quarantine", "unplaced"] = "quarantine"


@dataclass(frozen=True, slots=True)
class AgeRule:
    source: Source
    otherwise: Literal["quarantine", "unknown"]


@dataclass(frozen=True, slots=True)
class SubstanceFlag:
    """A column that says whether one substance was found; any value in neither list is a fault of the row."""

    source: Source
    substance: str
    present: frozenset[str]
    absent: frozenset[str]


@dataclass(frozen=True, slots=True)
class SubstanceText:
    """Free text in which substances are looked for, without regard to case."""

    source: Source
    patterns: abc.Mapping[str, re.Pattern[str]]


@dataclass(frozen=True, slots=True)
class ElementRule:
    """A source that is kept as it is written, behind the name of its element; `split` parts several values."""

    name: str
    source: Source
    split: str = ""


@dataclass(frozen=True, slots=True)
class CountRule:
    """How many a row stands for, and of what; `codes` turns a column's words into measures."""

    measure: CodeRule
    quantity: Source | None


@dataclass(frozen=True, slots=True)
class Mapping:
    """How one feed's tables become events. Without `record_id`, rows are known by their content
    (`rows.ContentKeys`).

    `words` has a rule for each field that is written in a vocabulary and that the feed knows; `cause` is free
    text. `codes` and `texts` are kept for case definitions. A row is deleted where `deleted` reads "yes".
    """

    layout: Layout
    occurred_at: InstantRule
    record_id: Source | None
    place: PlaceRule
    words: abc.Mapping[str, CodeRule]
    age: AgeRule | None
    cause: Source | None
    substance_flags: tuple[SubstanceFlag, ...]
    substance_texts: tuple[SubstanceText, ...]
    codes: tuple[ElementRule, ...] = ()
    texts: tuple[ElementRule, ...] = ()
    count: CountRule | None = None
    deleted: CodeRule | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the mapping reads, once each, in its order."""
        return tuple(dict.fromkeys(column for source in self._sources() for column in source.columns))

    def _sources(self) -> abc.Iterator[Source]:
        sources = (
            self.record_id,
            self.occurred_at.source,
            self.place.code and self.place.code.source,
            *(self.place.point or ()),
            self.place.text_point and self.place.text_point.source,
            *(rule.source for rule in self.words.values()),
            self.age and self.age.source,
            self.cause,
            *(flag.source for flag in self.substance_flags),
            *(text.source for text in self.substance_texts),
            *(element.source for element in (*self.codes, *self.texts)),
            self.count and self.count.measure.source,
            self.count and self.count.quantity,
            self.deleted and self.deleted.source,
        )
        return (source for source in sources if source)
