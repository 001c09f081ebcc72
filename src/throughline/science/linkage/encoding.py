"""Encodes people so that records of one person stay alike, while nobody without the secret can read them.

Cryptographic long-term keys (Schnell, Bachteler & Reiher 2011): the parts of all fields of a record are hashed into
one row of bits. Each part is hashed with HMAC-SHA256 under a key of its field, and sets bits at independent places cut
out of the digest, not at those of double hashing, which can be solved (Niedermeyer et al. 2014). Then the row is folded
by XOR (Schnell & Borgs 2016).
"""

import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from throughline.science.linkage.fields import Field, Kind, Values, fields_of
from throughline.science.linkage.keys import derive_key
from throughline.science.linkage.phonetics import soundex

PLACE_BITS = 10
UNFOLDED, FOLDED = 1 << PLACE_BITS, 1 << (PLACE_BITS - 1)
NAMES = (Kind.GIVEN_NAME, Kind.SURNAME, Kind.NAME)
BITS_OF_A_PART = {
    **dict.fromkeys(NAMES, 16),
    Kind.BIRTH: 20,
    Kind.NUMBER: 8,
    Kind.PHONE: 6,
    Kind.EMAIL: 4,
    Kind.POSTCODE: 6,
    Kind.SEX: 8,
}
"""The weight of each field; up to 25, as many places as a digest holds."""
LOOKED_UP = {Kind.BIRTH, Kind.NUMBER, Kind.PHONE, Kind.EMAIL, Kind.POSTCODE}
KEYS = 6
Record = Mapping[Field, str]


@dataclass(frozen=True, slots=True, eq=False)
class Encodings:
    """A row of 512 bits for each record, as 8 words, and its hashed keys of blocking, 0 where it lacks a field."""

    bits: NDArray[np.uint64]
    keys: NDArray[np.uint64]


def encodable(columns: Mapping[str, Values]) -> dict[Field, list[str | None]]:
    """The fields that encodings are made of; none unless there are two, and one to look records up by."""
    fields = {field: values for field, values in fields_of(columns).items() if field.kind in BITS_OF_A_PART}
    return fields if len(fields) > 1 and {field.kind for field in fields} & LOOKED_UP else {}


def encode(fields: Mapping[Field, Values], secret: bytes) -> Encodings:
    """Encodings of people under an agreement's secret. Raises ShortSecretError."""
    mark, hashed = _marker(secret), _hasher(secret)
    rows = zip(*fields.values(), strict=True)
    records = [{field: value for field, value in zip(fields, row, strict=True) if value} for row in rows]
    folded = b"".join(_folded(mark, record).to_bytes(FOLDED // 8, "little") for record in records)
    keys = [[hashed(*key) for key in enumerate(blocking_keys(record))] for record in records]
    return Encodings(
        np.frombuffer(folded, dtype="<u8").reshape(len(records), -1).astype(np.uint64),
        np.array(keys, dtype=np.uint64),
    )


def parts_of(kind: Kind, value: str) -> Iterator[str]:
    """Pairs of letters that stand side by side; of days, the digits with their places."""
    if kind is Kind.BIRTH:
        return (f"{place}{digit}" for place, digit in enumerate(value.replace("-", "")))
    return (a + b for word in value.split() for a, b in pairwise(f"_{word}_"))


def blocking_keys(record: Record) -> Sequence[str]:
    """What records are looked up by; each is so rare that how often it occurs says little. Empty where a field lacks.

    Names are in the order of the alphabet, as given name and surname may have changed places.
    """
    told = {field.kind: value for field, value in record.items()}
    words = [soundex(word) for kind in NAMES for word in told.get(kind, "").split()]
    names = " ".join(sorted(words)) if len(words) > 1 else ""
    birth = told.get(Kind.BIRTH, "")
    single = [birth, *(told.get(kind, "") for kind in (Kind.NUMBER, Kind.PHONE, Kind.EMAIL))]
    double = [(names, birth[:4]), (names, told.get(Kind.POSTCODE, ""))]
    return [*single, *("|".join(both) if all(both) else "" for both in double)]


def _marker(secret: bytes) -> Callable[[Kind, str], int]:
    """The bits of one part. Names share a key, so that they may change places."""
    keys = {kind: derive_key(secret, f"bits {kind}") for kind in BITS_OF_A_PART}
    keys |= dict.fromkeys(NAMES, derive_key(secret, "bits of names"))

    @cache
    def mark(kind: Kind, part: str) -> int:
        digest = int.from_bytes(hmac.digest(keys[kind], part.encode(), "sha256"), "little")
        places = (digest >> (PLACE_BITS * number) & (UNFOLDED - 1) for number in range(BITS_OF_A_PART[kind]))
        return sum(1 << place for place in set(places))

    return mark


def _folded(mark: Callable[[Kind, str], int], record: Record) -> int:
    row = 0
    for field, value in record.items():
        for part in parts_of(field.kind, value):
            row |= mark(field.kind, part)
    return (row >> FOLDED) ^ (row & ((1 << FOLDED) - 1))


def _hasher(secret: bytes) -> Callable[[int, str], int]:
    """64 bits for a key of blocking, 0 for none; the same text as another key gives other bits."""
    key = derive_key(secret, "blocking")

    def hashed(number: int, text: str) -> int:
        if not text:
            return 0
        return int.from_bytes(hmac.digest(key, f"{number} {text}".encode(), "sha256")[:8], "little")

    return hashed
