from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughline.science.change import (
    baseline_window,
    comparison_places,
    pooled_dispersion,
    rate_ratio_change,
)

counts = st.integers(0, 1000)


def change(before, after, comparison_before, comparison_after, **settings):
    defaults = {"days_before": 56, "days_after": 56}
    return rate_ratio_change(
        before=before,
        after=after,
        comparison_before=comparison_before,
        comparison_after=comparison_after,
        **(defaults | settings),
    )


@given(counts, counts, counts, counts)
def test_swapping_before_and_after_inverts_the_ratio(before, after, other_before, other_after):
    forth = change(before, after, other_before, other_after).ratio_of_rate_ratios
    back = change(after, before, other_after, other_before).ratio_of_rate_ratios
    assert forth.estimate == pytest.approx(1 / back.estimate)
    assert forth.lower == pytest.approx(1 / back.upper)


@given(counts, counts, counts, counts)
def test_the_verdict_follows_from_the_interval(before, after, other_before, other_after):
    result = change(before, after, other_before, other_after)
    interval = result.ratio_of_rate_ratios
    assert interval.lower <= interval.estimate <= interval.upper
    assert (result.verdict == "cannot tell") == (interval.lower <= 1 <= interval.upper)


@given(counts, counts)
def test_what_happens_everywhere_is_no_effect(before, after):
    result = change(before, after, before, after)
    assert result.ratio_of_rate_ratios.estimate == pytest.approx(1)
    assert result.verdict == "cannot tell"


def test_nothing_anywhere_gives_a_wide_interval_and_no_verdict():
    result = change(0, 0, 0, 0)
    assert result.verdict == "cannot tell"
    assert result.ratio_of_rate_ratios.upper > 10


def test_unequal_lengths_are_rates_not_counts():
    result = change(100, 50, 100, 50, days_before=56, days_after=28)
    assert result.rate_ratio.estimate == pytest.approx(1)


def test_restless_counts_widen_the_interval():
    assert change(60, 36, 100, 100).verdict == "fewer"
    assert change(60, 36, 100, 100, dispersion=3.0).verdict == "cannot tell"


def test_the_interval_covers_no_effect_as_often_as_it_says():
    random = np.random.default_rng(4)
    draws = random.poisson([30, 30, 80, 80], (2000, 4))
    told = np.mean([change(*map(int, draw)).verdict != "cannot tell" for draw in draws])
    assert told == pytest.approx(0.05, abs=0.015)


@given(st.integers(1, 400), st.integers(0, 60))
def test_the_baseline_ends_before_the_guard_and_has_its_length(days, guard):
    window = baseline_window(signal_start=date(2020, 6, 1), days=days, guard=guard)
    assert window.days == days
    assert (date(2020, 6, 1) - window.ends_on).days == guard + 1


def test_comparison_places_leave_out_treated_excluded_and_empty_places():
    chosen = comparison_places(
        baseline_events=[10, 11, 9, 10, 0], population=[100, 100, 100, 100, 0], treated=[0], excluded=[1]
    )
    assert chosen.tolist() == [3, 2]


def test_comparison_places_may_be_none():
    assert comparison_places(baseline_events=[50, 1], population=[100, 100], treated=[0]).size == 0


@pytest.mark.parametrize(
    ("arguments", "settings", "message"),
    [
        ((-1, 1, 1, 1), {}, "0 or more"),
        ((1, float("nan"), 1, 1), {}, "0 or more"),
        ((1, 1, 1, 1), {"days_before": 0}, "more than 0"),
        ((1, 1, 1, 1), {"confidence": 95}, "between 0 and 1"),
        ((1, 1, 1, 1), {"dispersion": 0.5}, "at least 1"),
    ],
)
def test_impossible_changes_are_refused(arguments, settings, message):
    with pytest.raises(ValueError, match=message):
        change(*arguments, **settings)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"baseline_events": [1], "population": [1, 2], "treated": [0]}, "one value per place"),
        ({"baseline_events": [1, -2], "population": [1, 2], "treated": [0]}, "baseline_events must be"),
        ({"baseline_events": [1, 2], "population": [1, np.nan], "treated": [0]}, "population must be"),
        ({"baseline_events": [1, 2], "population": [1, 2], "treated": []}, "at least one place"),
        ({"baseline_events": [1, 2], "population": [1, 2], "treated": [2]}, "between 0 and 1"),
    ],
)
def test_places_that_do_not_fit_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        comparison_places(**arguments)


def test_a_baseline_needs_a_day():
    with pytest.raises(ValueError, match="days must be at least 1"):
        baseline_window(signal_start=date(2020, 6, 1), days=0)


def test_dispersion_is_pearsons_chi_square_over_degrees_of_freedom():
    # Means 2 and 3: (4 + 4 + 4 + 4) / 2 = 8 and (9 + 9 + 9 + 9) / 3 = 12, with 3 degrees of freedom each.
    assert pooled_dispersion([0, 4, 0, 4], [6, 0, 0, 6]) == pytest.approx(20 / 6)


def test_dispersion_of_poisson_counts_is_near_1_and_of_clusters_their_size():
    counts = np.random.default_rng(7).poisson(4, 20_000)
    assert pooled_dispersion(counts) == pytest.approx(1, abs=0.05)
    assert pooled_dispersion(3 * counts) == pytest.approx(3, abs=0.15)


@given(st.lists(st.integers(0, 50)), st.lists(st.integers(0, 50)))
def test_dispersion_is_never_below_1(here, elsewhere):
    assert pooled_dispersion(here, elsewhere) >= 1


def test_groups_without_events_tell_nothing_about_dispersion():
    assert pooled_dispersion([0, 4, 0, 4], [0] * 100) == pooled_dispersion([0, 4, 0, 4])
    assert pooled_dispersion([0, 0]) == pooled_dispersion() == 1


@pytest.mark.parametrize("days", [[-1, 2], [[1, 2]], [float("nan")]])
def test_dispersion_refuses_what_are_no_daily_counts(days):
    with pytest.raises(ValueError, match="daily counts"):
        pooled_dispersion(days)
