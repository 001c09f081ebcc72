"""Reads a CSV file row by row in bounded memory, and keeps what it can't parse."""

import codecs
import csv
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO

from throughline.formats.faults import Reason, Rejected, UnreadableFile, shown
from throughline.formats.limits import MEBIBYTE, Limits
from throughline.formats.rules import Layout

Row = tuple[int, list[str]]
BROKEN = "(line)"
"""The name under which the text of a row with broken quotation marks is kept."""


def csv_rows(file: BinaryIO, name: str, layout: Layout, limits: Limits) -> Iterator[Row | Rejected]:
    """Every row with its number, the header included, empty rows left out.

    Call `check_encoding` first. Raises UnreadableFile for a line or a quoted record that is too long.
    """
    text = TextIOWrapper(file, encoding=layout.encoding, newline="")
    lines = _Lines(text, name, limits)
    reader = csv.reader(lines, delimiter=layout.delimiter, strict=True)
    while True:
        lines.begin_record()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            yield lines.broken_record(fault)
            continue
        if any(cells):
            yield lines.record, cells


class _Lines:
    """Feeds lines to the CSV reader and remembers those of the current record, for when its quotes don't match."""

    def __init__(self, text: TextIOWrapper, name: str, limits: Limits) -> None:
        self._text = text
        self._name = name
        self._limits = limits
        self._current: list[str] = []
        self.record = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(self._limits.line)
        if not line:
            raise StopIteration
        if len(line) == self._limits.line and not line.endswith("\n"):
            raise self._too_long(f"a line longer than {self._limits.line / MEBIBYTE:g} MB")
        self._current.append(line)
        if len(self._current) > self._limits.record_lines:
            raise self._too_long("a quotation mark that is never closed")
        return line

    def begin_record(self) -> None:
        self._current = []
        self.record += 1

    def broken_record(self, fault: csv.Error) -> Rejected:
        written = "".join(self._current)
        expected = f"quotation marks in pairs, doubled inside a text ({fault})"
        return Rejected(self.record, "", shown(written), Reason.BROKEN_QUOTES, expected, {BROKEN: written})

    def _too_long(self, found: str) -> UnreadableFile:
        return UnreadableFile(self._name, f"row {self.record} has {found}", "one row per line")


def check_encoding(path: Path, encoding: str) -> None:
    """Decode the whole file once, so that a wrong encoding is found before any row is received."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    done = 0
    with path.open("rb") as file:
        while block := file.read(MEBIBYTE):
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(block)
            except UnicodeDecodeError as fault:
                raise _wrong_encoding(path, encoding, fault, done - pending, line) from None
            line += block.count(b"\n")
            done += len(block)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as fault:
        raise _wrong_encoding(path, encoding, fault, done, line) from None


def _wrong_encoding(
    path: Path, encoding: str, fault: UnicodeDecodeError, offset: int, line: int
) -> UnreadableFile:
    at = offset + fault.start
    line += fault.object[: fault.start].count(b"\n")
    found = f"byte 0x{fault.object[fault.start]:02x} at position {at:,} (line {line:,}) is not valid {_name(encoding)}"
    expected = f"text in {_name(encoding)}; the mapping can name another encoding, such as windows-1252"
    return UnreadableFile(path.name, found, expected)


def _name(encoding: str) -> str:
    return "UTF-8" if encoding == "utf-8-sig" else encoding
