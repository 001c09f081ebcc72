"""How high is a rate, and may one rely on it? Worked examples."""

import pytest

from throughline.science.rates import crude_rate, direct_standardized_rate


def test_a_crude_rate_with_its_exact_interval():
    rate = crude_rate(events=10, person_years=50_000)
    assert rate.rate == pytest.approx(20.0)  # per 100,000 person-years
    assert (rate.lower, rate.upper) == pytest.approx(
        (9.59, 36.78), abs=0.01
    )  # Garwood: 4.795 and 18.390 events


def test_no_events_still_have_an_upper_limit():
    rate = crude_rate(events=0, person_years=100_000)
    assert rate.rate == rate.lower == 0
    assert rate.upper == pytest.approx(3.689, abs=0.001)


def test_fewer_than_twenty_events_are_marked_unreliable():
    assert crude_rate(events=[19, 20], person_years=1000).reliable.tolist() == [False, True]


def test_standardization_gives_each_stratum_the_standards_share():
    rate = direct_standardized_rate(
        events=[10, 60],
        person_years=[10_000, 20_000],  # young: 100, old: 300 per 100,000
        standard_population=[3, 1],
    )
    assert rate.rate == pytest.approx(0.75 * 100 + 0.25 * 300)
    assert rate.lower < rate.rate < rate.upper


def test_a_rate_that_rests_on_one_small_stratum_has_a_wide_upper_limit():
    even = direct_standardized_rate(
        events=[15, 15], person_years=[10_000, 10_000], standard_population=[1, 1]
    )
    skewed = direct_standardized_rate(
        events=[28, 2], person_years=[18_667, 1_333], standard_population=[1, 1]
    )
    assert skewed.rate == pytest.approx(even.rate, rel=0.001)
    assert skewed.upper > 1.2 * even.upper
