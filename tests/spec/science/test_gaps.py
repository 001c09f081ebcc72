"""Which days and places are missing? Worked examples of `throughline.science.gaps`."""

import numpy as np
import pytest

from throughline.science.gaps import CHANCE, chance_of_none, missing_days, missing_places

EIGHT_WEEKS = 56


def test_how_likely_a_day_without_events_is_where_two_a_day_are_usual():
    steady, in_bursts = [2] * 56, [0, 0, 0, 8] * 14
    assert chance_of_none(steady, days=1) == pytest.approx(np.exp(-2))
    assert chance_of_none(in_bursts, days=1) == pytest.approx(0.49, abs=0.005)


def test_a_day_without_any_is_missing_where_chance_hardly_ever_gives_none():
    twelve_a_day = [12, 10, 14, 11, 13, 12, 12] * 8
    assert missing_days([*twelve_a_day, 11, 0, 13, 12, 12, 0, 10]).tolist() == [57, 61]
    two_a_day = [2, 1, 3, 2, 2, 2, 2] * 8
    assert missing_days([*two_a_day, 2, 0, 3, 2, 0, 0, 2]).tolist() == []


def test_a_weekday_that_never_has_any_is_not_missing():
    closed_on_sundays = [20, 22, 18, 21, 19, 20, 0]
    assert missing_days(closed_on_sundays * 9).tolist() == []


def test_a_place_is_missing_that_had_its_share_before():
    three, rarely = [1, 0, 2, 1, 1, 0, 2] * 8, [0, 0, 0, 0, 0, 0, 1] * 8
    counts = np.array([three + three[:14], three + [0] * 14, rarely + [0] * 14])
    assert missing_places(counts).tolist() == [1]


def test_four_weeks_must_be_known():
    assert missing_days([12] * 27 + [0] * 7).tolist() == []
    assert missing_places([[12] * 27 + [0] * 14]).tolist() == []


def test_where_nothing_is_missing_a_look_finds_a_gap_less_often_than_was_promised():
    rng = np.random.default_rng(3)
    looks = 4000
    daily = rng.poisson(11 * rng.gamma(20, 0.05, (looks, EIGHT_WEEKS + 7)))
    assert sum(len(missing_days(totals)) > 0 for totals in daily) / looks < 5 * CHANCE
    wards = rng.poisson(rng.uniform(0.05, 2, (looks // 10, 20, 1)), (looks // 10, 20, EIGHT_WEEKS + 14))
    assert sum(len(missing_places(counts)) > 0 for counts in wards) / len(wards) < 0.01
