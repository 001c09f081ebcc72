import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from throughline.science.rates import crude_rate, direct_standardized_rate


@given(events=st.integers(1, 500), confidence=st.floats(0.5, 0.999))
def test_limits_are_the_rates_at_which_the_count_is_just_improbable(events, confidence):
    rate = crude_rate(events=events, person_years=1, confidence=confidence, per=1)
    tail = (1 - confidence) / 2
    assert poisson.sf(events - 1, rate.lower) == pytest.approx(tail, rel=1e-6)
    assert poisson.cdf(events, rate.upper) == pytest.approx(tail, rel=1e-6)


@given(
    events=st.lists(st.integers(0, 100), min_size=2, max_size=5),
    years=st.integers(1, 10_000),
)
def test_with_the_places_own_strata_as_standard_the_rate_is_the_crude_one(events, years):
    person_years = np.arange(1, len(events) + 1) * years
    standardized = direct_standardized_rate(
        events=events, person_years=person_years, standard_population=person_years
    )
    crude = crude_rate(events=sum(events), person_years=person_years.sum())
    assert standardized.rate == pytest.approx(crude.rate)
    assert standardized.lower == pytest.approx(crude.lower)
    assert standardized.upper == pytest.approx(crude.upper)


@given(events=st.lists(st.integers(0, 100), min_size=3, max_size=3))
def test_the_interval_holds_the_rate(events):
    rate = direct_standardized_rate(
        events=events, person_years=[10, 200, 3000], standard_population=[1, 1, 2]
    )
    assert rate.lower <= rate.rate <= rate.upper


def test_the_gamma_interval_covers_at_least_as_often_as_it_says():
    person_years, standard = np.array([2000, 500, 100]), np.array([1, 1, 1])
    true = np.array([0.002, 0.01, 0.05])
    events = np.random.default_rng(3).poisson(true * person_years, (4000, 3))
    rate = direct_standardized_rate(
        events=events, person_years=person_years, standard_population=standard, per=1
    )
    assert np.mean((rate.lower <= true.mean()) & (true.mean() <= rate.upper)) >= 0.945


@pytest.mark.parametrize(
    ("events", "years", "message"),
    [
        (-1, 10, "events must be numbers of 0 or more"),
        (np.nan, 10, "events must be numbers of 0 or more"),
        (1, 0, "person_years must be more than 0"),
        ([1, 2], [1, 2, 3], r"events \(2,\) and person_years \(3,\) don't match"),
    ],
)
def test_impossible_input_is_refused(events, years, message):
    with pytest.raises(ValueError, match=message):
        crude_rate(events=events, person_years=years)


@pytest.mark.parametrize("standard", [[1], [0, 0], [1, -1], [1, np.nan]])
def test_a_standard_that_does_not_fit_is_refused(standard):
    with pytest.raises(ValueError, match="standard_population must be 2 numbers"):
        direct_standardized_rate(events=[1, 2], person_years=[1, 2], standard_population=standard)


def test_confidence_is_a_share():
    with pytest.raises(ValueError, match="between 0 and 1, got 95"):
        crude_rate(events=1, person_years=1, confidence=95)
