"""Pairs become people: a group is joined where the pairs between weigh enough on average."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughline.science.linkage import weights
from throughline.science.linkage.weights import Weighed, joined


def weighed(*pairs: tuple[int, int, float]) -> Weighed:
    a, b, weight = zip(*pairs, strict=True)
    return Weighed(np.array(a), np.array(b), np.array(weight, dtype=float))


def people(pairs: Weighed, least: float = 0.5) -> set[tuple[int, int]]:
    return {(a, b) for a, b, _ in joined(pairs, least)}


def test_a_pair_is_as_probable_as_its_weight_says():
    assert list(joined(weighed((4, 7, 2.0)), 0.5)) == [(4, 7, pytest.approx(0.8))]


def test_nothing_weighed_is_nobody():
    assert list(joined(Weighed.none(), 0.5)) == []


def test_a_record_that_is_like_two_of_three_is_of_the_same_person():
    together = weighed((0, 1, 9), (0, 2, 9), (1, 2, 9), (0, 3, 4), (1, 3, 4), (2, 3, -1))
    assert people(together) == {(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)}


def test_two_people_are_not_joined_by_one_record_that_is_a_little_like_either():
    """0, 1 and 2, 3 are two people; only 1 and 2 look alike."""
    assert people(weighed((0, 1, 9), (2, 3, 9), (1, 2, 3))) == {(0, 1), (2, 3)}


def test_the_later_of_two_weights_of_a_pair_counts():
    assert people(weighed((0, 1, -5)) + weighed((0, 1, 9))) == {(0, 1)}


def test_a_heap_is_parted_by_heavier_pairs(monkeypatch):
    """Two people who hang together by a light pair, while more than three records are too many at once."""
    monkeypatch.setattr(weights, "MOST_TOGETHER", 3)
    assert people(weighed((0, 1, 9), (1, 2, 1), (2, 3, 9))) == {(0, 1), (2, 3)}


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] < pair[1]),
        st.floats(-10, 10),
        min_size=1,
    )
)
def test_who_is_one_with_a_second_who_is_one_with_a_third_is_one_with_the_third(pairs):
    found = people(weighed(*((a, b, weight) for (a, b), weight in pairs.items())))
    assert {(a, d) for a, b in found for c, d in found if b == c} <= found
