"""How rare a cluster is: ranks among replicates, the curve through them, and when to stop early."""

import numpy as np
import pytest
from scipy import stats

from throughline.science.scan import ScanCancelled, ScanResult, prospective_scan, space_time_scan
from throughline.science.scan.inference import gumbel_p_value, rank_p_value


def test_the_p_value_is_the_rank_of_the_cluster_among_the_replicates(county):
    result = space_time_scan(**county, overlap="any")
    maxima = result.simulated_maxima
    assert len({cluster.p_value for cluster in result.clusters}) > 2
    for cluster in result.clusters:
        as_large = np.count_nonzero(maxima >= cluster.test_statistic - 1e-9)
        assert cluster.p_value == (as_large + 1) / (result.replicates + 1)


def test_equal_statistics_count_as_large_whatever_rounding_made_of_them():
    assert rank_p_value(np.array([1.0, 2.0, 3.0]), 2.0 + 1e-12) == 3 / 4
    assert rank_p_value(np.array([1.0, 2.0, 3.0]), 2.0 + 1e-6) == 2 / 4


def test_the_gumbel_curve_has_the_mean_and_the_variance_of_the_replicates():
    maxima = np.random.default_rng(1).gumbel(5.0, 1.3, 999)
    scale = maxima.std(ddof=1) * np.sqrt(6) / np.pi
    location = maxima.mean() - np.euler_gamma * scale
    for statistic in (4.0, 8.0, 30.0):
        tail = stats.gumbel_r(location, scale).sf(statistic)
        assert gumbel_p_value(maxima, statistic) == pytest.approx(tail, rel=1e-9)


def test_the_gumbel_curve_needs_two_distinct_maxima():
    assert gumbel_p_value(np.array([]), 3.0) is None
    assert gumbel_p_value(np.array([2.0]), 3.0) is None
    assert gumbel_p_value(np.array([2.0, 2.0]), 3.0) is None


def test_the_gumbel_curve_tells_apart_what_ranks_cannot(outbreak):
    cluster = prospective_scan(**outbreak).clusters[0]
    assert cluster.p_value == 0.01
    assert 0 < cluster.gumbel_p_value < 1e-4


def test_a_recurrence_interval_is_told_of_prospective_scans_only(outbreak):
    now, ever = prospective_scan(**outbreak).clusters[0], space_time_scan(**outbreak).clusters[0]
    assert now.recurrence_interval == pytest.approx(1 / now.p_value) == pytest.approx(100)
    assert ever.recurrence_interval is None


def test_earlier_looks_make_a_cluster_less_rare(county):
    """Replicates may be as large on any of the last twenty days."""
    fewer = county | {"replicates": 199}
    alone = prospective_scan(**fewer)
    among = prospective_scan(**fewer, earlier_since=10)
    assert (np.sort(among.simulated_maxima) >= np.sort(alone.simulated_maxima)).mean() > 0.95
    assert among.simulated_maxima.mean() > 1.3 * alone.simulated_maxima.mean()
    np.testing.assert_array_equal(
        prospective_scan(**fewer, earlier_since=29).simulated_maxima, alone.simulated_maxima
    )


LOOK = 100  # replicates between looks at the rank


def stopping(county, *, planted, stop_after) -> ScanResult:
    """More cases in place 3 on the last day, or none."""
    place = np.append(county["place"], np.full(planted, 3))
    interval = np.append(county["interval"], np.full(planted, 29))
    study = county | {"place": place, "interval": interval, "replicates": 499}
    return prospective_scan(**study, stop_after=stop_after)


def test_chance_is_recognised_after_the_first_look(county):
    early = stopping(county, planted=0, stop_after=10)
    whole = stopping(county, planted=0, stop_after=None)
    assert early.replicates == LOOK
    np.testing.assert_array_equal(early.simulated_maxima, whole.simulated_maxima[:LOOK])


def test_a_real_cluster_gets_every_replicate_and_the_same_answer(county):
    early = stopping(county, planted=9, stop_after=10)
    whole = stopping(county, planted=9, stop_after=None)
    assert early.replicates == 499
    assert early.clusters == whole.clusters


@pytest.mark.parametrize("planted", range(6))
def test_stopping_early_never_changes_whether_a_cluster_is_rare(planted, county):
    whole = stopping(county, planted=planted, stop_after=None).clusters
    early = stopping(county, planted=planted, stop_after=10).clusters
    rare = [bool(told) and told[0].p_value <= 0.01 for told in (whole, early)]
    assert rare[0] == rare[1]


def test_progress_is_told_in_replicates_until_all_are_done(county):
    told = []
    prospective_scan(**county, replicates_per_task=20, progress=lambda done, of: told.append((done, of)))
    assert {of for _, of in told} == {99}
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (99, 99)


@pytest.mark.parametrize("asked", [1, 3, 6])
def test_a_scan_ends_when_it_is_cancelled(asked, county):
    answers = iter([False] * (asked - 1) + [True] * 9)
    with pytest.raises(ScanCancelled):
        prospective_scan(**county, cancelled=lambda: next(answers))


def at_random(random, model):
    """80 cases in 20 places over 30 days as chance alone has them; nine of ten persons live in half of the places."""
    population = np.repeat([9, 1], 10)
    asked = {"model": "poisson", "population": population} if model == "poisson" else {}
    return asked | {
        "place": random.choice(20, 80, p=population / population.sum()),
        "interval": random.integers(0, 30, 80),
        "x": np.arange(20) % 5,
        "y": np.arange(20) // 5,
    }


@pytest.mark.slow
@pytest.mark.parametrize("model", ["permutation", "poisson"])
def test_p_values_are_uniform_when_nothing_clusters(model):
    """Ranks are steps, and equal statistics share one: within them chance decides, so that all values are as likely."""
    random = np.random.default_rng(1)
    ranks = []
    for seed in range(500):
        study = at_random(random, model)
        result = prospective_scan(**study, intervals=30, maximum_length=7, replicates=99, seed=seed)
        statistic = result.clusters[0].test_statistic if result.clusters else 0.0
        larger = np.count_nonzero(result.simulated_maxima > statistic + 1e-9)
        equal = np.count_nonzero(np.abs(result.simulated_maxima - statistic) <= 1e-9)
        if not result.clusters:  # less likely than all replicates
            larger, equal = 99, 0
        ranks.append((larger + random.random() * (equal + 1)) / 100)
    assert stats.kstest(ranks, "uniform").pvalue > 0.01
