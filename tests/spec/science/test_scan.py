"""Where and when do cases cluster? Worked examples of `throughline.science.scan`, small enough to check by hand.

Four places lie on a meridian, 0.1 degrees (11 km) apart. Over ten days there is one case in each place every other day;
on the last two days the two places in the south have three more each.
"""

import numpy as np
import pytest

from throughline.science.scan import (
    Ellipses,
    Exposure,
    prospective_scan,
    space_time_scan,
    spatial_scan,
    temporal_scan,
)

PLACES = {"latitude": [41.0, 41.1, 41.2, 41.3], "longitude": [-87.0] * 4}
EVERY_OTHER_DAY = [(place, day) for place in range(4) for day in range(0, 10, 2)]
NOW_IN_THE_SOUTH = [(place, day) for place in (0, 1) for day in (8, 9, 9)]
CASES = np.array(EVERY_OTHER_DAY + NOW_IN_THE_SOUTH)
STUDY = PLACES | {
    "place": CASES[:, 0],
    "interval": CASES[:, 1],
    "intervals": 10,
    "maximum_length": 3,
    "maximum_population_share": 0.7,
    "seed": 1,
}
PERSONS = [100, 100, 300, 500]


def test_where_do_cases_cluster():
    """Ten persons in each of four places: each is expected to have 3 of 12 cases, but the first has 8."""
    eight_one_two_one = np.repeat([0, 1, 2, 3], [8, 1, 2, 1])
    cluster = spatial_scan(place=eight_one_two_one, population=[10] * 4, **PLACES, seed=1).clusters[0]
    assert cluster.members == (0,)
    assert (cluster.observed, cluster.expected) == (8, 3.0)
    assert cluster.log_likelihood_ratio == pytest.approx(8 * np.log(8 / 3) + 4 * np.log(4 / 9))  # 4.60
    assert cluster.relative_risk == pytest.approx((8 / 3) / (4 / 9))  # risk inside over risk outside


def test_when_do_cases_cluster():
    """Nine cases in nine days, four of them on two days in a row."""
    cluster = temporal_scan(
        interval=[0, 2, 4, 4, 5, 5, 6, 7, 8], intervals=9, maximum_length=3, seed=1
    ).clusters[0]
    assert (cluster.start, cluster.end) == (4, 5)
    assert (cluster.observed, cluster.expected) == (4, pytest.approx(2))
    assert cluster.log_likelihood_ratio == pytest.approx(4 * np.log(4 / 2) + 5 * np.log(5 / 7))  # 1.09


def test_where_and_when_do_they_cluster():
    cluster = space_time_scan(**STUDY, model="poisson", population=PERSONS).clusters[0]
    assert cluster.members == (0, 1)
    assert (cluster.start, cluster.end) == (8, 9)
    assert cluster.observed == 8
    assert cluster.expected == pytest.approx(26 * (200 / 1000) * (2 / 10))  # share of persons, share of days


def test_where_do_they_cluster_now_is_asked_of_windows_that_reach_the_last_day():
    earlier = STUDY | {
        "interval": (CASES[:, 1] + 5) % 10,
        "maximum_length": 2,
    }  # the outbreak was on days 3 and 4
    now = {"model": "poisson", "population": PERSONS}
    assert space_time_scan(**earlier, **now).clusters[0].end == 4
    assert all(cluster.end == 9 for cluster in prospective_scan(**earlier, **now).clusters)
    assert prospective_scan(**STUDY, **now).clusters[0].members == (0, 1)


def test_the_permutation_model_needs_cases_only():
    """It expects in a place on a day the place's cases times the day's, over all: place and time are independent."""
    cluster = prospective_scan(**STUDY).clusters[0]
    assert cluster.members == (0, 1)
    assert (cluster.start, cluster.end) == (9, 9)
    assert cluster.observed == 4
    in_both_places, on_the_last_day, in_all = 16, 4, 26
    assert cluster.expected == pytest.approx(in_both_places * on_the_last_day / in_all)
    assert cluster.relative_risk == pytest.approx(4 / cluster.expected)


def test_the_bernoulli_model_compares_cases_with_controls():
    """In the first place all four persons are cases, elsewhere two of eight."""
    cluster = spatial_scan(
        place=[0, 0, 0, 0, 1, 2], model="bernoulli", controls=[0, 1, 1, 4], **PLACES, seed=1
    ).clusters[0]
    assert cluster.members == (0,)
    assert cluster.expected == pytest.approx(4 * 6 / 12)
    one_share_for_all = 6 * np.log(6 / 12) + 6 * np.log(6 / 12)
    all_inside, a_quarter_outside = 0, 2 * np.log(2 / 8) + 6 * np.log(6 / 8)
    assert cluster.log_likelihood_ratio == pytest.approx(all_inside + a_quarter_outside - one_share_for_all)


def test_the_statistic_compares_inside_and_outside_with_what_was_expected():
    cluster = prospective_scan(**STUDY).clusters[0]
    observed, expected, total = 4, 16 * 4 / 26, 26
    inside = observed * np.log(observed / expected)
    outside = (total - observed) * np.log((total - observed) / (total - expected))
    assert cluster.log_likelihood_ratio == pytest.approx(inside + outside)


def test_fewer_cases_than_expected_cluster_too():
    cases = {"place": np.repeat([0, 1, 2, 3], [1, 5, 5, 5]), "population": [10] * 4}
    cluster = spatial_scan(**cases, **PLACES, rates="low", seed=1).clusters[0]
    assert cluster.members == (0,)
    assert (cluster.observed, cluster.expected) == (1, 4.0)
    assert not cluster.high


def test_a_population_that_moves():
    """Everybody lives in the first place at first and in the second in the end; cases go with them."""
    moving = np.array([[30, 20, 10, 0], [0, 10, 20, 30]])
    asked = {
        "place": [0, 0, 0, 0, 1, 0, 1, 1, 1, 1],
        "interval": [0, 0, 1, 1, 1, 2, 2, 2, 3, 3],
        "intervals": 4,
        "maximum_length": 1,
        "model": "poisson",
        "x": [0, 1],
        "y": [0, 0],
        "seed": 1,
        "replicates": 0,
    }
    cluster = space_time_scan(**asked, population=moving, minimum_cases=1).clusters[0]
    assert (cluster.members, cluster.start) == ((0,), 1)
    assert cluster.expected == pytest.approx(10 * 20 / 120)
    first_going, second_coming = [[30, 20, 10, 0]], [[0, 10, 20, 30]]
    same = Exposure(space=np.eye(2), time=np.array(first_going + second_coming, float))
    assert space_time_scan(**asked, population=same, minimum_cases=1).clusters[0] == cluster


def test_time_can_be_adjusted_for():
    """On the last day everybody has more cases: a cluster must exceed its share of that day's."""
    asked = {
        "place": [0, 0, 1, 1, 0, 0, 0, 0, 1, 1],
        "interval": [0, 1, 0, 1, 2, 2, 2, 2, 2, 2],
        "intervals": 3,
        "maximum_length": 1,
        "model": "poisson",
        "population": [1, 1],
        "x": [0, 1],
        "y": [0, 0],
        "seed": 1,
        "replicates": 0,
    }
    plain, adjusted = (space_time_scan(**asked, adjust=time).clusters[0] for time in ("none", "time"))
    assert (plain.members, plain.start, plain.observed) == ((0,), 2, 4)
    assert (adjusted.members, adjusted.start, adjusted.observed) == ((0,), 2, 4)
    assert plain.expected == pytest.approx(10 / 6)
    assert adjusted.expected == pytest.approx(6 / 2)
    within_the_day = 4 * np.log(4 / 3) + 2 * np.log(2 / 3)
    assert adjusted.log_likelihood_ratio == pytest.approx(within_the_day)


def test_weekdays_can_differ_between_places():
    """A bar has its cases on Saturdays, a home on all days: each Saturday is compared with other Saturdays."""
    saturdays = [5, 12, 19, 26]
    place = [0] * 12 + [1] * 28
    interval = saturdays * 3 + list(range(28))
    asked = {
        "place": place,
        "interval": interval,
        "intervals": 28,
        "maximum_length": 1,
        "x": [0, 9],
        "y": [0, 0],
    }
    options = {"seed": 1, "replicates": 0}
    plain = space_time_scan(**asked, **options).clusters[0]
    assert plain.start in saturdays
    assert plain.expected == pytest.approx(12 * 4 / 40)
    assert space_time_scan(**asked, **options, adjust="weekday").clusters == ()


def test_the_radius_is_the_distance_from_the_centre_to_the_farthest_member():
    cluster = prospective_scan(**STUDY).clusters[0]
    assert cluster.latitude == 41.0
    assert cluster.radius_km == pytest.approx(6367 * np.radians(0.1))  # 11.1 km


def test_circles_may_be_drawn_around_points_of_a_grid():
    cluster = prospective_scan(**STUDY, centres=([41.05], [-87.0])).clusters[0]
    assert cluster.latitude == 41.05
    assert cluster.members == (0, 1)
    assert cluster.radius_km == pytest.approx(6367 * np.radians(0.05))


def test_an_ellipse_follows_a_street():
    """Cases on the diagonal of a square of nine places; an ellipse is four times as long as wide, at 45 degrees."""
    x, y = [0, 1, 2, 0, 1, 2, 0, 1, 2], [0, 0, 0, 1, 1, 1, 2, 2, 2]
    cluster = spatial_scan(
        place=[0, 0, 4, 4, 8, 8], population=[1] * 9, x=x, y=y, seed=1, ellipses=Ellipses((4.0,), (4,))
    ).clusters[0]
    assert cluster.members == (0, 4, 8)  # around any of the three; the earliest centre is told
    assert (cluster.ellipse.angle_degrees, cluster.ellipse.shape) == (45.0, 4.0)
    assert cluster.ellipse.major == pytest.approx(np.sqrt(8))  # from corner to corner
    assert cluster.log_likelihood_ratio == pytest.approx(6 * np.log(6 / 2))
    less_compact = np.sqrt(4 * 4 / (4 + 1) ** 2)  # weighs against long ellipses
    assert cluster.test_statistic == pytest.approx(less_compact * cluster.log_likelihood_ratio)


def test_p_counts_the_replicates_that_show_as_much_by_chance():
    result = prospective_scan(**STUDY, model="poisson", population=PERSONS, replicates=999)
    cluster = result.clusters[0]
    as_large = np.sum(result.simulated_maxima >= cluster.log_likelihood_ratio)
    assert cluster.p_value == (as_large + 1) / 1000
    assert cluster.recurrence_interval == pytest.approx(
        1 / cluster.p_value
    )  # looks until chance shows as much


def test_earlier_looks_make_the_same_cluster_less_rare():
    today = prospective_scan(**STUDY).clusters[0]
    since_day_five = prospective_scan(**STUDY, earlier_since=5).clusters[0]
    assert today.log_likelihood_ratio == since_day_five.log_likelihood_ratio
    assert today.p_value < since_day_five.p_value


def test_clusters_beside_the_likeliest_share_no_place_with_it_at_the_same_time():
    """Two places far apart have three times what the others have."""
    cases = {"place": np.repeat([0, 1, 2, 3], [9, 1, 1, 6]), "population": [10] * 4}
    first, second = spatial_scan(**cases, **PLACES, seed=1, replicates=0).clusters[:2]
    assert (first.members, second.members) == ((0,), (3,))


def test_iterations_look_behind_the_likeliest_cluster():
    """Nine of 17 cases hide that the six in the last place are many among the rest: 6 where 8/3 are expected."""
    cases = {"place": np.repeat([0, 1, 2, 3], [9, 1, 1, 6]), "population": [10] * 4}
    first, second = spatial_scan(**cases, **PLACES, seed=1, iterations=2, iteration_p=1.0).clusters
    assert (first.expected, second.expected) == (pytest.approx(17 / 4), pytest.approx(8 / 3))


def test_one_case_is_not_a_cluster():
    lonely = prospective_scan(**STUDY | {"place": [0, 1, 2], "interval": [1, 4, 9]})
    assert lonely.clusters == ()
