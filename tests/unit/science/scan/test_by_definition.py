"""Whatever a search passes over, it finds what trying every circle in every window finds."""

import numpy as np
import pytest
from random_scans import Example, in_space, in_space_and_time, in_time
from scan_by_definition import Definition, Recording, on_plane, tabulate

from throughline.science.scan import prospective_scan, space_time_scan, spatial_scan, temporal_scan

EXACT = {"rtol": 1e-8, "atol": 1e-9}


def check_observed(example: Example):
    """With overlap="any" the likeliest window around every centre is told."""
    definition = example.definition
    told = example.ask(seed=1, replicates=0, overlap="any").clusters
    around = [
        definition.likeliest_of(centre, example.table) for centre in range(definition.kilometres.shape[1])
    ]
    largest = sorted((windows[0].statistic for windows in around if windows), reverse=True)
    np.testing.assert_allclose([cluster.test_statistic for cluster in told], largest, **EXACT)
    figures = {
        (window.places, window.start, window.end): (window.observed, window.expected)
        for windows in around
        for window in windows
    }
    for cluster in told:
        inhabited = frozenset(place for place in cluster.members or (0,) if definition.size[place] > 0)
        observed, expected = figures[inhabited, cluster.start, cluster.end]
        assert cluster.observed == observed
        assert cluster.expected == pytest.approx(expected)
        assert cluster.high == (observed > expected)


def check_replicates(example: Example, replicates: int):
    recording = Recording(example.table.shape)
    maxima = example.ask(seed=1, replicates=replicates, run=recording).simulated_maxima
    by_definition = [example.replicated.largest_statistic(table) for table in recording.tables]
    np.testing.assert_allclose(maxima, by_definition, **EXACT)


@pytest.mark.parametrize("seed", range(16))
@pytest.mark.parametrize("make", [in_space, in_time, in_space_and_time])
def test_random_studies(make, seed):
    example = make(seed)
    check_observed(example)
    check_replicates(example, replicates=8)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(100, 250, 10))
@pytest.mark.parametrize("make", [in_space, in_time, in_space_and_time])
def test_many_more_random_studies(make, first):
    for seed in range(first, first + 10):
        example = make(seed)
        check_observed(example)
        check_replicates(example, replicates=20)


def row(places: int) -> dict[str, np.ndarray]:
    return {"x": np.arange(float(places)), "y": np.zeros(places)}


def distances(where: dict[str, np.ndarray]) -> np.ndarray:
    return on_plane(where["x"], where["y"], (where["x"], where["y"]))


@pytest.mark.parametrize(("cases", "above"), [(30, 64), (300, 512), (20_000, 2**14)])
@pytest.mark.parametrize("ask", [prospective_scan, space_time_scan])
def test_a_cluster_of_any_size(ask, cases, above):
    """The statistic passes every level that limits are tabled for; counts pass those of narrow whole numbers."""
    random = np.random.default_rng(1)
    place = np.append(random.integers(0, 6, cases), np.full(cases, 2))
    interval = np.append(random.integers(0, 10, cases), np.full(cases, 9))
    where = row(6)
    cluster = ask(
        place=place, interval=interval, intervals=10, maximum_length=5, model="poisson", population=[1] * 6,
        **where, seed=1, replicates=0,
    ).clusters[0]  # fmt: skip
    table = tabulate(place, interval, (6, 10))
    definition = Definition(distances(where), np.ones(6), np.full((6, 10), 2 * cases / 60), ends=(9,))
    (window,) = definition.likeliest_of(2, table)
    assert window.statistic > above
    assert cluster.test_statistic == pytest.approx(window.statistic, rel=1e-9)
    assert (cluster.members, cluster.start, cluster.end) == ((2,), 9, 9)


def test_more_cases_than_narrow_numbers_hold_in_space():
    count = np.array([9_000, 14_000, 9_500, 10_000])
    where = row(4)
    result = spatial_scan(place=range(4), count=count, population=np.ones(4), **where, seed=1, replicates=5)
    definition = Definition(distances(where), np.ones(4), np.full((4, 1), count.sum() / 4), largest=2)
    (window,) = definition.likeliest_of(1, count[:, None])
    assert result.clusters[0].test_statistic == pytest.approx(window.statistic, rel=1e-9)
    assert result.clusters[0].members == (1,)


def test_a_deficit_is_counted_before_the_circle_grows():
    """All three cases of the second place enter after the first place alone was weighed: one case of five."""
    where = row(3)
    place, interval = [0, 1, 1, 1, 2, 2], [0] * 6
    cluster = space_time_scan(
        place=place, interval=interval, intervals=1, maximum_length=1, model="poisson", population=[5, 1, 1],
        rates="low", **where, seed=1, replicates=0, maximum_population_share=1.0,
    ).clusters[0]  # fmt: skip
    assert cluster.members == (0,)
    assert (cluster.observed, cluster.expected) == (1, pytest.approx(6 * 5 / 7))
    assert cluster.test_statistic == pytest.approx(np.log(7 / 30) + 5 * np.log(5 / (6 - 30 / 7)))


def test_too_few_low_cases_don_t_borrow_from_the_next_circle():
    """Around the first place circles hold 1, then 3 cases: none holds 2, though the second's come one by one."""
    where = row(3)
    told = space_time_scan(
        place=[0, 1, 1, 2, 2, 2, 2, 2], interval=[0] * 8, intervals=1, maximum_length=1, model="poisson",
        population=[50, 10, 10], rates="low", minimum_low_cases=2, centres=([0.0], [0.0]), **where, seed=1,
        replicates=0, maximum_population_share=1.0,
    ).clusters  # fmt: skip
    assert [cluster.observed for cluster in told] == [3]


def test_days_with_fewer_cases_than_a_cluster_s_do_not_hide_it():
    """Under stratified time, limits are tabled for the day with fewest cases: one."""
    place = np.array([0, 1, 2, 3, 0, 0, 0, 0, 0, 1])
    interval = np.array([0, 1, 2, 3, 4, 4, 4, 4, 4, 4])
    where = row(4)
    ask = {"model": "poisson", "population": np.ones(4), "adjust": "time"}
    cluster = space_time_scan(
        place=place, interval=interval, intervals=5, maximum_length=2, **ask, **where, seed=1, replicates=0
    ).clusters[0]
    assert (cluster.members, cluster.start, cluster.end) == ((0,), 4, 4)
    assert (cluster.observed, cluster.expected) == (5, pytest.approx(6 / 4))
    assert cluster.test_statistic == pytest.approx(5 * np.log(5 / 1.5) + 1 * np.log(1 / 4.5))


@pytest.mark.parametrize("seed", range(20))
def test_a_window_that_holds_all_there_is_is_no_cluster(seed):
    """What is expected in it is the total but for rounding."""
    random = np.random.default_rng(seed)
    population, interval = random.gamma(1.0, size=(1, 30)), random.integers(0, 30, 60)
    whole = {"intervals": 30, "minimum_length": 30, "maximum_length": 30, "population": population}
    assert temporal_scan(interval=interval, **whole, rates="both", seed=1, replicates=0).clusters == ()


def test_places_at_the_largest_radius_enter_together():
    """The neighbours at 0.2 and 0.4 are 0.1 and 0.10000000000000003 away from the centre at 0.3."""
    x = np.array([0.2, 0.30000000000000004, 0.4, 5.0])
    told = spatial_scan(
        place=[0, 0, 0, 1, 2, 2, 3], population=[1, 1, 1, 9], x=x, y=np.zeros(4), centres=([x[1]], [0.0]),
        maximum_radius_km=0.1, maximum_population_share=1.0, seed=1, replicates=0,
    ).clusters  # fmt: skip
    assert sorted(told[0].members) == [0, 1, 2]
    inside, outside = 6 * np.log(6 / (7 * 3 / 12)), 1 * np.log(1 / (7 * 9 / 12))
    assert told[0].test_statistic == pytest.approx(inside + outside)
