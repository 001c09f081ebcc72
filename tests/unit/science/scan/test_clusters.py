"""What is told of clusters: figures, ties, which stand beside likelier ones, and what is left without them."""

from itertools import pairwise

import numpy as np
import pytest

from throughline.science.scan import (
    Ellipses,
    prospective_scan,
    space_time_scan,
    spatial_scan,
    temporal_scan,
)

ROW = {"x": np.arange(5.0), "y": np.zeros(5), "seed": 1, "replicates": 0}


def two_outbreaks(county):
    """At opposite ends of the county, one after the other."""
    corner, opposite = int(np.argmin(county["x"])), int(np.argmax(county["x"]))
    place = np.concatenate([county["place"], np.full(20, corner), np.full(12, opposite)])
    interval = np.concatenate([county["interval"], np.full(20, 29), np.full(12, 10)])
    return county | {"place": place, "interval": interval}, corner, opposite


@pytest.mark.parametrize("ask", [prospective_scan, space_time_scan])
def test_a_planted_cluster_is_found(ask, outbreak, members):
    cluster = ask(**outbreak).clusters[0]
    assert set(cluster.members) >= members
    assert (cluster.start, cluster.end) == (27, 29)
    assert cluster.high
    assert cluster.p_value == 0.01


def test_a_planted_deficit_is_found():
    """Forty cases everywhere but in the first two places, which have ten."""
    place = np.repeat(np.arange(5), [10, 10, 40, 40, 40])
    cluster = spatial_scan(**ROW | {"replicates": 99}, place=place, population=[1] * 5, rates="low").clusters[
        0
    ]
    assert cluster.members in [(0, 1), (1, 0)]
    assert (cluster.observed, cluster.expected) == (20, pytest.approx(56))
    assert not cluster.high
    assert cluster.relative_risk == pytest.approx((20 / 56) / (120 / 84))
    assert cluster.p_value == 0.01


def test_rates_both_finds_the_likelier_of_high_and_low():
    place = np.repeat(np.arange(5), [0, 20, 20, 20, 30])
    asked = ROW | {"place": place, "population": [1] * 5, "maximum_radius_km": 0.5}
    high, low, both = (spatial_scan(**asked, rates=rates).clusters for rates in ("high", "low", "both"))
    assert [(cluster.members, cluster.high) for cluster in (high[0], low[0])] == [((4,), True), ((0,), False)]
    assert both[0] == max(high[0], low[0], key=lambda cluster: cluster.log_likelihood_ratio)


def test_the_centre_comes_first_then_the_nearest():
    place, x = [0, 1, 1, 2, 2, 2, 3], [9.0, 0.0, 1.0, 20.0]
    cluster = spatial_scan(
        place=place, x=x, y=[0] * 4, population=[9, 1, 1, 9], seed=1, replicates=0
    ).clusters[0]
    assert cluster.members == (1, 2)
    assert (cluster.x, cluster.y, cluster.radius_km) == (0.0, 0.0, 1.0)
    assert (cluster.latitude, cluster.longitude) == (None, None)


def test_a_centre_of_a_grid_need_not_be_a_place():
    cluster = spatial_scan(**ROW, place=[1, 1, 2, 2, 4], population=[1] * 5, centres=([1.5], [2.0])).clusters[
        0
    ]
    assert cluster.members == (1, 2)
    assert (cluster.x, cluster.y, cluster.radius_km) == (1.5, 2.0, pytest.approx(np.hypot(0.5, 2)))


def test_a_purely_temporal_cluster_has_no_place():
    cluster = temporal_scan(
        interval=[0, 1, 4, 4, 5, 5], intervals=6, maximum_length=2, seed=1, replicates=0
    ).clusters[0]
    assert cluster.members == ()
    assert (cluster.latitude, cluster.longitude, cluster.x, cluster.y) == (None,) * 4
    assert (cluster.start, cluster.end, cluster.observed) == (4, 5, 4)


def test_a_stretched_cluster_is_found_by_an_ellipse():
    """A street of five places in a field: a circle that holds the street holds much of the field."""
    x, y = (axis.ravel() * 1.0 for axis in np.meshgrid(np.arange(5), np.arange(5)))
    street = np.flatnonzero(x == y)
    asked = {
        "place": np.repeat(street, 4),
        "population": np.ones(25),
        "x": x,
        "y": y,
        "seed": 1,
        "replicates": 0,
    }
    circle = spatial_scan(**asked).clusters[0]
    ellipse = spatial_scan(**asked, ellipses=Ellipses((4.0,), (4,), "strong")).clusters[0]
    assert set(ellipse.members) == set(street)
    found = ellipse.ellipse
    assert (found.shape, found.angle_degrees, found.major) == (4.0, 45.0, 4 * found.minor)
    assert ellipse.radius_km == found.minor == pytest.approx(np.sqrt(8) / 4)
    assert ellipse.test_statistic == pytest.approx(ellipse.log_likelihood_ratio * 4 * 4 / (4 + 1) ** 2)
    assert ellipse.test_statistic > circle.test_statistic
    assert circle.ellipse is None


def test_at_equal_statistics_fewer_places_win_then_the_earlier_centre():
    """One case everywhere but in the middle; places 1 and 3 have as many more."""
    cluster, other = spatial_scan(
        **ROW, place=[0, 1, 1, 1, 3, 3, 3, 4], population=[1, 1, 2, 1, 1], maximum_radius_km=0
    ).clusters
    assert cluster.log_likelihood_ratio == other.log_likelihood_ratio
    assert (cluster.members, other.members) == ((1,), (3,))


def test_places_with_nobody_change_no_window():
    asked = {"seed": 1, "replicates": 0, "place": [0, 0, 0, 2]}
    without = spatial_scan(**asked, x=[0, 9, 5], y=[0] * 3, population=[2, 4, 3]).clusters[0]
    among = spatial_scan(**asked, x=[0, 9, 5, 1, 0], y=[0] * 5, population=[2, 4, 3, 0, 0]).clusters[0]
    assert without.log_likelihood_ratio == among.log_likelihood_ratio
    assert (without.members, among.members) == ((0,), (0, 4))


def test_limits_hold_for_every_cluster(outbreak):
    limits = {
        "maximum_radius_km": 9.0,
        "maximum_population_share": 0.1,
        "minimum_cases": 4,
        "maximum_length": 3,
    }
    result = space_time_scan(**outbreak | limits | {"replicates": 0, "minimum_length": 2, "overlap": "any"})
    assert len(result.clusters) > 5
    for cluster in result.clusters:
        assert cluster.radius_km <= 9.0
        assert np.isin(outbreak["place"], cluster.members).mean() <= 0.1
        assert cluster.observed >= 4
        assert 2 <= cluster.end - cluster.start + 1 <= 3


def holds(cluster, other, county):
    """Whether the other's centre is a member."""
    return int(np.flatnonzero(county["x"] == other.x)[0]) in cluster.members


def apart(cluster, other):
    places = set(cluster.members) & set(other.members)
    return not (places and cluster.start <= other.end and other.start <= cluster.end)


RULES = {
    "none": lambda one, likelier, county: apart(one, likelier),
    "centres apart": lambda one, likelier, county: (
        not holds(one, likelier, county) and not holds(likelier, one, county)
    ),
    "outside likelier": lambda one, likelier, county: not holds(likelier, one, county),
    "outside less likely": lambda one, likelier, county: not holds(one, likelier, county),
    "not mutual": lambda one, likelier, county: (
        not (holds(one, likelier, county) and holds(likelier, one, county))
    ),
    "any": lambda one, likelier, county: True,
}


@pytest.mark.parametrize("overlap", RULES)
def test_secondary_clusters(overlap, county):
    """The likeliest window around each centre is told unless it breaks the rule with one that is told already."""
    study, _, _ = two_outbreaks(county)
    candidates = space_time_scan(**study | {"replicates": 0}, overlap="any").clusters
    told = []
    for candidate in candidates:
        if all(RULES[overlap](candidate, likelier, county) for likelier in told):
            told.append(candidate)
    assert list(space_time_scan(**study | {"replicates": 0}, overlap=overlap).clusters) == told
    assert all(one.test_statistic >= other.test_statistic - 1e-9 for one, other in pairwise(told))


def test_every_rule_tells_another_number_of_clusters(county):
    study, _, _ = two_outbreaks(county)
    told = [len(space_time_scan(**study | {"replicates": 0}, overlap=rule).clusters) for rule in RULES]
    assert len(set(told)) >= 5
    assert max(told) == told[-1] == 25


def test_without_replicates_nothing_is_said_of_chance(county):
    cluster = prospective_scan(**county | {"replicates": 0}).clusters[0]
    assert (cluster.p_value, cluster.gumbel_p_value, cluster.recurrence_interval) == (None,) * 3


@pytest.mark.parametrize("population", [None, np.arange(1, 26)])
def test_iterations_scan_what_is_left_without_the_likeliest_cluster(population, county):
    """Cases and persons of the first are taken out; then the second is scanned for as if it were alone."""
    study, corner, opposite = two_outbreaks(county)
    model = {} if population is None else {"model": "poisson", "population": population}
    result = space_time_scan(**study, **model, iterations=2)
    first, second = result.clusters
    assert (first.members[0], second.members[0]) == (corner, opposite)
    assert first == space_time_scan(**study, **model).clusters[0]
    inside = np.isin(study["place"], first.members) & (study["interval"] >= first.start)
    left = study | {"place": study["place"][~inside], "interval": study["interval"][~inside]}
    if population is not None:
        at_risk = np.repeat(population[:, None] * 1.0, 30, axis=1)
        at_risk[list(first.members), first.start : first.end + 1] = 0
        model = {"model": "poisson", "population": at_risk}
    alone = space_time_scan(**left | {"replicates": 0}, **model).clusters[0]
    assert second.members == alone.members
    assert second.log_likelihood_ratio == pytest.approx(alone.log_likelihood_ratio)
    assert second.expected == pytest.approx(alone.expected)
    assert result.total_cases == len(study["place"])


def test_iterations_end_with_the_first_cluster_that_chance_explains(county):
    study, corner, opposite = two_outbreaks(county)
    clusters = space_time_scan(**study, iterations=9).clusters
    assert [cluster.members[0] for cluster in clusters[:2]] == [corner, opposite]
    assert len(clusters) <= 3
    assert all(cluster.p_value <= 0.05 for cluster in clusters[:2])
    assert all(cluster.p_value > 0.05 for cluster in clusters[2:])


def test_iterations_end_when_no_case_is_left():
    result = temporal_scan(
        interval=[2, 2, 2, 4, 4, 4],
        intervals=6,
        maximum_length=1,
        seed=1,
        replicates=9,
        iterations=5,
        iteration_p=1.0,
    )
    assert [cluster.start for cluster in result.clusters] == [2, 4]
