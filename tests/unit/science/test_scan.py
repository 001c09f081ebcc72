from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from throughline.science import cylinders
from throughline.science.cylinders import (
    SearchSpace,
    WindowCases,
    best_cylinder,
    circles_around,
    largest_ratios,
)
from throughline.science.distance import great_circle_km
from throughline.science.scan import prospective_scan

DAYS, WINDOW, PLACES = 60, 7, 30


def county(seed=0, cases=150):
    """Places and cases without any cluster."""
    random = np.random.default_rng(seed)
    return {
        "place": random.integers(0, PLACES, cases),
        "day": random.integers(0, DAYS, cases),
        "latitude": 41.8 + random.normal(0, 0.1, PLACES),
        "longitude": -87.7 + random.normal(0, 0.1, PLACES),
        "days": DAYS,
        "maximum_days": WINDOW,
        "replicates": 99,
        "seed": 1,
    }


def with_cluster(study, centre, cases=20, days=3):
    """Adds cases in the centre and its two nearest places, in the last days."""
    near = np.argsort(
        great_circle_km(
            study["latitude"][centre], study["longitude"][centre], study["latitude"], study["longitude"]
        )
    )[:3]
    place = np.r_[study["place"], np.resize(near, cases)]
    day = np.r_[study["day"], DAYS - 1 - np.arange(cases) // 3 % days]
    return study | {"place": place, "day": day}, set(near.tolist())


def largest_by_brute_force(study, population=None):
    """Every circle and window, one at a time, by the definition."""
    total, ratios = len(study["place"]), [0.0]
    by_place = np.bincount(study["place"], minlength=PLACES)
    size = by_place if population is None else population
    for centre in range(PLACES):
        order = np.argsort(
            great_circle_km(
                study["latitude"][centre], study["longitude"][centre], study["latitude"], study["longitude"]
            )
        )
        for end in range(1, PLACES + 1):
            inside = np.isin(study["place"], order[:end])
            if size[order[:end]].sum() > size.sum() / 2:
                break
            for length in range(1, WINDOW + 1):
                recent = study["day"] >= DAYS - length
                in_time = recent.sum() / total if population is None else length / DAYS
                expected = total * size[order[:end]].sum() / size.sum() * in_time
                observed = (inside & recent).sum()
                if observed >= 2 and observed > expected:
                    outside = total - observed
                    ratios.append(
                        observed * np.log(observed / expected)
                        + outside * np.log(outside / (total - expected))
                    )
    return max(ratios)


@pytest.mark.parametrize("seed", range(4))
def test_the_maximum_is_that_of_brute_force(seed):
    study, _ = with_cluster(county(seed), centre=seed, cases=4)
    found = prospective_scan(**study).clusters[0].log_likelihood_ratio
    assert found == pytest.approx(largest_by_brute_force(study), abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_the_poisson_maximum_is_that_of_brute_force(seed):
    study, _ = with_cluster(county(seed), centre=seed, cases=4)
    population = np.random.default_rng(seed).integers(1, 100, PLACES)
    found = prospective_scan(**study, model="poisson", population=population).clusters[0]
    assert found.log_likelihood_ratio == pytest.approx(largest_by_brute_force(study, population), abs=1e-9)


@pytest.mark.parametrize("centre", [0, 7, 21])
def test_a_planted_cluster_is_found(centre):
    study, near = with_cluster(county(), centre)
    cluster = prospective_scan(**study).clusters[0]
    assert near <= set(cluster.members)
    assert cluster.start_day == pytest.approx(DAYS - 3, abs=1)  # a chance case may lie next to it
    assert cluster.end_day == DAYS - 1
    assert cluster.p_value == 0.01
    assert cluster.recurrence_interval_days == 100


@settings(max_examples=10)
@given(st.permutations(range(PLACES)))
def test_the_order_of_places_and_cases_does_not_matter(new_order):
    study, _ = with_cluster(county(), centre=3)
    order = np.array(new_order)
    renumbered = study | {
        "place": np.argsort(order)[study["place"]][::-1],
        "day": study["day"][::-1],
        "latitude": study["latitude"][order],
        "longitude": study["longitude"][order],
    }
    before, after = (prospective_scan(**case).clusters[0] for case in (study, renumbered))
    assert set(before.members) == set(order[list(after.members)].tolist())
    assert before.log_likelihood_ratio == pytest.approx(after.log_likelihood_ratio)
    assert before.expected == pytest.approx(after.expected)


def test_the_seed_decides_whatever_the_number_of_threads(monkeypatch):
    study = county()
    maxima = []
    for threads in (1, 3):
        monkeypatch.setattr(cylinders.config, "NUMBA_NUM_THREADS", threads)
        maxima.append(prospective_scan(**study).simulated_maxima)
    np.testing.assert_array_equal(*maxima)
    assert (prospective_scan(**study | {"seed": 2}).simulated_maxima != maxima[0]).any()


def test_batches_of_replicates_give_the_same_as_one(monkeypatch):
    whole = prospective_scan(**county()).simulated_maxima
    monkeypatch.setattr("throughline.science.scan.CASES_AT_ONCE", 200)
    np.testing.assert_array_equal(prospective_scan(**county()).simulated_maxima, whole)


@pytest.mark.parametrize("model", ["permutation", "poisson"])
def test_p_values_are_uniform_when_nothing_clusters(model):
    population = np.ones(PLACES) if model == "poisson" else None
    results = [
        prospective_scan(**county(seed) | {"replicates": 49}, model=model, population=population)
        for seed in range(100, 160)
    ]
    p_values = np.array([result.clusters[0].p_value if result.clusters else 1.0 for result in results])
    for share in (0.1, 0.3, 0.5, 0.7):
        assert np.mean(p_values <= share) == pytest.approx(
            share, abs=3.5 * np.sqrt(share * (1 - share) / 120)
        )


def test_secondary_clusters_share_no_place_and_are_less_likely():
    study, _ = with_cluster(county(), centre=0)
    study, _ = with_cluster(study, centre=int(np.argmax(np.abs(study["latitude"] - study["latitude"][0]))))
    clusters = prospective_scan(**study).clusters
    assert len(clusters) > 1
    members = [member for cluster in clusters for member in cluster.members]
    assert len(members) == len(set(members))
    assert all(one.log_likelihood_ratio >= other.log_likelihood_ratio for one, other in pairwise(clusters))


def test_limits_on_radius_share_and_cases_hold():
    study, _ = with_cluster(county(), centre=0)
    result = prospective_scan(**study, maximum_radius_km=5.0, maximum_population_share=0.1, minimum_cases=3)
    total = len(study["place"])
    for cluster in result.clusters:
        assert cluster.radius_km <= 5.0
        assert np.isin(study["place"], cluster.members).sum() <= 0.1 * total
        assert cluster.observed >= 3


def test_places_at_one_distance_enter_together():
    latitude, longitude = np.array([0.0, 0.0, 0.0]), np.array([0.0, 0.1, -0.1])
    space = SearchSpace(latitude, longitude, np.ones((3, 1)), np.ones(3), 3.0, np.inf)
    circles = circles_around(0, space)
    assert circles.entry.tolist() == [0, 1, 1]
    assert circles.expected.tolist() == [[1.0], [3.0]]


def test_at_equal_statistics_the_fewer_places_win():
    place, day = np.array([0, 0, 0, 1, 2, 3, 4]), np.array([9, 9, 9, 0, 2, 4, 6])
    latitude, longitude = np.zeros(6), np.array([0, 0.5, 1, 1.5, 2, 0.01])
    cluster = prospective_scan(
        place=place, day=day, latitude=latitude, longitude=longitude, days=10, maximum_days=3, seed=1
    ).clusters[0]
    assert cluster.members == (0,)
    assert cluster.start_day == 9


def test_relative_risk_is_inside_over_outside():
    study, _ = with_cluster(county(), centre=0)
    total = len(study["place"])
    permutation = prospective_scan(**study).clusters[0]
    poisson = prospective_scan(**study, model="poisson", population=np.ones(PLACES)).clusters[0]
    assert permutation.relative_risk == pytest.approx(permutation.observed / permutation.expected)
    outside = (total - poisson.observed) / (total - poisson.expected)
    assert poisson.relative_risk == pytest.approx(poisson.observed / poisson.expected / outside)


def test_population_by_day_counts_the_days_of_the_window():
    study, _ = with_cluster(county(), centre=0)
    constant = np.arange(1.0, PLACES + 1)
    by_place = prospective_scan(**study, model="poisson", population=constant)
    by_day = prospective_scan(**study, model="poisson", population=np.repeat(constant[:, None], DAYS, axis=1))
    np.testing.assert_allclose(by_place.simulated_maxima, by_day.simulated_maxima)


@pytest.mark.parametrize("day", [[], [0, 0, 1]])
def test_no_case_in_the_window_gives_no_cluster(day):
    result = prospective_scan(**county() | {"place": [0] * len(day), "day": day})
    assert result.clusters == ()
    assert result.total_cases == len(day)


def test_data_sets_are_scanned_apart():
    space = SearchSpace(np.zeros(2), np.array([0.0, 1.0]), np.full((2, 1), 0.5), np.ones(2), 2.0, np.inf)
    both = WindowCases(np.array([0, 0, 0, 1, 1]), np.zeros(5, np.int64), np.array([0, 3, 5]))
    apart = [
        best_cylinder(
            circles_around(centre, space), WindowCases(place, place * 0, np.array([0, len(place)])), 9, 2
        )
        for centre, place in ((0, np.array([0, 0, 0])), (1, np.array([1, 1])))
    ]
    assert largest_ratios(space, both, 9, 2).tolist() == [one.log_likelihood_ratio for one in apart]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"day": [DAYS]}, f"day must lie between 0 and {DAYS - 1}, got {DAYS}"),
        ({"place": [-1]}, "place must lie between 0 and 29, got -1"),
        ({"place": [0.5]}, "place must be a list of whole numbers"),
        ({"place": [0, 1]}, "one value per case, got 2 and 1"),
        ({"maximum_days": 0}, "maximum_days must lie between 1 and days"),
        ({"maximum_days": DAYS + 1}, "maximum_days must lie between 1 and days"),
        ({"latitude": [np.nan] * PLACES}, "latitude must lie between"),
        ({"latitude": [1.0]}, "must have one shape"),
        ({"latitude": [], "longitude": []}, "one value per place"),
        ({"maximum_population_share": 50}, "between 0 and 1, got 50"),
        ({"maximum_radius_km": 0}, "more than 0, got 0"),
        ({"replicates": 0}, "at least 1"),
        ({"model": "bernoulli"}, "permutation or poisson, got 'bernoulli'"),
        ({"model": "poisson"}, "needs population"),
        ({"model": "poisson", "population": [1, 2]}, r"population must be \(30,\) or \(30, 60\), got \(2,\)"),
        ({"model": "poisson", "population": [0] * PLACES}, "more than 0 somewhere"),
    ],
)
def test_impossible_input_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        prospective_scan(**county() | {"place": [0], "day": [0]} | wrong)
