"""Reads the lines of data files, and says where a value is wrong."""

import csv
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from throughline.cli.faults import Fault
from throughline.formats.faults import shown

if TYPE_CHECKING:
    from _csv import Reader

COMMENT = re.compile(r"//|;|#(\s|$)")
DIGITS = re.compile(r"[0-9]+(\.0*)?")
WHOLE = "a whole number of 0 or more"
MOST = 1e9  # in one line; more is a slip
TOKEN = re.compile(r'"([^"]*)"|(\S+)')


@dataclass(frozen=True, slots=True)
class Row:
    """The fields of one line, without their quotes."""

    file: str
    line: int
    fields: tuple[str, ...]

    def fault(self, field: str, value: str, expected: str) -> Fault:
        return Fault(f"{self.file}, line {self.line}: {field}: {shown(value)!r}. Expected {expected}.")

    def check_width(self, columns: str, fewest: int, most: int | None = None) -> None:
        """A fault unless the line has as many fields as its file may have."""
        if len(self.fields) < fewest or (most is not None and len(self.fields) > most):
            raise Fault(
                f"{self.file}, line {self.line}: {len(self.fields)} fields: {shown(' '.join(self.fields))!r}. "
                f"Expected {columns}."
            )

    def count(self, field: str, value: str) -> int:
        """A whole number of 0 or more; 3.0 is one too."""
        if not DIGITS.fullmatch(value) or float(value) > MOST:
            raise self.fault(field, value, WHOLE)
        return int(float(value))

    def number(self, field: str, value: str, expected: str = "a number") -> float:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise self.fault(field, value, expected)
        return number


def read_text(path: Path) -> str:
    """A text file's content: UTF-8, with or without its mark, or Latin-1; a fault where there is none."""
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise Fault(f"{path}: {fault.strerror}. Expected a file that can be read.") from fault
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def read_rows(path: Path) -> Iterator[Row]:
    """The lines that hold data: fields apart by white space, or by commas; blank lines and comments left out."""
    found = False
    for number, line in enumerate(read_text(path).splitlines(), 1):
        text = line.strip()
        if text and not COMMENT.match(text):
            found = True
            yield Row(path.name, number, tuple(_split(path, number, text)))
    if not found:
        raise Fault(f"{path.name}: the file holds no data. Expected at least one line.")


def _split(path: Path, number: int, text: str) -> list[str]:
    if '"' not in text and "," not in text:
        return text.split()
    if "," not in re.sub(r'"[^"]*"', "", text):
        return [quoted or plain for quoted, plain in TOKEN.findall(text)]
    try:
        fields = [field.strip() for field in next(csv.reader([text], skipinitialspace=True))]
    except csv.Error as fault:
        raise _unreadable(path, number, fault) from fault
    return fields if fields[-1] else fields[:-1]


@dataclass(frozen=True, slots=True)
class Record:
    """A line of a file with a header: `cells` maps the header's names, in small letters, to the text below."""

    row: Row
    cells: Mapping[str, str]


def read_records(path: Path, *, needed: tuple[str, ...]) -> Iterator[Record]:
    """The lines below a header; commas, semicolons or tabs set the fields apart."""
    lines = read_text(path).splitlines()
    first = next(filter(str.strip, lines), "")
    reader = csv.reader(lines, delimiter=max(",;\t", key=first.count))
    header: list[str] = []
    for number, fields in _numbered(path, reader):
        cells = [field.strip() for field in fields]
        row = Row(path.name, number, tuple(cells))
        if not any(cells):
            continue
        if header:
            row.check_width(f"{len(header)} fields: {', '.join(header)}", len(header), len(header))
            yield Record(row, dict(zip(header, cells, strict=True)))
        else:
            header = _header(row, needed)
    if not header:
        raise Fault(f"{path.name}: the file is empty. Expected a header with {', '.join(needed)}.")


def _numbered(path: Path, reader: "Reader") -> Iterator[tuple[int, list[str]]]:
    """Records with the line that each begins on: an open quote runs on over many."""
    number = 1
    try:
        for fields in reader:
            yield number, fields
            number = reader.line_num + 1
    except csv.Error as fault:
        raise _unreadable(path, number, fault) from fault


def _unreadable(path: Path, number: int, fault: csv.Error) -> Fault:
    return Fault(f"{path.name}, line {number}: {fault}. Expected fields whose quotes are closed.")


def _header(row: Row, needed: tuple[str, ...]) -> list[str]:
    names = [field.lower() for field in row.fields]
    missing = [name for name in needed if name not in names]
    if missing:
        raise row.fault("header", ", ".join(row.fields), f"columns named {', '.join(needed)}")
    repeated = [name for name in names if name and names.count(name) > 1]
    if repeated:
        raise row.fault("header", repeated[0], "each column's name once")
    return names
