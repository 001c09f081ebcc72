"""When is a day a spike? Each test is one worked example of the rules in `throughline.science.spikes`."""

import numpy as np
import pytest

from throughline.science.spikes import daily_spikes, day_threshold, ears

SEVEN_DAYS = [1, 2, 3, 2, 1, 2, 3]  # mean 2, standard deviation 0.816


def test_ears_c2_compares_a_day_with_a_week_that_ended_two_days_before():
    two_days_left_out, today = [9, 9], [5]
    result = ears(SEVEN_DAYS + two_days_left_out + today, method="C2")
    assert result.expected[-1] == 2
    assert result.upper_bound[-1] == pytest.approx(2 + 3.0902 * 0.8165, abs=1e-3)  # 4.52
    assert result.alarm[-1]


def test_ears_c1_uses_the_week_just_before():
    result = ears([*SEVEN_DAYS, 4], method="C1")
    assert result.upper_bound[-1] == pytest.approx(4.523, abs=1e-3)
    assert not result.alarm[-1]


def test_ears_c3_remembers_what_the_two_days_before_exceeded():
    calm, risen = [2, 2], [4, 4]
    today = [2]
    assert not ears([*SEVEN_DAYS, 2, 2, *calm, *today], method="C3").alarm[-1]
    assert ears([*SEVEN_DAYS, 2, 2, *risen, *today], method="C3").alarm[-1]


def test_the_24_hour_threshold_follows_from_the_places_own_eight_weeks():
    one_a_day, two_days_left_out = [1] * 56, [0, 0]
    result = day_threshold([*one_a_day, *two_days_left_out, 4], false_alarms_per_month=0.75)
    assert result.expected[0] == pytest.approx(56.5 / 56)
    assert result.threshold[0] == 4  # chance of 3 or more: 0.083; of 4 or more: 0.021, within 0.75/30 = 0.025
    assert result.p_value[0] == pytest.approx(0.021, abs=0.001)
    assert result.alarm[0]


def test_two_cases_in_a_quiet_place_are_never_a_spike():
    nothing = [0] * 58
    assert not day_threshold([*nothing, 2]).alarm[0]
    assert day_threshold([*nothing, 3]).alarm[0]


def test_a_smaller_budget_of_false_alarms_asks_for_more_cases():
    counts = [5] * 59
    assert [
        day_threshold(counts, false_alarms_per_month=budget).threshold[0] for budget in (3, 0.75, 0.1)
    ] == [
        9,
        11,
        13,
    ]


def test_the_signal_names_the_rules_that_fired():
    about_five_a_day = list(np.resize([4, 6, 5, 5], 58))
    places = [[*about_five_a_day, today] for today in (9, 10, 14)]
    result = daily_spikes(places)
    assert result.alarm.tolist() == [False, True, True]
    assert result.methods(0) == ()
    assert result.methods(1) == ("EARS C2",)
    assert result.methods(2) == ("24-hour threshold", "EARS C2")


def test_ears_alone_must_be_improbable_under_the_24_hour_rule_as_well():
    lucky_week = [5] * 49 + [0, 0, 0, 1, 0, 0, 0] + [0, 0]  # C2's bound falls to 1.3
    assert ears([*lucky_week, 5]).alarm[-1]
    assert not daily_spikes([*lucky_week, 5]).alarm[0]
