"""Replicates are what each model's chance would make of the study."""

import numpy as np
import pytest
from scan_by_definition import Recording, expected_by_permutation, tabulate

from throughline.science.scan import Exposure, prospective_scan, space_time_scan, spatial_scan
from throughline.science.scan.chance import stream

SHAPE = PLACES, INTERVALS = 4, 10
RANDOM = np.random.default_rng(1)
PLACE, INTERVAL = RANDOM.choice(PLACES, 120, p=[0.4, 0.3, 0.2, 0.1]), RANDOM.choice(INTERVALS, 120)
TABLE = tabulate(PLACE, INTERVAL, SHAPE)
PERSONS = np.array([50.0, 10.0, 30.0, 10.0])
SPACE, TIME = RANDOM.gamma(1.0, size=(PLACES, 2)), RANDOM.gamma(1.0, size=(2, INTERVALS))
CONTROLS = RANDOM.poisson(2.0, SHAPE)
WHERE = {"x": np.arange(4.0), "y": np.zeros(4)}
MODELS = {
    "permutation": ({}, expected_by_permutation(PLACE, INTERVAL, PLACE * 0, SHAPE)),
    "strata": ({"strata": PLACE % 2}, expected_by_permutation(PLACE, INTERVAL, PLACE % 2, SHAPE)),
    "weekday": ({"adjust": "weekday"}, expected_by_permutation(PLACE, INTERVAL, INTERVAL % 7, SHAPE)),
    "poisson": ({"model": "poisson", "population": PERSONS}, np.repeat(PERSONS[:, None], INTERVALS, axis=1)),
    "parts": ({"model": "poisson", "population": Exposure(SPACE, TIME)}, SPACE @ TIME),
    "time": (
        {"model": "poisson", "population": Exposure(SPACE, TIME), "adjust": "time"},
        (SPACE @ TIME) / (SPACE @ TIME).sum(axis=0) * TABLE.sum(axis=0),
    ),
    "bernoulli": ({"model": "bernoulli", "controls": CONTROLS}, TABLE + CONTROLS),
}


def drawn(model, *, replicates=400, ask=space_time_scan, longest=INTERVALS):
    """(replicates, places, intervals) counts."""
    recording = Recording(SHAPE)
    ask(
        place=PLACE, interval=INTERVAL, intervals=INTERVALS, maximum_length=longest, **WHERE, **model, seed=1,
        replicates=replicates, run=recording,
    )  # fmt: skip
    return np.array(recording.tables)


@pytest.mark.parametrize(("model", "share"), MODELS.values(), ids=MODELS)
def test_replicates_have_on_average_what_is_expected(model, share):
    tables = drawn(model)
    expected = share / share.sum() * len(PLACE)
    error = tables.std(axis=0) / np.sqrt(len(tables)) + 1e-9
    off = (tables.mean(axis=0) - expected) / error
    assert np.abs(off).max() < 4.5
    assert np.mean(np.abs(off) < 1) > 0.5


@pytest.mark.parametrize(("model", "share"), MODELS.values(), ids=MODELS)
def test_drawing_the_last_intervals_alone_makes_no_difference(model, share):
    """A prospective scan needs no other cases; those it draws are spread as if all were drawn."""
    tables = drawn(model, ask=prospective_scan, longest=3)
    assert tables[:, :, :-3].sum() == 0
    expected = (share / share.sum() * len(PLACE))[:, -3:]
    error = tables[:, :, -3:].std(axis=0) / np.sqrt(len(tables))
    assert np.abs((tables[:, :, -3:].mean(axis=0) - expected) / error).max() < 4.5


def test_a_permutation_keeps_the_cases_of_each_place_and_of_each_interval():
    tables = drawn({}, replicates=20)
    assert (tables.sum(axis=2) == TABLE.sum(axis=1)).all()
    assert (tables.sum(axis=1) == TABLE.sum(axis=0)).all()
    assert (tables != TABLE).any(axis=(1, 2)).all()


def test_a_permutation_by_weekday_keeps_the_cases_of_each_place_on_each_weekday():
    tables = drawn({"adjust": "weekday"}, replicates=20)
    for weekday in range(7):
        kept = tables[:, :, weekday::7].sum(axis=2)
        assert (kept == TABLE[:, weekday::7].sum(axis=1)).all()


def test_the_poisson_model_keeps_the_total():
    tables = drawn(MODELS["parts"][0], replicates=20)
    assert (tables.sum(axis=(1, 2)) == len(PLACE)).all()
    assert len(np.unique(tables.sum(axis=2), axis=0)) == 20


def test_stratified_time_keeps_the_cases_of_each_interval():
    tables = drawn(MODELS["time"][0], replicates=20)
    assert (tables.sum(axis=1) == TABLE.sum(axis=0)).all()


def test_no_more_cases_than_persons_under_the_bernoulli_model():
    tables = drawn(MODELS["bernoulli"][0], replicates=50)
    assert (tables <= TABLE + CONTROLS).all()
    assert (tables.sum(axis=(1, 2)) == len(PLACE)).all()


@pytest.mark.parametrize("model", [{"population": PERSONS}, {"model": "bernoulli", "controls": PERSONS}])
def test_where_time_plays_no_part_counts_are_drawn(model):
    recording = Recording((PLACES, 1))
    spatial_scan(place=PLACE, **WHERE, **model, seed=1, replicates=400, run=recording)
    tables = np.array(recording.tables)[:, :, 0]
    share = PERSONS + (np.bincount(PLACE) if "controls" in model else 0)
    assert (tables.sum(axis=1) == len(PLACE)).all()
    error = tables.std(axis=0) / np.sqrt(len(tables))
    assert np.abs((tables.mean(axis=0) - share / share.sum() * len(PLACE)) / error).max() < 4.5


def test_every_replicate_has_its_own_random_numbers():
    first, again, other, reseeded = (
        stream(seed, number).random(5) for seed, number in ((1, 1), (1, 1), (1, 2), (2, 1))
    )
    assert (first == again).all()
    assert not (first == other).any()
    assert not (first == reseeded).any()
