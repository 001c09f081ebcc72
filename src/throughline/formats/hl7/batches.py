"""Takes a file of HL7 v2 messages apart, in bounded memory: batches, line ends and framing bytes as they come."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from throughline.formats.faults import UnreadableFile, shown
from throughline.formats.hl7.framing import END, START
from throughline.formats.limits import MEBIBYTE, Limits
from throughline.formats.tabular import Progress

_HEADS = frozenset({b"MSH", b"FHS", b"BHS", b"BTS", b"FTS"})
_BEGUN_BY = {b"BTS": b"BHS", b"FTS": b"FHS"}
_NAMES = {b"BHS": "a batch (BHS)", b"FHS": "a file (FHS)"}
_BOM = b"\xef\xbb\xbf"
_EXPECTED = "HL7 messages (MSH), with or without batches (BHS to BTS) around them"
_WHOLE = "the file as it was written; this one is cut off, or put together of parts"


@dataclass(slots=True)
class Unparsed:
    """One message as it stands in its file; its number and its first line count from 1."""

    number: int
    line: int
    lines: list[bytes]
    size: int = 0
    framed: bool = False
    ended: bool = False

    @property
    def data(self) -> bytes:
        """The message with its segments ended as the standard wants."""
        return b"\r".join(self.lines)

    @property
    def cut_off(self) -> bool:
        """Whether it began with the mark of a framed message and didn't end with one."""
        return self.framed and not self.ended

    def add(self, line: bytes) -> None:
        if END in line:
            self.ended = True
            line = line.strip(END)
        self.lines.append(line)
        self.size += len(line) + 1


def split_messages(path: Path, limits: Limits, progress: Progress | None = None) -> Iterator[Unparsed]:
    """Every message of a file, in order.

    Raises UnreadableFile, with the line: for what isn't HL7, for a message longer than `limits.line`, and where
    batches or their counts don't fit, which shows at a batch's end only, after its messages.
    """
    envelopes = _Envelopes(path.name)
    message: Unparsed | None = None
    for number, line in _lines(path, limits, progress):
        head = line.lstrip(START)[:3]
        if head in _HEADS:
            if message:
                yield message
            message = envelopes.next(head, number, line)
        elif message:
            message.add(line)
            if message.size > limits.line:
                raise _too_long(path.name, message.line, "message", limits)
        elif line.strip(START + END):
            raise UnreadableFile(path.name, f"line {number:,} is {_text(line)!r}", _EXPECTED)
    if message:
        yield message
    envelopes.close()


class _Envelopes:
    """Follows the headers and trailers of one file, and raises UnreadableFile where they contradict it."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._messages = 0
        self._seen = False
        self._begun_in: dict[bytes, int] = {}  # open envelopes, and the lines where they begin
        self._held = {b"BHS": 0, b"FHS": 0}  # messages of the open batch, batches of the open file

    def next(self, head: bytes, number: int, line: bytes) -> Unparsed | None:
        """Follow one header, trailer or message; the message, if it is one."""
        self._seen = True
        if head in _BEGUN_BY:
            self._end(_BEGUN_BY[head], number, line)
        elif head in self._held:
            self._begin(head, number)
        else:
            return self._message(number, line)
        return None

    def close(self) -> None:
        if not self._seen:
            raise UnreadableFile(self._file, "the file is empty", _EXPECTED)
        for head, number in self._begun_in.items():
            raise self._fault(number, f"begins {_NAMES[head]} that has no end")

    def _message(self, number: int, line: bytes) -> Unparsed:
        self._messages += 1
        self._held[b"BHS"] += 1
        message = Unparsed(self._messages, number, [], framed=line.startswith(START))
        message.add(line.lstrip(START))
        return message

    def _begin(self, head: bytes, number: int) -> None:
        if head in self._begun_in:
            raise self._fault(
                number, f"begins {_NAMES[head]} inside the one of line {self._begun_in[head]:,}"
            )
        self._begun_in[head] = number
        self._held[head] = 0

    def _end(self, head: bytes, number: int, line: bytes) -> None:
        if self._begun_in.pop(head, None) is None:
            raise self._fault(number, f"ends {_NAMES[head]} that was not begun")
        declared, held = _declared_count(line), self._held[head]
        if declared and declared.lstrip("0") != str(held).lstrip("0"):
            what = "messages" if head == b"BHS" else "batches"
            raise self._fault(number, f"announces {declared} {what}, but there are {held:,}")
        if head == b"BHS":
            self._held[b"FHS"] += 1

    def _fault(self, number: int, found: str) -> UnreadableFile:
        return UnreadableFile(self._file, f"line {number:,} {found}", _WHOLE)


def _declared_count(trailer: bytes) -> str:
    """BTS-1 or FTS-1; empty where the sender doesn't count."""
    trailer = trailer.strip(START + END)
    return _text(trailer[4:].split(trailer[3:4])[0].strip()) if len(trailer) > 4 else ""


def _lines(path: Path, limits: Limits, progress: Progress | None) -> Iterator[tuple[int, bytes]]:
    """Every line with its number, whether CR, LF or CR LF ends it; the empty ones are only counted."""
    number, rest = 1, b""
    with path.open("rb") as file:
        while block := file.read(MEBIBYTE):
            *lines, rest = _split(rest + block)
            for line in lines:
                if line:
                    yield number, line.removeprefix(_BOM)
                number += 1
            if len(rest) > limits.line:
                raise _too_long(path.name, number, "line", limits)
            if progress:
                progress(file.tell())
    for line in rest.split(b"\r"):
        if line:
            yield number, line.removeprefix(_BOM)
        number += 1


def _split(block: bytes) -> list[bytes]:
    """Lines, and what is left for the next block: with its CR, to which an LF there may belong."""
    held = b"\r" if block.endswith(b"\r") else b""
    block = block.removesuffix(held).replace(b"\r\n", b"\r").replace(b"\n", b"\r")
    *lines, rest = block.split(b"\r")
    return [*lines, rest + held]


def _too_long(file: str, number: int, what: str, limits: Limits) -> UnreadableFile:
    found = f"the {what} that begins in line {number:,} is longer than {limits.line / MEBIBYTE:g} MB"
    return UnreadableFile(file, found, _EXPECTED)


def _text(line: bytes) -> str:
    return shown(line[:200].decode(errors="backslashreplace"))
