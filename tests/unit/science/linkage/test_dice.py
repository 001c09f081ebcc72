"""Encodings of one person are found in two lists."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from linked import f1, two_registers

from throughline.science.linkage import dice
from throughline.science.linkage.dice import candidates, link_encodings, similarities
from throughline.science.linkage.encoding import Encodings, encodable, encode

SECRET = b"a" * 32


def keyed(keys: list[list[int]]) -> Encodings:
    return Encodings(np.zeros((len(keys), 8), np.uint64), np.array(keys, np.uint64).reshape(len(keys), 2))


def test_dice_is_twice_the_shared_bits_over_all():
    assert similarities(np.array([[0b0111]], np.uint64), np.array([[0b1110]], np.uint64)) == [4 / 6]


def test_nothing_is_not_like_nothing():
    assert similarities(np.zeros((1, 8), np.uint64), np.zeros((1, 8), np.uint64)) == [0]


lists = st.lists(st.lists(st.integers(0, 4), min_size=2, max_size=2), max_size=12)


@given(lists, lists)
def test_candidates_are_the_pairs_that_share_a_key(a, b):
    rows, others = candidates(keyed(a), keyed(b))
    sharing = [
        (i, j)
        for (i, one), (j, other) in product(enumerate(a), enumerate(b))
        if any(x == y != 0 for x, y in zip(one, other, strict=True))
    ]
    assert list(zip(rows.tolist(), others.tolist(), strict=True)) == sharing


def test_a_key_that_everybody_has_is_not_used(monkeypatch):
    monkeypatch.setattr(dice, "MOST_PAIRS_OF_A_KEY", 3)
    everybody = keyed([[7, 1], [7, 2]])
    rows, others = candidates(everybody, everybody)
    assert list(zip(rows.tolist(), others.tolist(), strict=True)) == [(0, 0), (1, 1)]


@pytest.fixture(scope="module")
def registers():
    return two_registers(people=5_000, shared=2_500, seed=10)


def test_people_with_slips_gaps_and_swapped_names_are_found(registers):
    a, b = (encode(encodable(register.columns), SECRET) for register in registers)
    found = {(one, other) for one, other, _ in link_encodings(a, b, least=0.72)}
    assert f1(found, {(row, row) for row in range(2_500)}) >= 0.93


def test_with_a_wrong_secret_nobody_is_found(registers):
    a, b = registers
    mine, theirs = encode(encodable(a.columns), SECRET), encode(encodable(b.columns), b"b" * 32)
    assert link_encodings(mine, theirs, least=0) == []


def test_with_a_wrong_secret_all_pairs_are_alike_by_chance_only(registers):
    """Even without blocking: the likest of 500 is as often the right one as a lot would hit it."""
    a, b = registers
    mine, theirs = encode(encodable(a.columns), SECRET), encode(encodable(b.columns), b"b" * 32)
    rows, others = (side.ravel() for side in np.indices((500, 500)))
    likest = similarities(mine.bits[rows], theirs.bits[others]).reshape(500, 500).argmax(axis=1)
    assert (likest == np.arange(500)).sum() <= 6  # one is expected; 7 or more, by chance, once in 12,000
