import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import nbinom

from throughline.science.spikes import daily_spikes, day_threshold, ears

histories = arrays(np.int64, st.tuples(st.integers(1, 4), st.integers(20, 80)), elements=st.integers(0, 40))


@given(counts=histories)
def test_each_series_is_judged_alone(counts):
    together = daily_spikes(counts)
    for series, own in enumerate(counts):
        alone = daily_spikes(own)
        assert alone.alarm[0] == together.alarm[series]
        np.testing.assert_array_equal(alone.upper_bound[0], together.upper_bound[series])


@given(counts=histories)
def test_a_count_alarms_exactly_when_it_exceeds_the_upper_bound(counts):
    result = daily_spikes(counts)
    np.testing.assert_array_equal(result.alarm, result.observed > result.upper_bound)


@given(counts=histories, more=st.integers(1, 50))
def test_more_cases_today_never_silence_an_alarm(counts, more):
    higher = counts.copy()
    higher[:, -1] += more
    assert not (daily_spikes(counts).alarm & ~daily_spikes(higher).alarm).any()


@given(counts=histories)
def test_fewer_than_the_minimum_never_alarms(counts):
    counts[:, -1] = 2
    assert not daily_spikes(counts).alarm.any()


@given(counts=histories)
def test_the_last_day_is_judged_alike_in_one_day_and_in_all(counts):
    np.testing.assert_array_equal(
        day_threshold(counts).threshold[:, 0], day_threshold(counts, last=None).threshold[:, -1]
    )


@settings(max_examples=50)
@given(total=st.integers(0, 600), budget=st.floats(0.05, 10))
def test_threshold_is_the_smallest_count_within_the_budget(total, budget):
    counts = np.full(59, total // 56)
    counts[: total % 56] += 1
    result = day_threshold(counts, false_alarms_per_month=budget, minimum_count=1)
    size, mean = total + 0.5, (total + 0.5) / 56
    threshold = result.threshold[0]
    chance = nbinom.sf(threshold - 1, size, size / (size + mean))
    assert chance <= budget / 30 * (1 + 1e-9)
    assert threshold == 1 or nbinom.sf(threshold - 2, size, size / (size + mean)) > budget / 30 * (1 - 1e-9)


def test_a_restless_history_raises_the_threshold():
    calm, restless = np.tile([4, 6], 30), np.tile([0, 10], 30)
    assert day_threshold(restless).threshold[0] > day_threshold(calm).threshold[0]


def test_p_value_of_a_day_without_cases_is_one():
    assert day_threshold(np.r_[np.ones(40), 0]).p_value[0] == 1


def test_two_weeks_of_history_are_needed():
    assert not day_threshold(np.r_[np.zeros(15), 50]).alarm[0]
    assert day_threshold(np.r_[np.zeros(16), 50]).alarm[0]


def test_a_flat_baseline_alarms_at_any_excess_unless_a_minimum_sigma_is_set():
    counts = np.r_[np.zeros(9), 1]
    assert ears(counts).alarm[-1]
    assert not ears(counts, minimum_sigma=0.5).alarm[-1]


@pytest.mark.parametrize("method", ["C1", "C2", "C3"])
def test_series_and_days_give_the_same_as_days_alone(method):
    counts = np.random.default_rng(1).poisson(3, (3, 60))
    together = ears(counts, method=method)
    for series, own in enumerate(counts):
        np.testing.assert_array_equal(together.upper_bound[series], ears(own, method=method).upper_bound)


def test_false_alarms_stay_within_one_per_place_and_month():
    counts = np.random.default_rng(2).poisson(np.repeat([0.5, 2, 8, 20], 100)[:, None], (400, 159))
    alarms = [daily_spikes(counts[:, :day]).alarm for day in range(60, 160)]
    by_volume = np.mean(alarms, axis=0).reshape(4, 100).mean(axis=1) * 30
    assert (by_volume < 1).all()


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([1, 2, np.nan], "without gaps"),
        ([1, 2, -1], "0 or more, got -1"),
        ([1, 2.5], "whole numbers"),
        (["a", "b"], "without gaps"),
        ([[[1]]], r"shape \(days,\) or \(series, days\), got \(1, 1, 1\)"),
        ([], r"got \(0,\)"),
    ],
)
def test_what_is_not_a_count_is_refused(counts, message):
    for rule in (ears, day_threshold, daily_spikes):
        with pytest.raises(ValueError, match=message):
            rule(counts)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"window": 7}, "window must have at least 14 days, got 7"),
        ({"guard": -1}, "guard must be at least 0"),
        ({"minimum_count": 0}, "minimum_count at least 1"),
        ({"false_alarms_per_month": 0}, "between 0 and 15, got 0"),
    ],
)
def test_settings_that_make_no_rule_are_refused(setting, message):
    for rule in (day_threshold, daily_spikes):
        with pytest.raises(ValueError, match=message):
            rule(np.ones(60), **setting)


def test_unknown_method_and_short_baseline_are_refused():
    with pytest.raises(ValueError, match="C1, C2 or C3, got 'C4'"):
        ears([1, 2], method="C4")
    with pytest.raises(ValueError, match="at least 2 days"):
        ears([1, 2], baseline=1)
