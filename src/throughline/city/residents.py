"""Says how the residents of a place divide by age, sex, race and ethnicity, and who of them overdoses."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from throughline.city.chance import apportion
from throughline.formats.event import AGE_GROUPS

Strata = Mapping[tuple[str, str], int]
"""Residents by dimension and value, such as ("age_group", "20-29")."""

SHARES: Mapping[str, Mapping[str, float]] = {
    "age_group": dict(zip(AGE_GROUPS, (0.245, 0.15, 0.145, 0.12, 0.12, 0.115, 0.07, 0.035), strict=True)),
    "sex": {"female": 0.51, "male": 0.49},
    "race": {"White": 0.58, "Black": 0.27, "Asian": 0.05, "Other": 0.10},
    "ethnicity": {"Hispanic": 0.16, "Not Hispanic": 0.84},
}
# How alike places are: Dirichlet concentrations. Ages differ little between neighbourhoods, races much.
_ALIKE = {"age_group": 400.0, "sex": 2000.0, "race": 8.0, "ethnicity": 12.0}
_AGES_AT_RISK = (0.03, 0.16, 0.28, 0.22, 0.17, 0.11, 0.025, 0.005)  # of those who overdose, by AGE_GROUPS
_MEN_AT_RISK = 0.69


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who overdosed, described as agencies describe people."""

    age: int
    sex: str
    race: str
    ethnicity: str


def strata_of(population: int, rng: np.random.Generator) -> Strata:
    """A place's own division of its residents; each dimension adds up to the population."""
    strata: dict[tuple[str, str], int] = {}
    for dimension, shares in SHARES.items():
        local = rng.dirichlet(_ALIKE[dimension] * np.array(list(shares.values())))
        counts = apportion(population, local)
        strata |= {(dimension, value): int(n) for value, n in zip(shares, counts, strict=True)}
    return strata


def sum_of(parts: Sequence[Strata]) -> Strata:
    total: Counter[tuple[str, str]] = Counter()
    for part in parts:
        total.update(part)
    return {key: total[key] for key in parts[0]}


def draw_people(strata: Strata, count: int, rng: np.random.Generator) -> list[Person]:
    """People who overdose: mostly men of working age, otherwise like the residents of their place."""
    columns = zip(
        _ages(count, rng),
        rng.choice(["male", "female"], count, p=[_MEN_AT_RISK, 1 - _MEN_AT_RISK]).tolist(),
        _like_residents(strata, "race", count, rng),
        _like_residents(strata, "ethnicity", count, rng),
        strict=True,
    )
    return [Person(*column) for column in columns]


def _ages(count: int, rng: np.random.Generator) -> list[int]:
    decades = rng.choice(len(AGE_GROUPS), count, p=_AGES_AT_RISK)
    return [int(age) for age in 10 * (decades + 1) + rng.integers(0, 10, count)]


def _like_residents(strata: Strata, dimension: str, count: int, rng: np.random.Generator) -> list[str]:
    residents = {value: n for (name, value), n in strata.items() if name == dimension}
    shares = np.array(list(residents.values())) / sum(residents.values())
    return [str(value) for value in rng.choice(list(residents), count, p=shares)]
