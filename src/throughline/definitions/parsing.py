"""Reads the JSON document of a case definition and lists all that is wrong with it."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from throughline.definitions.context import BAR, Step, Steps, known_rules
from throughline.definitions.definition import CodeTest, Criterion, Definition, FieldTest, Test, TextTest
from throughline.definitions.folding import folded_code, folded_text
from throughline.definitions.pattern import PatternError, can_match_nothing, compile_pattern
from throughline.definitions.vocabulary import Vocabulary, VocabularyVersion, known_vocabularies
from throughline.formats.document import DocumentError, Section
from throughline.formats.event import EVENT_FIELDS, Kind

Vocabularies = Mapping[str, Vocabulary]

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MOST = 100
_NEEDS_BACKSLASH = re.compile(r"[\^$.\[\]|()*+?{}\\]")
_SELECTABLE = tuple(
    name
    for name, field in EVENT_FIELDS.items()
    if field.kind in (Kind.TEXT, Kind.TEXTS, Kind.FLAG)
    and not field.identifying
    and name not in ("codes", "measure")
)


class DefinitionError(DocumentError):
    """A case definition with faults; `faults` lists all of them."""


def parse_definition(document: Any, vocabularies: Vocabularies | None = None) -> Definition:
    """Parse a case definition, a JSON document as the shipped ones; the shipped vocabularies are used, unless told.

    - `id` (small letters, digits and hyphens), `version` (from 1), `name`, `description`
    - `source`, `dated` (the source's day), `certainty` (local, verified, reconstructed)
    - `measures`: which `measure` an event must have; all, unless told
    - `any`: criteria, of which one must be met; each has a `name` and tests, `all` of which must find something
      and `none` of which may

    A test looks at one of these:

    - `codes`: elements. Their codes are compared after `dots` (keep, drop) and `case` (upper, keep), with a
      `pattern` (found anywhere, so `^` and `$` are up to it), a `list`, `prefixes`, or a `vocabulary`, of which
      `where` chooses rows: {column: [values]}
    - `texts`: elements. Looked for are `terms` (how a word begins), `words` (whole), `patterns`; all in small
      letters. `without` names rules (negation, history, ...) and `mask` patterns, whose matches are taken out before
    - `field`: an event's field, such as naloxone or substances, that `is` one of some values

    Patterns must be of the subset that `pattern.compile_pattern` describes. Raises DefinitionError, which lists
    every fault with its path in the document.
    """
    faults: list[str] = []
    lists = known_vocabularies() if vocabularies is None else vocabularies
    definition = _definition(Section(document, "", faults), lists)
    if faults:
        raise DefinitionError(faults)
    return definition


def _definition(section: Section, lists: Vocabularies) -> Definition:
    definition = Definition(
        id=section.text("id"),
        version=section.whole("version", 1, low=1, high=1_000_000),
        name=section.text("name"),
        description=section.text("description", ""),
        source=section.text("source", ""),
        certainty=section.choice("certainty", ("local", "verified", "reconstructed")),
        dated=section.text("dated", ""),
        measures=frozenset(section.texts("measures")),
        criteria=tuple(_criterion(each, lists) for each in _some(section, "any")),
    )
    if definition.id and not _ID.fullmatch(definition.id):
        section.fault("id", definition.id, "small letters, digits and single hyphens")
    section.close()
    return definition


def _criterion(section: Section, lists: Vocabularies) -> Criterion:
    criterion = Criterion(
        name=section.text("name", ""),
        every=_tests(_some(section, "all"), lists),
        none=_tests(section.sections("none"), lists),
    )
    section.close()
    return criterion


def _some(section: Section, key: str) -> list[Section]:
    sections = section.sections(key)
    if not 0 < len(sections) <= _MOST:
        section.fault(key, f"{len(sections)} objects", f"1 to {_MOST} objects")
    return sections


def _tests(sections: Iterable[Section], lists: Vocabularies) -> tuple[Test, ...]:
    return tuple(test for section in sections if (test := _test(section, lists)) is not None)


def _test(section: Section, lists: Vocabularies) -> Test | None:
    readers: dict[str, Callable[[Section], Test]] = {
        "codes": partial(_codes, lists=lists),
        "texts": _texts,
        "field": _field,
    }
    asked = [key for key in readers if section.setting(key, None) is not None]
    if len(asked) != 1:
        section.fault("", " and ".join(asked) or None, "one of codes, texts and field")
        return None
    test = readers[asked[0]](section)
    section.close()
    return test


def _codes(section: Section, lists: Vocabularies) -> CodeTest:
    drop_dots = section.choice("dots", ("keep", "drop")) == "drop"
    keep_case = section.choice("case", ("upper", "keep")) == "keep"

    def plain(codes: Iterable[str]) -> Iterable[str]:
        return (folded_code(code, drop_dots=drop_dots, keep_case=keep_case) for code in codes)

    vocabulary = _vocabulary(section, lists)
    test = CodeTest(
        elements=_elements(section, "codes"),
        pattern=_pattern(section, "pattern", section.text("pattern", "")),
        codes=frozenset(plain((*section.texts("list"), *_vocabulary_codes(section, vocabulary)))),
        prefixes=tuple(plain(section.texts("prefixes"))),
        drop_dots=drop_dots,
        keep_case=keep_case,
        vocabulary=VocabularyVersion(vocabulary.id, vocabulary.version) if vocabulary else None,
    )
    if [bool(test.pattern), bool(test.codes or test.prefixes)].count(True) != 1:
        section.fault("", None, "either a pattern, or codes by list, prefixes or vocabulary")
    if "" in test.codes or "" in test.prefixes:
        section.fault("", "", "codes with something in them")
    return test


def _vocabulary(section: Section, lists: Vocabularies) -> Vocabulary | None:
    name = section.text("vocabulary", "")
    if name and name not in lists:
        section.fault("vocabulary", name, "one of " + ", ".join(lists))
    return lists.get(name)


def _vocabulary_codes(section: Section, vocabulary: Vocabulary | None) -> frozenset[str]:
    where = section.section("where")
    if vocabulary is None:
        return frozenset()
    codes = vocabulary.codes(_conditions(where, vocabulary) if where else {})
    if not codes:
        section.fault("where", vocabulary.id, "values that some of the vocabulary's rows have")
    return codes


def _conditions(section: Section, vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
    conditions = {column: values for column in vocabulary.columns if (values := section.texts(column))}
    section.close()
    return conditions


def _texts(section: Section) -> TextTest:
    elements = _elements(section, "texts")
    parts = [
        *_words(section, "terms", r"\b(?:{})"),
        *_words(section, "words", r"\b(?:{})\b"),
        *(_pattern(section, "patterns", pattern) for pattern in section.texts("patterns")),
    ]
    pattern = _pattern(section, "", "|".join(filter(None, parts)))
    if not pattern:
        section.fault("", None, "terms, words or patterns")
    return TextTest(elements, pattern, _steps(section))


def _words(section: Section, key: str, form: str) -> list[str]:
    """Longer words first: the match that is shown is then the whole word."""
    words = sorted(
        {folded_text(word).strip() for word in section.texts(key)}, key=lambda word: (-len(word), word)
    )
    if any(not word or not word[0].isalnum() or not word[-1].isalnum() for word in words):
        section.fault(key, words, "words that begin and end with a letter or a digit")
        return []
    return [form.format("|".join(map(_literal, words)))] if words else []


def _literal(word: str) -> str:
    return _NEEDS_BACKSLASH.sub(r"\\\g<0>", word)


def _steps(section: Section) -> Steps:
    steps: list[Step] = []
    for name in section.texts("without"):
        if name in known_rules():
            steps += known_rules()[name]
        else:
            section.fault("without", name, "one of " + ", ".join(known_rules()))
    masks = [_pattern(section, "mask", pattern) for pattern in section.texts("mask")]
    for mask in filter(can_match_nothing, masks):
        section.fault("mask", mask, "a pattern that takes at least one character")
    return (*steps, *(Step(mask, BAR) for mask in masks))


def _field(section: Section) -> FieldTest:
    name, values = section.text("field"), section.texts("is")
    if name not in _SELECTABLE:
        section.fault("field", name, "one of " + ", ".join(_SELECTABLE))
        return FieldTest("outcome", frozenset())
    if not values:
        section.fault("is", None, "at least one value")
    if EVENT_FIELDS[name].kind is Kind.FLAG:
        return FieldTest(name, _flags(section, values))
    return FieldTest(name, frozenset(values))


def _flags(section: Section, values: Iterable[str]) -> frozenset[str | bool]:
    words = {"yes": True, "no": False}
    for value in values:
        if value not in words:
            section.fault("is", value, "yes or no")
    return frozenset(words[value] for value in values if value in words)


def _elements(section: Section, key: str) -> frozenset[str]:
    elements = section.texts(key)
    if not elements or not all(elements) or any("=" in element for element in elements):
        section.fault(key, list(elements), "at least one element's name, without an equals sign")
    return frozenset(elements)


def _pattern(section: Section, key: str, pattern: str) -> str:
    try:
        compile_pattern(pattern)
    except PatternError as fault:
        section.fault(key, pattern, f"a simpler pattern: it {fault}")
        return ""
    return pattern
