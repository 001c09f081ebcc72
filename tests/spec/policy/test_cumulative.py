"""Running totals: of two that are shown, the difference is a count."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughline.policy.cumulative import protect_running_totals


def test_a_total_that_differs_by_a_few_is_withheld():
    """62 came within a day; 4 more within two would be known from 66, so the second total waits for the third."""
    assert protect_running_totals([62, 4, 14, 20]) == [62, None, 80, 100]


def test_a_total_that_leaves_a_few_is_withheld():
    assert protect_running_totals([60, 36, 4]) == [60, None, 100]


def test_a_single_event_is_withheld_too():
    assert protect_running_totals([60, 39, 1]) == [60, None, 100]
    assert protect_running_totals([60, 1, 39]) == [60, None, 100]


def test_what_adds_nothing_is_shown():
    assert protect_running_totals([60, 0, 40]) == [60, 60, 100]


def test_as_many_as_the_minimum_cell_are_shown():
    assert protect_running_totals([10, 10]) == [10, 20]
    assert protect_running_totals([10, 9]) == [None, 19]


def test_of_no_events_every_total_is_none():
    assert protect_running_totals([0, 0]) == [0, 0]
    assert protect_running_totals([]) == []


def test_of_few_events_nothing_is_shown():
    assert protect_running_totals([0, 4, 0]) == [None, None, None]
    assert protect_running_totals([5, 4]) == [None, None]
    assert protect_running_totals([5, 4], minimum_cell=1) == [5, 9]


@given(st.lists(st.integers(0, 40), max_size=8), st.integers(1, 20))
def test_no_difference_of_what_is_shown_is_small(counts, minimum_cell):
    shown = [
        0,
        *(t for t in protect_running_totals(counts, minimum_cell=minimum_cell) if t is not None),
    ]
    assert all(later - earlier == 0 or later - earlier >= minimum_cell for earlier, later in pairwise(shown))


def test_impossible_input_is_refused():
    with pytest.raises(ValueError, match="Expected counts"):
        protect_running_totals([-1])
    with pytest.raises(ValueError, match="minimum cell of 1 or more, got 0"):
        protect_running_totals([1], minimum_cell=0)
