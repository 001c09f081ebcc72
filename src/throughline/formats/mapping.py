"""Reads the JSON document in which an agency's columns are mapped onto events, and lists all that is wrong with it."""

import codecs
import re
from collections import abc
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from throughline.formats.document import DocumentError, Section
from throughline.formats.event import SUBSTANCES, VOCABULARIES
from throughline.formats.rules import (
    AgeRule,
    CodeRule,
    CountRule,
    ElementRule,
    InstantRule,
    Layout,
    Mapping,
    PlaceCodeRule,
    PlaceRule,
    Source,
    SubstanceFlag,
    SubstanceText,
    TextPointRule,
    fold,
)

__all__ = ["CODED_FIELDS", "Mapping", "MappingError", "parse_mapping"]

_SAMPLE = datetime(2026, 3, 8, 14, 30, tzinfo=UTC)

CODED_FIELDS = ("outcome", "manner", "age_group", "sex", "race", "ethnicity", "naloxone")


class MappingError(DocumentError):
    """A mapping with faults; `faults` lists all of them."""


def parse_mapping(document: Any) -> Mapping:
    """Parse a mapping. Only `occurred_at` is required; the samples in `tests/samples/mappings` show all settings.

    A source is `columns` in order, of which the first that isn't empty counts; a list among them is joined by
    `separator`. `empty` lists texts that mean "no value" in this place.

    - `file`: `encoding`, `delimiter`, `header_row`, `sheet`, `null_tokens` (texts that mean "no value" everywhere)
    - `record_id`: a source; without it rows are known by their content
    - `occurred_at`: a source, `formats` (as for strptime; ISO 8601 is always read), `time_zone`, `precision`
      (minute, day), `ambiguous` (earlier, later, quarantine), `nonexistent` (quarantine, shift)
    - `place`: `code` (a source, `whole_number`, `pad_to`), `point` (`latitude`, `longitude`, `empty`),
      `point_in_text` (a source, `pattern`), `nearest_within_km`, `required`, `otherwise` (quarantine, unplaced)
    - `outcome`, `manner`, `age_group`, `sex`, `race`, `ethnicity`, `naloxone`: `constant`, or a source with `codes`
      and `otherwise` (quarantine, unknown, keep)
    - `age`: a source, `otherwise` (quarantine, unknown); `cause`: a source
    - `substance_flags`: sources, each with `substance`, `present`, `absent`
    - `substance_texts`: sources, each with `patterns` (a regular expression per substance)
    - `codes`, `texts`: sources that case definitions look into, kept as they are written; each with a `name` (the
      column's, unless told) and, where a cell holds several values, `split`
    - `count`, for feeds that report numbers: `quantity` (a source; 1 without it), and `measure`, a source with
      `codes` or a `constant`
    - `deleted`: a source with `codes` that turn its words into yes and no: a yes takes the record back

    Raises MappingError, which lists every fault with its path in the document.
    """
    faults: list[str] = []
    mapping = _mapping(Section(document, "", faults))
    if faults:
        raise MappingError(faults)
    return mapping


def _mapping(section: Section) -> Mapping:
    section.text("description", "")
    mapping = Mapping(
        layout=_layout(section.section("file")),
        record_id=_optional_source(section.section("record_id")),
        occurred_at=_instant(section.section("occurred_at") or _missing(section, "occurred_at")),
        place=_place(section.section("place")),
        words=MappingProxyType(
            {name: _code_rule(name, part) for name in CODED_FIELDS if (part := section.section(name))}
        ),
        age=_age(section.section("age")),
        cause=_optional_source(section.section("cause")),
        substance_flags=tuple(_substance_flag(part) for part in section.sections("substance_flags")),
        substance_texts=tuple(_substance_text(part) for part in section.sections("substance_texts")),
        codes=tuple(_element(part) for part in section.sections("codes")),
        texts=tuple(_element(part) for part in section.sections("texts")),
        count=_count(section.section("count")),
        deleted=_deleted(section.section("deleted")),
    )
    section.close()
    return mapping


def _missing(section: Section, key: str) -> Section:
    section.fault(key, None, "a value")
    return Section({}, key, [])


def _layout(section: Section | None) -> Layout:
    if section is None:
        return Layout()
    layout = Layout(
        encoding=_encoding(section),
        delimiter=section.text("delimiter", ","),
        header_row=section.whole("header_row", 1, low=1, high=1000),
        sheet=section.text("sheet", "") or None,
        null_tokens=frozenset({"", *section.texts("null_tokens")}),
    )
    if len(layout.delimiter) != 1:
        section.fault("delimiter", layout.delimiter, "one character")
    section.close()
    return layout


def _encoding(section: Section) -> str:
    """UTF-8 is read with or without its mark (BOM), so that nobody needs to know whether a file has one."""
    name = section.text("encoding", "utf-8")
    try:
        known = codecs.lookup(name).name
    except (LookupError, ValueError):
        section.fault("encoding", name, "an encoding such as utf-8 or windows-1252")
        return "utf-8-sig"
    return "utf-8-sig" if known == "utf-8" else known


def _source(section: Section) -> Source:
    columns = section.setting("columns")
    alternatives = tuple(map(_alternative, columns)) if isinstance(columns, list) else ()
    if columns is not None and not (alternatives and all(alternatives)):
        section.fault("columns", columns, "a list of column names, or of lists of names to be joined")
    return Source(alternatives, section.text("separator", " "), frozenset(section.texts("empty")))


def _alternative(column: Any) -> tuple[str, ...]:
    names = column if isinstance(column, list) else [column]
    return tuple(names) if all(isinstance(name, str) and name for name in names) else ()


def _optional_source(section: Section | None) -> Source | None:
    if section is None:
        return None
    source = _source(section)
    section.close()
    return source


def _instant(section: Section) -> InstantRule:
    rule = InstantRule(
        source=_source(section),
        formats=_date_formats(section),
        zone=_zone(section),
        precision=section.choice("precision", ("minute", "day")),
        ambiguous=section.choice("ambiguous", ("earlier", "later", "quarantine")),
        nonexistent=section.choice("nonexistent", ("quarantine", "shift")),
    )
    section.close()
    return rule


def _date_formats(section: Section) -> tuple[str, ...]:
    """Each format is tried out on a date of its own making."""
    formats = section.texts("formats")
    for written in formats:
        try:
            datetime.strptime(_SAMPLE.strftime(written), written)  # noqa: DTZ007  only whether it can be read
        except (ValueError, re.error):
            section.fault("formats", written, "a date format such as %m/%d/%Y %H:%M")
    return formats


def _zone(section: Section) -> ZoneInfo:
    name = section.text("time_zone")
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        section.fault("time_zone", name, "a time zone such as America/Chicago or UTC")
        return ZoneInfo("UTC")


def _place(section: Section | None) -> PlaceRule:
    if section is None:
        return PlaceRule()
    rule = PlaceRule(
        code=_place_code(section.section("code")),
        point=_point(section.section("point")),
        text_point=_text_point(section.section("point_in_text")),
        nearest_within_km=section.number("nearest_within_km", 10.0, low=0, high=500),
        required=section.flag("required", False),
        otherwise=section.choice("otherwise", ("quarantine", "unplaced")),
    )
    section.close()
    return rule


def _place_code(section: Section | None) -> PlaceCodeRule | None:
    if section is None:
        return None
    rule = PlaceCodeRule(
        source=_source(section),
        whole_number=section.flag("whole_number", False),
        pad_to=section.whole("pad_to", 0, low=0, high=20),
    )
    section.close()
    return rule


def _point(section: Section | None) -> tuple[Source, Source] | None:
    if section is None:
        return None
    empty = frozenset(section.texts("empty"))
    latitude, longitude = section.text("latitude"), section.text("longitude")
    section.close()
    return Source(((latitude,),), empty=empty), Source(((longitude,),), empty=empty)


def _text_point(section: Section | None) -> TextPointRule | None:
    if section is None:
        return None
    pattern = _pattern(section, "pattern", section.text("pattern"))
    if not {"latitude", "longitude"} <= pattern.groupindex.keys():
        section.fault("pattern", pattern.pattern, "the groups (?P<latitude>…) and (?P<longitude>…)")
    rule = TextPointRule(_source(section), pattern)
    section.close()
    return rule


def _element(section: Section) -> ElementRule:
    source = _source(section)
    name = section.text("name", next(iter(source.columns), ""))
    if "=" in name:
        section.fault("name", name, "a name without an equals sign")
    rule = ElementRule(name, source, section.text("split", ""))
    section.close()
    return rule


def _count(section: Section | None) -> CountRule | None:
    if section is None:
        return None
    measure = section.section("measure") or _missing(section, "measure")
    rule = CountRule(_code_rule("measure", measure), _optional_source(section.section("quantity")))
    section.close()
    return rule


def _deleted(section: Section | None) -> CodeRule | None:
    return _code_rule("deleted", section) if section else None


def _code_rule(name: str, section: Section) -> CodeRule:
    words = VOCABULARIES.get(name)
    codes = section.text_map("codes")
    constant = section.text("constant", "")
    rule = CodeRule(
        source=None if constant else _source(section),
        constant=constant,
        codes=MappingProxyType(_folded(words or ()) | {fold(code): word for code, word in codes.items()}),
        otherwise=section.choice("otherwise", _otherwise(open_ended=words is None, coded=bool(codes))),
    )
    if words is not None:
        _check_words(section, words, {"constant": constant} if constant else codes)
    section.close()
    return rule


def _otherwise(*, open_ended: bool, coded: bool) -> tuple[Literal["quarantine", "unknown", "keep"], ...]:
    """The choices, default first: only a field without a fixed vocabulary can keep what it doesn't know."""
    if not open_ended:
        return "quarantine", "unknown"
    return ("quarantine", "unknown", "keep") if coded else ("keep", "unknown", "quarantine")


def _check_words(section: Section, words: frozenset[str], codes: abc.Mapping[str, str]) -> None:
    for code, word in codes.items():
        if word not in words:
            section.fault(code, word, "one of " + ", ".join(sorted(words)))


def _age(section: Section | None) -> AgeRule | None:
    if section is None:
        return None
    rule = AgeRule(_source(section), section.choice("otherwise", ("quarantine", "unknown")))
    section.close()
    return rule


def _substance_flag(section: Section) -> SubstanceFlag:
    flag = SubstanceFlag(
        source=_source(section),
        substance=section.text("substance"),
        present=frozenset(map(fold, section.texts("present"))),
        absent=frozenset(map(fold, section.texts("absent"))),
    )
    _check_substance(section, flag.substance)
    if not flag.present:
        section.fault("present", None, "at least one value that means the substance was found")
    section.close()
    return flag


def _substance_text(section: Section) -> SubstanceText:
    source = _source(section)
    patterns = {
        substance: _pattern(section, f"patterns.{substance}", pattern)
        for substance, pattern in section.text_map("patterns").items()
    }
    for substance in patterns:
        _check_substance(section, substance)
    section.close()
    return SubstanceText(source, MappingProxyType(patterns))


def _check_substance(section: Section, substance: str) -> None:
    if substance not in SUBSTANCES:
        section.fault("substance", substance, "one of " + ", ".join(SUBSTANCES))


def _pattern(section: Section, key: str, pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.IGNORECASE)
    except re.error as fault:
        section.fault(key, pattern, f"a regular expression ({fault})")
        return re.compile("")


def _folded(words: abc.Iterable[str]) -> dict[str, str]:
    return {fold(word): word for word in words}
