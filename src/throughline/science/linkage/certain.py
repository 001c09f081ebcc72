"""Finds pairs of records that agree exactly on so many fields that nothing needs weighing."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

import numpy as np

from throughline.science.linkage.fields import Field, Kind, Values
from throughline.science.linkage.weights import MOST_WEIGHT, Weighed

ENOUGH = (
    (Kind.GIVEN_NAME, Kind.SURNAME, Kind.BIRTH),
    (Kind.NAME, Kind.BIRTH),
    (Kind.NUMBER, Kind.BIRTH, Kind.SURNAME),
    (Kind.NUMBER, Kind.BIRTH, Kind.GIVEN_NAME),
)
"""A number alone is mistyped or shared."""


def certain(fields: Mapping[Field, Values]) -> Weighed:
    """Rows that agree on one of these sets of fields, each with the next that does."""
    pairs = sorted({pair for kinds in ENOUGH for pair in _agreeing(fields, kinds)})
    a, b = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return Weighed(a, b, np.full(len(pairs), MOST_WEIGHT))


def _agreeing(fields: Mapping[Field, Values], kinds: tuple[Kind, ...]) -> Iterator[tuple[int, int]]:
    if not all(Field(kind) in fields for kind in kinds):
        return
    rows = dict[tuple[str | None, ...], list[int]]()
    for row, told in enumerate(zip(*(fields[Field(kind)] for kind in kinds), strict=True)):
        if all(told):
            rows.setdefault(told, []).append(row)
    for alike in rows.values():
        yield from pairwise(alike)
