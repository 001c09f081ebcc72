"""Lists of simulated people and of real test data, with the pairs that are truly of one person."""

import csv
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import numpy as np

from throughline.city.registers import Register, invent_people, write_register, write_two_registers

SHARED = Path(__file__).parents[1].parent / "shared" / "data" / "linkage"
ABSENT = "../shared, which holds the test data of linkage, is not here"


def one_register(people: int, records: int, seed: int) -> Register:
    """A list in which people occur once, twice or more often."""
    rng = np.random.default_rng(seed)
    invented = invent_people(people, rng)
    return write_register(invented, rng.integers(people, size=records), rng)


def two_registers(people: int, shared: int, seed: int) -> tuple[Register, Register]:
    """Two lists of as many different people, some of whom are in both; those stand first in either."""
    return write_two_registers(people, shared, np.random.default_rng(seed))


def true_pairs(persons) -> set[tuple[int, int]]:
    rows = defaultdict(list)
    for row, person in enumerate(persons):
        rows[person].append(row)
    return {pair for alike in rows.values() for pair in combinations(alike, 2)}


def f1(found: set, true: set) -> float:
    """The harmonic mean of precision and recall."""
    return 2 * len(found & true) / (len(found) + len(true))


def write(path: Path, register: Register) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", *register.columns])
        for row, values in enumerate(zip(*register.columns.values(), strict=True)):
            writer.writerow([row, *(value or "" for value in values)])
    return path
