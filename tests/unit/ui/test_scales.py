"""Axes: round numbers that hold what is shown."""

from datetime import date, timedelta
from itertools import pairwise
from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughline.ui import scales


@pytest.mark.parametrize(
    ("lowest", "highest", "expected"),
    [
        (0, 17, [0, 5, 10, 15, 20]),
        (0, 3, [0, 1, 2, 3]),
        (0, 0.7, [0, 0.2, 0.4, 0.6, 0.8]),
        (0, 1284, [0, 500, 1000, 1500]),
        (-3, 4, [-4, -2, 0, 2, 4]),
        (0, 0, [0, 0.2, 0.4, 0.6, 0.8, 1]),
    ],
)
def test_ticks_are_round_and_hold_the_values(lowest, highest, expected):
    assert scales.ticks(lowest, highest) == pytest.approx(expected)


@given(st.floats(1e-6, 1e9), st.integers(1, 9))
def test_ticks_are_few_and_evenly_spaced_by_one_two_or_five(highest, most):
    values = scales.ticks(0, highest, most=most)
    steps = [after - before for before, after in pairwise(values)]
    assert len(steps) <= most
    assert values[0] == 0
    assert values[-1] >= highest * (1 - 1e-6)
    assert steps == pytest.approx([steps[0]] * len(steps), rel=1e-3)
    assert f"{steps[0]:.0e}"[0] in "125"


def test_tick_texts_share_their_decimals():
    assert scales.tick_texts([0, 0.5, 1]) == ["0.0", "0.5", "1.0"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(3, "3"), (3.0, "3"), (2.3, "2.3"), (2.345, "2.35"), (52.14, "52.1"), (1284, "1,284"), (-0.5, "-0.5")],
)
def test_values_are_written_with_as_few_digits_as_say_them(value, text):
    assert scales.value_text(value) == text


def test_a_withheld_value_and_a_missing_one_are_told_apart():
    assert scales.value_text(None) == "withheld"
    assert scales.value_text(nan) == "no data"


def test_days_lose_their_year_unless_they_span_most_of_one():
    first = date(2025, 3, 1)
    assert scales.short_labels([first, first + timedelta(days=6)]) == ["Mar 1", "Mar 7"]
    assert scales.short_labels([first, first + timedelta(days=365)]) == ["Mar 2025", "Mar 2026"]
    assert scales.short_labels(["15–24", "25–34"]) == ["15–24", "25–34"]
