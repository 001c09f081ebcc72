"""Cuts a file of JSON into its documents in bounded memory, and parses each without trusting it."""

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from throughline.formats.faults import Reason, UnreadableFile, ValueFault, shown
from throughline.formats.limits import MEBIBYTE, Limits

_MARK = re.compile(rb'(?:[^"{}\[\]]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+([{}\[\]])', re.DOTALL)
"""What opens or closes something, behind plain values and whole texts; possessive, so that nothing is tried twice."""
_BLANKS = b" \t\r\n"
_WORD = re.compile(r"[^\s,:\]}]{1,40}|\S")
_LONE_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_EXPECTED = "JSON: one document, a list of them, or one after the other"


class JsonDocument(NamedTuple):
    """One document as it stands in its file, from the line (from 1) where it begins."""

    line: int
    text: bytes


def json_documents(file: BinaryIO, name: str, limits: Limits) -> Iterator[JsonDocument]:
    """The documents of a file that holds one, a list of them, or one after the other (NDJSON).

    Only brackets and quotation marks are looked at. Raises UnreadableFile where they don't match, for anything
    that stands outside, and for documents that are larger or nest deeper than `limits` allow.
    """
    cutter = _Cutter(name, limits, file.read(len(_BYTE_ORDER_MARK)).removeprefix(_BYTE_ORDER_MARK))
    while block := file.read(MEBIBYTE):
        yield from cutter.feed(block)
    yield from cutter.feed(b"")
    cutter.close()


class _Cutter:
    """Holds what has been read and not cut off yet: a document from its start on, or nothing between two.

    A list at the top is looked into, so that its members are the documents.
    """

    def __init__(self, name: str, limits: Limits, text: bytes) -> None:
        self._name = name
        self._limits = limits
        self._text = text
        self._start = 0
        self._scanned = 0
        self._line = 1
        self._depth = 0
        self._in_list = False

    def feed(self, block: bytes) -> Iterator[JsonDocument]:
        self._text += block
        while found := _MARK.match(self._text, self._scanned):
            self._scanned = found.end()
            if not self._depth:
                self._step_over(found.start(1))
            if self._closes_document(found[1]):
                yield JsonDocument(self._line, self._text[self._start : self._scanned])
            if not self._depth:
                self._advance(self._scanned)
        if not self._depth:
            self._step_over(len(self._text))
        self._drop()

    def close(self) -> None:
        if self._depth or self._in_list:
            kind = "document" if self._depth else "list"
            raise self._fault(f"a {kind} that never ends", "a whole file")

    def _closes_document(self, mark: bytes) -> bool:
        """Go over one mark."""
        if not self._depth and mark == (b"]" if self._in_list else b"["):
            self._in_list = not self._in_list
            return False
        if mark in (b"{", b"["):
            self._open()
            return False
        if not self._depth:
            raise self._fault(f"{mark.decode()} outside of a document", _EXPECTED)
        self._depth -= 1
        return not self._depth

    def _open(self) -> None:
        self._depth += 1
        if self._depth > self._limits.json_depth:
            found = f"a document that nests deeper than {self._limits.json_depth} levels"
            raise self._fault(found, "a plainer one")

    def _step_over(self, end: int) -> None:
        """Between documents nothing may stand but blanks, and commas in a list."""
        rest = self._text[self._start : end].lstrip(_BLANKS + b"," if self._in_list else _BLANKS)
        self._advance(end - len(rest))
        if rest:
            word = _WORD.match(rest[:200].decode(errors="replace"))
            raise self._fault(f"{shown(word[0] if word else '')!r} outside of a document", _EXPECTED)

    def _advance(self, end: int) -> None:
        self._line += self._text.count(b"\n", self._start, end)
        self._start = end

    def _drop(self) -> None:
        self._text = self._text[self._start :]
        self._scanned = max(self._scanned - self._start, 0)
        self._start = 0
        if len(self._text) > self._limits.json_record:
            found = f"a document of more than {self._limits.json_record / MEBIBYTE:g} MB"
            raise self._fault(found, "smaller documents")

    def _fault(self, found: str, expected: str) -> UnreadableFile:
        return UnreadableFile(self._name, f"line {self._line} has {found}", expected)


def parse_json(document: JsonDocument) -> Any:
    """The document's values. Numbers stay as they are written, so that none is too large or loses a digit.

    Raises ValueFault with line and column for broken JSON, names that stand twice in an object, and bytes that
    are no text.
    """
    try:
        text = document.text.decode()
        values = json.loads(
            text, object_pairs_hook=_object, parse_int=str, parse_float=str, parse_constant=_no_number
        )
        if _LONE_SURROGATE.search(document.text):
            json.dumps(values, ensure_ascii=False).encode()
    except UnicodeDecodeError as fault:
        lines = document.text[: fault.start].split(b"\n")
        byte = f"byte 0x{document.text[fault.start]:02x}"
        raise _broken(document, len(lines), len(lines[-1]) + 1, byte, "text in UTF-8") from None
    except UnicodeEncodeError:
        raise _broken(document, 1, 1, "half of a surrogate pair", "whole characters") from None
    except json.JSONDecodeError as fault:
        word = _WORD.match(text[fault.pos :])
        raise _broken(
            document, fault.lineno, fault.colno, word[0] if word else "", _wanted(fault.msg)
        ) from None
    except _Refused as refused:
        raise _broken(document, 1, 1, str(refused), "names that stand once, and numbers") from None
    return values


class _Refused(Exception):
    """What Python's JSON reader would take, and the standard doesn't."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _value in pairs]
        raise _Refused(f"the name {next(name for name in names if names.count(name) > 1)!r} twice")
    return values


def _no_number(name: str) -> Any:
    raise _Refused(name)


def _wanted(message: str) -> str:
    """What Python's reader missed, in its words: "Expecting ',' delimiter" or "Invalid control character at"."""
    wanted = message.removeprefix("Expecting ")
    return f"JSON ({message})" if wanted == message else f"JSON, here a {wanted}"


def _broken(document: JsonDocument, line: int, column: int, found: str, expected: str) -> ValueFault:
    where = f"line {document.line + line - 1}, column {column}"
    return ValueFault(where, shown(found), Reason.BROKEN_JSON, expected)
