"""How rare a hotspot is, when the p-value accounts for every night that was looked at."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughline.evidence.surveillance.recurrence import (
    RAISED_FROM_DAYS,
    hopeless_after,
    largest_p_value,
    replicates_needed,
)
from throughline.science.scan.inference import recurrence_interval

LOOKS = st.integers(1, 366)


def test_of_a_single_look_it_is_one_over_p() -> None:
    assert recurrence_interval(0.001, looks=1) == pytest.approx(1000)


@given(looks=LOOKS)
def test_nights_that_show_as_much_with_chance_q_each_come_back_every_one_over_q(looks: int) -> None:
    q = 1 / 200
    at_least_once = 1 - (1 - q) ** looks
    assert recurrence_interval(at_least_once, looks=looks) == pytest.approx(200)


@given(looks=LOOKS)
def test_the_largest_p_value_is_that_of_the_threshold(looks: int) -> None:
    assert recurrence_interval(largest_p_value(looks), looks=looks) == pytest.approx(RAISED_FROM_DAYS)


def test_what_always_happens_happens_every_night() -> None:
    assert recurrence_interval(1.0, looks=30) == 1


@given(looks=LOOKS)
def test_a_scan_that_stops_early_would_not_have_raised_anything(looks: int) -> None:
    """With so many replicates as large, p can't come down to the threshold even if no other one is."""
    replicates = replicates_needed(looks)
    as_large = hopeless_after(looks, replicates)
    assert (as_large + 1) / (replicates + 1) > largest_p_value(looks)


@given(looks=LOOKS)
def test_a_hotspot_that_no_replicate_reaches_is_rare_enough(looks: int) -> None:
    rarest = 1 / (replicates_needed(looks) + 1)
    assert recurrence_interval(rarest, looks=looks) > 2 * RAISED_FROM_DAYS


def test_many_looks_need_fewer_replicates() -> None:
    needed = [replicates_needed(looks) for looks in range(1, 366)]
    assert (needed[0], needed[-1]) == (999, 99)
    assert np.all(np.diff(needed) <= 0)
