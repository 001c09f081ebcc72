"""Compiles the rules for codes, ages and substances into functions of a row's cells; faults raise ValueFault."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from unicodedata import category

from throughline.formats.cells import Cells, Text, TextCompiler, label
from throughline.formats.event import SUBSTANCES, UNKNOWN
from throughline.formats.faults import Reason, ValueFault
from throughline.formats.rules import (
    AgeRule,
    CodeRule,
    ElementRule,
    Source,
    SubstanceFlag,
    SubstanceText,
    fold,
)

OLDEST = 120
MOST = 10_000_000
"""The largest quantity that one row can stand for."""
_WITHHELD = re.compile(
    r"(?:<|<=|≤|under |fewer than |less than )\s*\d+|\d+\s*(?:-|–|to)\s*\d+|[*†‡§]+|s|suppressed|withheld",
    re.IGNORECASE,
)
"""Marks that stand in counts for a number that its source protects."""
_MOST_CODES_SHOWN = 12
_LONGEST_WHOLE = 10_000
"""As long as the longest narrative that EMS reports can hold."""
_PIECE, _OVERLAP = 2_000, 200
_ORDER = {substance: position for position, substance in enumerate(SUBSTANCES)}

Found = Callable[[Cells], frozenset[str]]


def code_reader(rule: CodeRule, text: TextCompiler) -> Text:
    """The event's word for a row; "unknown" for an empty cell, unless the mapping has a code for that."""
    if rule.source is None:
        return lambda cells: rule.constant
    field = label(rule.source)

    def word(written: str) -> str:
        known = rule.codes.get(fold(written))
        if known is not None:
            return known
        if not written or rule.otherwise == "unknown":
            return UNKNOWN
        if rule.otherwise == "keep":
            return written
        raise ValueFault(field, written, Reason.UNKNOWN_CODE, _one_of(rule.codes))

    return text.value(rule.source, word)


def _one_of(codes: Iterable[str]) -> str:
    known = sorted(code or "an empty cell" for code in codes)
    more = ["…"] if len(known) > _MOST_CODES_SHOWN else []
    return "one of " + ", ".join(known[:_MOST_CODES_SHOWN] + more)


def age_reader(rule: AgeRule, text: TextCompiler) -> Callable[[Cells], int | None]:
    field = label(rule.source)

    def age(written: str) -> int | None:
        try:
            return _age(field, written) if written else None
        except ValueFault:
            if rule.otherwise == "unknown":
                return None
            raise

    return text.value(rule.source, age)


def _age(field: str, written: str) -> int:
    try:
        age = float(written)
    except ValueError:
        raise ValueFault(field, written, Reason.BAD_NUMBER, "an age in years") from None
    if not 0 <= age <= OLDEST:
        raise ValueFault(field, written, Reason.OUT_OF_RANGE, f"an age from 0 to {OLDEST}")
    return int(age)


def quantity_reader(source: Source | None, text: TextCompiler) -> Callable[[Cells], int]:
    """How many a row stands for; 1 where the mapping doesn't say."""
    if source is None:
        return lambda cells: 1
    read_text = text(source)
    field = label(source)

    def read(cells: Cells) -> int:
        written = read_text(cells)
        if not written:
            raise ValueFault(field, "", Reason.MISSING, "a whole number")
        if _WITHHELD.fullmatch(written):
            expected = "a whole number; what was withheld is neither 0 nor any other number"
            raise ValueFault(field, written, Reason.WITHHELD, expected)
        try:
            quantity = float(written.replace(",", ""))
        except ValueError:
            raise ValueFault(field, written, Reason.BAD_NUMBER, "a whole number") from None
        if not (0 <= quantity <= MOST and quantity.is_integer()):
            raise ValueFault(field, written, Reason.OUT_OF_RANGE, f"a whole number from 0 to {MOST:,}")
        return int(quantity)

    return read


def element_reader(
    rules: tuple[ElementRule, ...], text: TextCompiler, *, clean: Callable[[str], str] = str.strip
) -> Callable[[Cells], tuple[str, ...]]:
    """The values of several elements as `name=value`, in the rules' order; empty values are left out."""
    if not rules:
        return lambda cells: ()
    readers = [(f"{rule.name}=", rule.split, text(rule.source)) for rule in rules]

    def read(cells: Cells) -> tuple[str, ...]:
        return tuple(
            prefix + value
            for prefix, split, read_text in readers
            for part in _parts(read_text(cells), split)
            if (value := clean(part))
        )

    return read


def visible(code: str) -> str:
    """A code without what nobody sees in it, such as zero-width blanks and marks of direction from copied tables.

    >>> visible(" T40.1\\u200b ")
    'T40.1'
    """
    return (code if code.isascii() else "".join(char for char in code if category(char) != "Cf")).strip()


def _parts(written: str, split: str) -> list[str]:
    return written.split(split) if split else [written]


def substance_reader(
    flags: tuple[SubstanceFlag, ...], texts: tuple[SubstanceText, ...], text: TextCompiler
) -> Callable[[Cells], tuple[str, ...]]:
    """All substances of a row from every flag and text, once each, in the vocabulary's order."""
    finders = [_flag_finder(flag, text) for flag in flags] + [_text_finder(rule, text) for rule in texts]
    return lambda cells: _in_order(frozenset().union(*(finder(cells) for finder in finders)))


@lru_cache(maxsize=20_000)
def _in_order(found: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(found, key=_ORDER.__getitem__))


def _flag_finder(flag: SubstanceFlag, text: TextCompiler) -> Found:
    field = label(flag.source)
    found = dict.fromkeys(flag.absent | {""}, frozenset[str]())
    found |= dict.fromkeys(flag.present, frozenset({flag.substance}))

    def substance(written: str) -> frozenset[str]:
        try:
            return found[fold(written)]
        except KeyError:
            raise ValueFault(field, written, Reason.UNKNOWN_CODE, _one_of(found)) from None

    return text.value(flag.source, substance)


def _text_finder(rule: SubstanceText, text: TextCompiler) -> Found:
    def named(written: str) -> frozenset[str]:
        pieces = _pieces(len(written))
        return frozenset(
            name
            for name, pattern in rule.patterns.items()
            if any(pattern.search(written, start, end) for start, end in pieces)
        )

    return text.value(rule.source, named, remember=20_000)


def _pieces(length: int) -> list[tuple[int, int]]:
    """Where to search in a text: in overlapping pieces of one that no person wrote.

    Else the time of a pattern such as `\\w+zolam` would grow with the square of the text's length.
    """
    if length <= _LONGEST_WHOLE:
        return [(0, length)]
    return [(start, start + _PIECE) for start in range(0, length - _OVERLAP, _PIECE - _OVERLAP)]
