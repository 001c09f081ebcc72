"""Stopping early must never change whether a cluster is rare."""

import numpy as np

from throughline.science.scan import REPLICATES_PER_LOOK, ScanResult, prospective_scan


def scan(seed: int, *, planted: int, stop_after: int | None) -> ScanResult:
    """Two hundred cases in a 5 x 5 grid over 60 days, with some more in one corner in the last four days."""
    random = np.random.default_rng(seed)
    place = np.concatenate([random.integers(0, 25, 200), np.zeros(planted, int)])
    day = np.concatenate([random.integers(0, 60, 200), random.integers(56, 60, planted)])
    return prospective_scan(
        place=place,
        day=day,
        latitude=40 + np.arange(25) // 5 / 100,
        longitude=-75 + np.arange(25) % 5 / 100,
        days=60,
        maximum_days=14,
        replicates=499,
        seed=seed,
        stop_after=stop_after,
    )


def test_chance_is_recognised_after_the_first_look() -> None:
    result = scan(1, planted=0, stop_after=10)
    assert len(result.simulated_maxima) == REPLICATES_PER_LOOK
    assert result.clusters[0].p_value > 0.05


def test_a_real_cluster_gets_every_replicate_and_the_same_answer() -> None:
    assert scan(2, planted=9, stop_after=10).clusters[0] == scan(2, planted=9, stop_after=None).clusters[0]


def test_the_decision_is_the_same_for_every_seed() -> None:
    for seed in range(12):
        whole = scan(seed, planted=seed % 6, stop_after=None).clusters[0]
        early = scan(seed, planted=seed % 6, stop_after=10).clusters[0]
        assert (early.p_value <= 0.01) == (whole.p_value <= 0.01)
