"""Says whether an event meets a case definition, and by which of its codes and words."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from throughline.definitions.context import Steps, remaining_text
from throughline.definitions.folding import folded_code, folded_text
from throughline.definitions.pattern import compile_pattern
from throughline.definitions.vocabulary import VocabularyVersion
from throughline.formats.event import Event

_REMEMBERED = 100_000
"""Codes whose answer a test keeps: all codes that a feed uses, but no end of them."""


@dataclass(frozen=True, slots=True)
class Match:
    """Why an event meets a definition: the field or element, and its code, or the words that were found."""

    field: str
    code: str


@dataclass(frozen=True, slots=True)
class CodeTest:
    """Looks for a code of some elements: by a pattern (searched, not anchored), a list, or how it begins."""

    elements: frozenset[str]
    pattern: str = ""
    codes: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    drop_dots: bool = False
    keep_case: bool = False
    vocabulary: VocabularyVersion | None = None  # where the codes came from
    _known: dict[str, bool] = field(default_factory=dict, repr=False, compare=False)

    @property
    def fields(self) -> frozenset[str]:
        return frozenset({"codes"})

    def accepts(self, entry: str) -> bool:
        """Whether an event's entry `element=code` is what the test looks for."""
        known = self._known.get(entry)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[entry] = self._accepts(*split_entry(entry))
        return known

    def found(self, event: Event) -> list[Match]:
        if not event.codes:
            return []
        return [Match(*split_entry(entry)) for entry in event.codes if self.accepts(entry)]

    def _accepts(self, element: str, code: str) -> bool:
        if element not in self.elements:
            return False
        plain = folded_code(code, drop_dots=self.drop_dots, keep_case=self.keep_case)
        if self.pattern:
            return compile_pattern(self.pattern).search(plain) is not None
        return plain in self.codes or plain.startswith(self.prefixes)


@dataclass(frozen=True, slots=True)
class TextTest:
    """Looks for words in free text: first as it is written, then in what its steps leave of it."""

    elements: frozenset[str]
    pattern: str
    steps: Steps = ()

    @property
    def fields(self) -> frozenset[str]:
        return frozenset({"texts"})

    def search(self, text: str) -> str | None:
        """The first words found that count, as they stand in the folded text."""
        search = compile_pattern(self.pattern).search
        found = search(folded_text(text))
        if found and self.steps:
            found = search(remaining_text(text, self.steps))
        return found[0] if found else None

    def found(self, event: Event) -> list[Match]:
        if not event.texts:
            return []
        texts = [
            (element, text) for element, text in map(split_entry, event.texts) if element in self.elements
        ]
        return [Match(element, words) for element, text in texts if (words := self.search(text)) is not None]


@dataclass(frozen=True, slots=True)
class FieldTest:
    """Looks whether a field of the event has one of some values."""

    name: str
    values: frozenset[str | bool]

    @property
    def fields(self) -> frozenset[str]:
        return frozenset({self.name})

    def found(self, event: Event) -> list[Match]:
        value = getattr(event, self.name)
        values = value if isinstance(value, tuple) else (value,)
        return [Match(self.name, _written(one)) for one in values if one in self.values]


Test = CodeTest | TextTest | FieldTest


@dataclass(frozen=True, slots=True)
class Criterion:
    """One way to meet a definition: all of `every` find something, none of `none` does."""

    name: str
    every: tuple[Test, ...]
    none: tuple[Test, ...] = ()

    def found(self, event: Event) -> tuple[Match, ...]:
        matches: list[Match] = []
        for test in self.every:
            if not (found := test.found(event)):
                return ()
            matches += found
        return () if any(test.found(event) for test in self.none) else tuple(matches)


@dataclass(frozen=True, slots=True)
class Definition:
    """A case definition in one version, with its source and how certain that is.

    `dated` is the day of the source, `certainty` whether it was read or remembered. Events whose `measure` is
    not among `measures` never meet it; where `measures` is empty, it isn't looked at.
    """

    id: str
    version: int
    name: str
    criteria: tuple[Criterion, ...]
    description: str = ""
    source: str = ""
    certainty: Literal["verified", "reconstructed", "local"] = "local"
    dated: str = ""
    measures: frozenset[str] = frozenset()

    @property
    def tests(self) -> Iterator[Test]:
        """Every test, in order; one that stands in several criteria comes several times."""
        return (test for criterion in self.criteria for test in (*criterion.every, *criterion.none))

    @property
    def vocabularies(self) -> list[VocabularyVersion]:
        """The code lists it was resolved against, each in one version."""
        named = (test.vocabulary for test in self.tests if isinstance(test, CodeTest))
        return sorted({version for version in named if version is not None})

    @property
    def fields(self) -> frozenset[str]:
        """What the definition looks at."""
        return self.needs | ({"measure"} if self.measures else set())

    @property
    def needs(self) -> frozenset[str]:
        """What a grant must allow before events can be counted by it; as for `Filter`, not what is counted."""
        return frozenset[str]().union(*(test.fields for test in self.tests))

    def matches(self, event: Event) -> tuple[Match, ...]:
        """Everything in the event that makes it meet the definition, each once; nothing if it doesn't."""
        if self.measures and event.measure not in self.measures:
            return ()
        found = [match for criterion in self.criteria for match in criterion.found(event)]
        return tuple(dict.fromkeys(found)) if found else ()


def split_entry(entry: str) -> tuple[str, str]:
    """`eSituation.11=T40.1X1A` as its element and its code."""
    element, _, value = entry.partition("=")
    return element, value


def _written(value: str | bool) -> str:
    return value if isinstance(value, str) else "yes" if value else "no"
