"""Parses one HL7 v2 message, by the separators that it declares itself (HL7 v2.5.1, chapter 2)."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from throughline.formats.faults import Reason, ValueFault

_SEGMENT_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")
_NULL = '""'
"""How HL7 writes that a value is to be removed; read as no value."""
_CONTROLS = {code: f"X{code:02X}" for code in range(32)} | {10: ".br"}


class Separators(NamedTuple):
    """The characters of MSH-1 and MSH-2."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"


DEFAULT_SEPARATORS = Separators()


class Segment:
    """One segment. Positions count from 1 as HL7 writes them: `text(3, 4, 2)` of PID is PID-3.4.2.

    Its fields are apart already; repetitions, components and escapes are taken apart when they are asked for.
    """

    __slots__ = ("_fields", "separators")

    def __init__(self, line: str, separators: Separators) -> None:
        fields = line.split(separators.field)
        if fields[0] in _HEADERS:
            fields.insert(1, separators.field)  # the separator is itself the first field
        self._fields = fields
        self.separators = separators

    @property
    def name(self) -> str:
        return self._fields[0]

    def __len__(self) -> int:
        """How many fields are written, filled or not."""
        return len(self._fields) - 1

    def field(self, position: int) -> str:
        """A field as it is written, with its separators and escapes; empty where the segment is shorter."""
        return self._fields[position] if position < len(self._fields) else ""

    def text(self, field: int, component: int = 1, subcomponent: int = 1) -> str:
        """One value of the field's first repetition, escapes resolved."""
        if field >= len(self._fields) or not (written := self._fields[field]):
            return ""
        if self.separators.repetition in written:
            written = written.split(self.separators.repetition, 1)[0]
        return self._part(written, component, subcomponent)

    def texts(self, field: int, component: int = 1, subcomponent: int = 1) -> list[str]:
        """The same value of every repetition, the empty ones left out."""
        repetitions = self.field(field).split(self.separators.repetition)
        parts = (self._part(written, component, subcomponent) for written in repetitions)
        return [part for part in parts if part]

    def whole(self, field: int) -> str:
        """A field of free text: every repetition in a line of its own, nothing taken for a component."""
        repetitions = self.field(field).split(self.separators.repetition)
        return "\n".join(unescape(written, self.separators) for written in repetitions if written != _NULL)

    def _part(self, written: str, component: int, subcomponent: int) -> str:
        _, between, _, mark, within = self.separators
        written = _at(written, between, component)
        written = _at(written, within, subcomponent)
        if mark in written:
            return unescape(written, self.separators)
        return "" if written == _NULL else written


def _at(written: str, separator: str, position: int) -> str:
    if separator not in written:
        return written if position == 1 else ""
    parts = written.split(separator, position)
    return parts[position - 1] if position <= len(parts) else ""


class Message:
    """A message whose segments are apart and begin as segments do; the rest is done when it is asked for."""

    __slots__ = ("lines", "separators")

    def __init__(self, lines: list[str], separators: Separators) -> None:
        self.lines = lines
        self.separators = separators

    def __iter__(self) -> Iterator[Segment]:
        return (Segment(line, self.separators) for line in self.lines)

    @property
    def names(self) -> list[str]:
        """The segments' names, in order."""
        return [line[:3] for line in self.lines]

    @property
    def header(self) -> Segment:
        return Segment(self.lines[0], self.separators)

    def segments(self, name: str) -> list[Segment]:
        return [Segment(line, self.separators) for line in self.lines if line.startswith(name)]

    def segment(self, name: str) -> Segment:
        """The first segment of this name; an empty one where there is none, so that its values are empty."""
        line = next((line for line in self.lines if line.startswith(name)), name)
        return Segment(line, self.separators)


def parse(text: str) -> Message:
    """Parse one message; its segments end with CR, as the standard wants, or with LF or CR LF.

    Raises ValueFault where it doesn't begin with MSH and usable separators, or where a line is no segment.
    """
    if "\n" in text:
        text = text.replace("\r\n", "\r").replace("\n", "\r")
    separators = read_separators(text)
    lines = text.split("\r")
    heads = {line[:4] for line in lines}
    if "" in heads:
        lines = list(filter(None, lines))
        heads.discard("")
    for head in heads:
        if not _begins_segment(head, separators.field):
            raise _no_segment(lines, separators.field)
    return Message(lines, separators)


def read_separators(text: str) -> Separators:
    """The separators that a header (MSH, BHS, FHS) declares; raises ValueFault."""
    if not text.startswith(_HEADERS):
        raise ValueFault("MSH", text[:20], Reason.DAMAGED, "a message that begins with MSH")
    end = text.find(text[3:4], 4, 12)
    return _separators(text[3:end] if end > 0 else text[3:12])


_HEADERS = ("MSH", "FHS", "BHS")


@lru_cache(maxsize=100)
def _separators(declared: str) -> Separators:
    """Four characters behind the field separator; HL7 2.7 may add a fifth, which says where texts were cut."""
    distinct = len(set(declared)) == len(declared)
    usable = all(not mark.isalnum() and mark.isprintable() and mark not in ' "' for mark in declared)
    if len(declared) not in (5, 6) or not distinct or not usable:
        raise ValueFault("MSH-2", declared, Reason.DAMAGED, r"five different separators, such as |^~\&")
    return Separators(*declared[:5])


@lru_cache(maxsize=10_000)
def _begins_segment(head: str, field: str) -> bool:
    return _SEGMENT_NAME.fullmatch(head[:3]) is not None and head[3:] in ("", field)


def _no_segment(lines: list[str], field: str) -> ValueFault:
    number = next(n for n, line in enumerate(lines, 1) if not _begins_segment(line[:4], field))
    expected = f"the name of a segment, such as OBX, at the start of line {number} of the message"
    return ValueFault("", lines[number - 1], Reason.DAMAGED, expected)


def unescape(text: str, separators: Separators = DEFAULT_SEPARATORS) -> str:
    r"""Resolve escape sequences; highlighting and indents vanish, sequences that aren't known stay as they are.

    >>> unescape(r"R\T\D: found down\.br\BP 90\S\60")
    'R&D: found down\nBP 90^60'
    """
    if separators.escape not in text:
        return text
    return _sequence(separators.escape).sub(lambda found: _resolved(found[1], separators), text)


@lru_cache(maxsize=100)
def _sequence(mark: str) -> re.Pattern[str]:
    return re.compile(
        rf"{re.escape(mark)}([FSRETHN]|\.[a-z]{{2}}[+-]?\d*|X(?:[0-9A-Fa-f]{{2}})+){re.escape(mark)}"
    )


def _resolved(sequence: str, separators: Separators) -> str:
    if sequence in _MARKS:
        return separators[_MARKS[sequence]]
    if sequence.startswith("X"):
        return _from_hexadecimal(sequence[1:])
    return "\n" if sequence in _LINE_BREAKS else ""


_MARKS = {"F": 0, "S": 1, "R": 2, "E": 3, "T": 4}
_LINE_BREAKS = (".br", ".ce")


def _from_hexadecimal(digits: str) -> str:
    data = bytes.fromhex(digits)
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def escape(text: str, separators: Separators = DEFAULT_SEPARATORS) -> str:
    r"""Write a text so that no separator and no control character of it is taken for one: `unescape` undoes it.

    >>> escape("R&D\nBP 90^60")
    'R\\T\\D\\.br\\BP 90\\S\\60'
    """
    return text.translate(_escapes(separators))


@lru_cache(maxsize=100)
def _escapes(separators: Separators) -> dict[int, str]:
    sequences = _CONTROLS | {ord(separators[position]): name for name, position in _MARKS.items()}
    return {code: f"{separators.escape}{sequence}{separators.escape}" for code, sequence in sequences.items()}
