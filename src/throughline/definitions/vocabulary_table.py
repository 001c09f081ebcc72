"""Reads the CSV table of a code list and lists all that is wrong with it, by row and field."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date

from throughline.formats.document import DocumentError

COLUMNS = ("code", "label", "source", "dated", "certainty")
CERTAINTIES = ("verified", "reconstructed", "local")

_LONGEST = 1_000  # characters of a value, and of what a fault repeats of one, a tenth of it


class VocabularyError(DocumentError):
    """A code list with faults; `faults` lists all of them with file, row, field, value and what was expected."""


def read_rows(
    file: str, text: str, *, columns: Sequence[str] = ()
) -> tuple[tuple[str, ...], list[dict[str, str]]]:
    """The header and the rows. Raises VocabularyError where one of `COLUMNS` or of `columns` is missing, another
    column was added to `columns`, there is no row, or a row has a fault; the header is row 1.
    """
    header, *lines = _lines(file, text) or [[]]
    if fault := _header_fault(header, columns or COLUMNS, exact=bool(columns)):
        raise VocabularyError([f"{file}, row 1: {fault}"])
    faults = [f"{file}, row {number}{fault}" for number, fault in _row_faults(header, lines)]
    if not lines:
        faults = [f"{file}: found no row below the header, expected at least one code."]
    if faults:
        raise VocabularyError(faults)
    return tuple(header), [dict(zip(header, line, strict=True)) for line in lines]


def _lines(file: str, text: str) -> list[list[str]]:
    try:
        rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
        return [[value.strip() for value in line] for line in rows if line]
    except csv.Error as fault:
        raise VocabularyError([f"{file}: expected a table in CSV; {fault}."]) from fault


def _header_fault(header: Sequence[str], expected: Sequence[str], *, exact: bool) -> str:
    fits = set(expected) == set(header) if exact else set(expected) <= set(header)
    if fits and len(set(header)) == len(header):
        return ""
    return f"found the columns {_brief(', '.join(header))}, expected {', '.join(expected)}, each once."


def _row_faults(header: Sequence[str], lines: Sequence[Sequence[str]]) -> Iterator[tuple[int, str]]:
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, start=2):
        if len(line) != len(header):
            yield number, f": found {len(line)} values, expected {len(header)}."
            continue
        row = dict(zip(header, line, strict=True))
        for field, value in row.items():
            if expected := _expected(field, value):
                yield number, f", field {field}: found {_brief(value)}, expected {expected}."
        if (first := seen.setdefault(row["code"], number)) != number:
            yield (
                number,
                f", field code: found {_brief(row['code'])}, expected a code that row {first} lacks.",
            )


def _expected(field: str, value: str) -> str:
    """What the field expected, if the value isn't it."""
    if len(value) > _LONGEST or not (value or "x").isprintable():
        return f"at most {_LONGEST} characters in one line"
    if field in COLUMNS and not value:
        return "something"
    if field == "dated" and not _is_day(value):
        return "a day such as 2026-11-22"
    if field == "certainty" and value not in CERTAINTIES:
        return "one of " + ", ".join(CERTAINTIES)
    return ""


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _brief(value: str) -> str:
    return repr(value if len(value) <= _LONGEST // 10 else value[: _LONGEST // 10] + "…")
