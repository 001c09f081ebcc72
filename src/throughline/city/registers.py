"""Writes lists of people in which some occur more than once, with slips, so that linkage can be put to the test."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from string import ascii_lowercase, digits

import numpy as np
from numpy.typing import NDArray

Columns = dict[str, list[str | None]]
GIVEN_NAMES, SURNAMES, POSTCODES = 1_500, 12_000, 300
OLDEST, DAYS = date(1930, 1, 1), 80 * 365
MISSING = {
    "given_name": 0.02,
    "surname": 0.01,
    "date_of_birth": 0.03,
    "sex": 0.02,
    "postcode": 0.05,
    "phone": 0.2,
}
MISTYPED = {
    "given_name": 0.1,
    "surname": 0.1,
    "date_of_birth": 0.06,
    "sex": 0.0,
    "postcode": 0.03,
    "phone": 0.04,
}
MOVED, SWAPPED = 0.1, 0.03
"""Who has another postcode and phone by now, and whose names have changed places."""


@dataclass(frozen=True, slots=True, eq=False)
class Register:
    """Records of people: what the list says, and which person each is of, which no list would say."""

    columns: Columns
    person: NDArray[np.int64]


def invent_people(count: int, rng: np.random.Generator) -> list[dict[str, str]]:
    """People whose names are shared as in life: the rank of a name times its frequency is about constant (Zipf)."""
    given = _pick(_names(GIVEN_NAMES, 2, rng), count, rng)
    surnames = _pick(_names(SURNAMES, 3, rng), count, rng)
    births = [(OLDEST + timedelta(days=int(day))).isoformat() for day in rng.integers(DAYS, size=count)]
    sexes = rng.choice(["f", "m"], size=count).tolist()
    return [
        {"given_name": first, "surname": last, "date_of_birth": birth, "sex": sex, **_home(rng)}
        for first, last, birth, sex in zip(given, surnames, births, sexes, strict=True)
    ]


def write_register(
    people: Sequence[dict[str, str]], who: NDArray[np.int64], rng: np.random.Generator
) -> Register:
    """A record for each index in `who`, in that order, with slips of its own."""
    records = [_written(people[index], rng) for index in who.tolist()]
    return Register({field: [record[field] for record in records] for field in MISSING}, who)


def write_two_registers(people: int, shared: int, rng: np.random.Generator) -> tuple[Register, Register]:
    """Two lists of as many people each, some of whom are in both; those stand first in either."""
    invented = invent_people(2 * people - shared, rng)
    others = np.arange(people, 2 * people - shared)
    return (
        write_register(invented, np.arange(people), rng),
        write_register(invented, np.concatenate([np.arange(shared), others]), rng),
    )


def _written(person: dict[str, str], rng: np.random.Generator) -> dict[str, str | None]:
    told = dict(person)
    moved, swapped = rng.random(2) < (MOVED, SWAPPED)
    if moved:
        told |= _home(rng)
    if swapped:
        told["given_name"], told["surname"] = told["surname"], told["given_name"]
    mistyped, missing = rng.random((2, len(MISSING)))
    for field, chance in zip(MISSING, mistyped, strict=True):
        if chance < MISTYPED[field]:
            told[field] = mistype(told[field], rng)
    return {
        field: None if chance < MISSING[field] else told[field]
        for field, chance in zip(MISSING, missing, strict=True)
    }


def mistype(text: str, rng: np.random.Generator) -> str:
    """One slip of a key: a character left out, doubled, replaced, or two of them in the wrong order (Damerau 1964)."""
    at = int(rng.integers(len(text)))
    other = str(rng.choice(list(digits if text[at].isdigit() else ascii_lowercase)))
    match rng.integers(4):
        case 0:
            return text[:at] + text[at + 1 :]
        case 1:
            return text[:at] + text[at] + text[at:]
        case 2:
            return text[:at] + other + text[at + 1 :]
    return text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :]


def _home(rng: np.random.Generator) -> dict[str, str]:
    return {"postcode": f"{10_000 + rng.integers(POSTCODES)}", "phone": f"555{rng.integers(10**7):07}"}


def _names(count: int, syllables: int, rng: np.random.Generator) -> list[str]:
    consonants, vowels = [*"bdfghjklmnprstvwz", "ch", "br", "st"], list("aeiou")
    drawn: dict[str, None] = {}
    while len(drawn) < count:
        drawn["".join(f"{rng.choice(consonants)}{rng.choice(vowels)}" for _ in range(syllables))] = None
    return list(drawn)


def _pick(names: Sequence[str], count: int, rng: np.random.Generator) -> list[str]:
    frequency = 1 / (np.arange(len(names)) + 10.0)
    return [
        names[index] for index in rng.choice(len(names), size=count, p=frequency / frequency.sum()).tolist()
    ]
