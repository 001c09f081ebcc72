"""Did it help? Worked examples of before and after, compared with places where nothing was done."""

from datetime import date

import pytest

from throughline.science.change import baseline_window, comparison_places, rate_ratio_change


def test_a_halving_here_while_elsewhere_stays_level_is_fewer():
    change = rate_ratio_change(
        before=40, after=20, comparison_before=100, comparison_after=110, days_before=56, days_after=56
    )
    assert change.rate_ratio.estimate == pytest.approx(0.50)
    assert change.comparison_rate_ratio.estimate == pytest.approx(1.10)
    effect = change.ratio_of_rate_ratios
    assert effect.estimate == pytest.approx(0.50 / 1.10)
    # standard error of the logarithm: sqrt(1/40 + 1/20 + 1/100 + 1/110) = 0.307
    assert (effect.lower, effect.upper) == pytest.approx((0.249, 0.829), abs=0.001)
    assert change.verdict == "fewer"


def test_the_same_halving_everywhere_is_not_credited_to_the_action():
    change = rate_ratio_change(
        before=40, after=20, comparison_before=100, comparison_after=50, days_before=56, days_after=56
    )
    assert change.rate_ratio.upper < 1
    assert change.ratio_of_rate_ratios.estimate == pytest.approx(1)
    assert change.verdict == "cannot tell"


def test_a_halving_of_few_events_cannot_be_told_from_chance():
    change = rate_ratio_change(
        before=8, after=4, comparison_before=100, comparison_after=100, days_before=56, days_after=56
    )
    assert change.verdict == "cannot tell"


def test_a_rise_against_the_others_is_more():
    change = rate_ratio_change(
        before=30, after=70, comparison_before=100, comparison_after=100, days_before=56, days_after=56
    )
    assert change.verdict == "more"


def test_a_zero_adds_a_half_to_every_count_of_its_ratio():
    change = rate_ratio_change(
        before=3, after=0, comparison_before=50, comparison_after=50, days_before=56, days_after=56
    )
    assert change.rate_ratio.estimate == pytest.approx(0.5 / 3.5)
    assert change.ratio_of_rate_ratios.estimate == pytest.approx((0.5 / 3.5) / (50.5 / 50.5))
    assert change.verdict == "cannot tell"


def test_the_baseline_ends_four_weeks_before_the_window_that_was_picked_for_being_high():
    baseline = baseline_window(signal_start=date(2020, 6, 1), days=56)
    assert baseline.ends_on == date(2020, 5, 3)
    assert baseline.starts_on == date(2020, 3, 9)
    assert baseline.days == 56


def test_comparison_places_start_from_a_similar_rate_and_were_not_reached_by_the_action():
    #          treated  neighbour  similar  twice and more  lower
    events = [20, 21, 18, 55, 14]
    population = [1000, 1000, 1000, 1000, 1000]
    chosen = comparison_places(baseline_events=events, population=population, treated=[0], excluded=[1])
    assert chosen.tolist() == [2, 4]
