"""Keeps the key of an agreement, and encodings made under it, in files."""

import json
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Self

import numpy as np

from throughline.cli.faults import Fault
from throughline.cli.scan.rows import read_text
from throughline.formats.faults import shown
from throughline.science.linkage.encoding import FOLDED, KEYS, Encodings
from throughline.science.linkage.keys import SECRET_BYTES, derive_key

FORMAT = "throughline encodings 1"
WORDS_OF_BITS = FOLDED // 64
DIGITS = (WORDS_OF_BITS + KEYS) * 16
HEXADECIMAL = re.compile(r"[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class AgreedKey:
    """The secret that the parties of an agreement share, and until when they may use it."""

    agreement: str
    expires_on: date
    secret: bytes

    @classmethod
    def new(cls, agreement: str, expires_on: date) -> Self:
        return cls(agreement, expires_on, secrets.token_bytes(SECRET_BYTES))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raises Fault where the file holds no key, or too short a one."""
        told = _json(path, read_text(path), "a key file, as `throughline make-linkage-key` writes it")
        try:
            key = cls(
                str(told["agreement"]),
                date.fromisoformat(told["expires_on"]),
                bytes.fromhex(told["secret"]),
            )
        except (KeyError, TypeError, ValueError):
            raise Fault(
                f"{path}: Expected agreement, expires_on (a day such as 2027-03-01) and secret (hex)."
            ) from None
        if len(key.secret) < SECRET_BYTES:
            raise Fault(f"{path}: a secret of {len(key.secret)} bytes. Expected {SECRET_BYTES} or more.")
        return key

    def write(self, path: Path) -> None:
        """A new file that only its owner can read."""
        told = {"agreement": self.agreement, "expires_on": str(self.expires_on), "secret": self.secret.hex()}
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise Fault(
                f"{path}: is there already. Expected a new name: a key is never written over."
            ) from None
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")

    @property
    def check(self) -> str:
        """Tells keys apart, and nothing of the key."""
        return derive_key(self.secret, "check").hex()[:16]


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """What one agency sends: encodings, the agreement that they are made under, and the fields in them."""

    agreement: str
    expires_on: date
    key_check: str
    fields: tuple[str, ...]
    encodings: Encodings


def write_encoded(path: Path, encoded: Encoded) -> None:
    """A line that says what it is, and one of digits for each record; the file appears whole or not at all."""
    head = {
        "format": FORMAT,
        "agreement": encoded.agreement,
        "expires_on": str(encoded.expires_on),
        "key_check": encoded.key_check,
        "fields": encoded.fields,
    }
    words = np.hstack([encoded.encodings.bits, encoded.encodings.keys]).astype("<u8")
    lines = [json.dumps(head), *(row.tobytes().hex() for row in words)]
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_text("\n".join(lines) + "\n", encoding="utf-8")
    unfinished.replace(path)


def read_encoded(path: Path) -> Encoded:
    """Raises Fault, with the line, where the file doesn't hold encodings."""
    head, *lines = read_text(path).splitlines() or [""]
    told = _json(path, head, "encodings, as `throughline encode` writes them")
    try:
        agreed = str(told["agreement"]), date.fromisoformat(told["expires_on"]), str(told["key_check"])
        fields = tuple(map(str, told["fields"]))
    except (KeyError, TypeError, ValueError):
        raise Fault(f"{path}, line 1: Expected agreement, expires_on, key_check, fields.") from None
    if told.get("format") != FORMAT or not lines:
        raise Fault(f"{path}: Expected {FORMAT!r}, and one record or more.")
    content = b"".join(_words(path, lines))
    words = np.frombuffer(content, dtype="<u8").reshape(len(lines), -1).astype(np.uint64)
    return Encoded(*agreed, fields, Encodings(words[:, :WORDS_OF_BITS], words[:, WORDS_OF_BITS:]))


def check_together(a: Path, one: Encoded, b: Path, other: Encoded, today: date) -> None:
    """Raises Fault for encodings that have expired, or weren't made to be compared."""
    for path, encoded in ((a, one), (b, other)):
        if encoded.expires_on < today:
            raise Fault(
                f"{path}: expired on {encoded.expires_on}. Expected encodings that may still be used."
            )
    for what, mine, theirs in (
        ("agreement", one.agreement, other.agreement),
        ("key (by its check)", one.key_check, other.key_check),
        ("fields", ", ".join(one.fields), ", ".join(other.fields)),
    ):
        if mine != theirs:
            raise Fault(f"{b}: {what} {shown(theirs)!r}. Expected {shown(mine)!r}, as in {a}.")


def _words(path: Path, lines: list[str]) -> Iterator[bytes]:
    for number, line in enumerate(lines, 2):
        if len(line) != DIGITS or not HEXADECIMAL.fullmatch(line):
            raise Fault(f"{path}, line {number}: {shown(line)!r}. Expected {DIGITS} hexadecimal digits.")
        yield bytes.fromhex(line)


def _json(path: Path, text: str, expected: str) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise Fault(f"{path}: Expected {expected}.")
    return told
