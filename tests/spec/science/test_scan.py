"""Where do cases cluster now? Worked examples of the prospective space-time scan."""

import numpy as np
import pytest

from throughline.science.scan import prospective_scan

# Four places on a meridian, 0.1 degrees (11 km) apart, over ten days with one case in each place every other
# day; on the last two days the two places in the south have three more each.
EVERY_OTHER_DAY = [(place, day) for place in range(4) for day in range(0, 10, 2)]
NOW_IN_THE_SOUTH = [(place, day) for place in (0, 1) for day in (8, 9, 9)]
CASES = np.array(EVERY_OTHER_DAY + NOW_IN_THE_SOUTH)
STUDY = {
    "place": CASES[:, 0],
    "day": CASES[:, 1],
    "latitude": [41.0, 41.1, 41.2, 41.3],
    "longitude": [-87.0] * 4,
    "days": 10,
    "maximum_days": 3,
    "maximum_population_share": 0.7,
    "seed": 1,
}


def test_the_permutation_model_expects_the_product_of_place_and_time():
    cluster = prospective_scan(**STUDY).clusters[0]
    assert cluster.members == (0, 1)
    assert (cluster.start_day, cluster.end_day) == (9, 9)
    assert cluster.observed == 4
    in_both_places, on_the_last_day, in_all = 16, 4, 26
    assert cluster.expected == pytest.approx(in_both_places * on_the_last_day / in_all)
    assert cluster.relative_risk == pytest.approx(4 / cluster.expected)


def test_the_statistic_compares_inside_and_outside_with_what_was_expected():
    cluster = prospective_scan(**STUDY).clusters[0]
    observed, expected, total = 4, 16 * 4 / 26, 26
    inside = observed * np.log(observed / expected)
    outside = (total - observed) * np.log((total - observed) / (total - expected))
    assert cluster.log_likelihood_ratio == pytest.approx(inside + outside)


def test_the_poisson_model_expects_cases_where_people_are():
    cluster = prospective_scan(**STUDY, model="poisson", population=[100, 100, 300, 500]).clusters[0]
    assert cluster.members == (0, 1)
    assert (cluster.start_day, cluster.end_day) == (8, 9)
    assert cluster.observed == 8
    assert cluster.expected == pytest.approx(26 * (200 / 1000) * (2 / 10))
    inside, outside = 8 / cluster.expected, (26 - 8) / (26 - cluster.expected)
    assert cluster.relative_risk == pytest.approx(inside / outside)


def test_the_radius_is_the_distance_from_the_centroid_to_the_farthest_member():
    cluster = prospective_scan(**STUDY).clusters[0]
    assert cluster.latitude == 41.0
    assert cluster.radius_km == pytest.approx(6367 * np.radians(0.1))  # 11.1 km


def test_p_counts_the_replicates_that_show_as_much_by_chance():
    result = prospective_scan(**STUDY, model="poisson", population=[100, 100, 300, 500], replicates=999)
    cluster = result.clusters[0]
    as_large = np.sum(result.simulated_maxima >= cluster.log_likelihood_ratio)
    assert cluster.p_value == (as_large + 1) / 1000
    assert cluster.recurrence_interval_days == pytest.approx(1 / cluster.p_value)


def test_one_case_is_not_a_cluster():
    lonely = prospective_scan(**STUDY | {"place": [0, 1, 2], "day": [1, 4, 9]})
    assert lonely.clusters == ()
