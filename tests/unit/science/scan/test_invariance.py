"""What must not matter does not: order, units, who computes, and how the same facts are written down."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from throughline.science.scan import (
    Cluster,
    Exposure,
    prospective_scan,
    space_time_scan,
    spatial_scan,
    temporal_scan,
)
from throughline.science.scan.runners import threads

PLACES, INTERVALS = 12, 20
RANDOM = np.random.default_rng(1)
X, Y = RANDOM.normal(0, 1, (2, PLACES))
PERSONS = RANDOM.integers(1, 100, PLACES)
STUDY = {
    "place": np.append(RANDOM.integers(0, PLACES, 80), [3] * 8),
    "interval": np.append(RANDOM.integers(0, INTERVALS, 80), [17, 18] * 4),
    "intervals": INTERVALS,
    "maximum_length": 6,
    "seed": 1,
    "replicates": 49,
    "rates": "both",
}
ON_PLANE = {"x": X, "y": Y}
ON_EARTH = {"latitude": 41 + Y / 10, "longitude": -87 + X / 10}
MODELS = {
    "permutation": {},
    "poisson": {"model": "poisson", "population": PERSONS},
    "bernoulli": {"model": "bernoulli", "controls": RANDOM.poisson(1.0, (PLACES, INTERVALS))},
}
model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
where = pytest.mark.parametrize("where", [ON_PLANE, ON_EARTH], ids=["plane", "earth"])


def scan(**changed):
    return space_time_scan(**STUDY | changed)


def assert_same(one: Cluster, other: Cluster, *, but: tuple[str, ...] = ()) -> None:
    for name in one.__dataclass_fields__.keys() - set(but):
        ours, theirs = getattr(one, name), getattr(other, name)
        assert ours == (pytest.approx(theirs, rel=1e-9) if isinstance(ours, float) else theirs), name


def assert_all_same(one, other, *, but=()):
    assert one.clusters
    np.testing.assert_allclose(one.simulated_maxima, other.simulated_maxima, rtol=1e-9)
    for ours, theirs in zip(one.clusters, other.clusters, strict=True):
        assert_same(ours, theirs, but=but)


@settings(max_examples=10, deadline=None)
@given(st.permutations(range(PLACES)))
@pytest.mark.parametrize("name", ["permutation", "poisson"])
def test_the_order_of_places(name, order):
    """Only replicates differ: they are drawn in the order of places."""
    order = np.array(order)
    number = np.argsort(order)
    reordered = {"place": number[STUDY["place"]], "x": X[order], "y": Y[order]}
    people = {"model": "poisson", "population": PERSONS}, {"model": "poisson", "population": PERSONS[order]}
    before, after = people if name == "poisson" else ({}, {})
    ours = scan(**ON_PLANE, **before, replicates=0).clusters[0]
    theirs = scan(**reordered, **after, replicates=0).clusters[0]
    renumbered = replace(theirs, members=tuple(int(order[member]) for member in theirs.members))
    assert_same(ours, renumbered)


@model
def test_the_order_of_cases(model):
    order = np.random.default_rng(2).permutation(len(STUDY["place"]))
    if model:
        cases = {"place": STUDY["place"][order], "interval": STUDY["interval"][order]}
        assert_all_same(scan(**ON_PLANE, **model), scan(**ON_PLANE, **model, **cases))
    else:  # what is dealt to them differs
        cases = {"place": STUDY["place"][order], "interval": STUDY["interval"][order], "replicates": 0}
        assert_all_same(scan(**ON_PLANE, replicates=0), scan(**ON_PLANE, **cases))


@model
def test_cases_one_by_one_or_in_rows_with_counts(model):
    cells, count = np.unique(STUDY["place"] * INTERVALS + STUDY["interval"], return_counts=True)
    order = np.lexsort((STUDY["interval"], STUDY["place"]))
    one_by_one = {"place": STUDY["place"][order], "interval": STUDY["interval"][order]}
    in_rows = {"place": cells // INTERVALS, "interval": cells % INTERVALS, "count": count}
    assert_all_same(scan(**ON_PLANE, **model, **one_by_one), scan(**ON_PLANE, **model, **in_rows))


@model
def test_a_place_split_in_two_at_the_same_coordinates(model):
    """Half of the cases of place 3, of its population and of its controls go to a new place beside it."""
    mine = np.flatnonzero(STUDY["place"] == 3)
    place = STUDY["place"].copy()
    place[mine[::2]] = PLACES
    split = {"place": place, "x": np.append(X, X[3]), "y": np.append(Y, Y[3])}
    for name, values in model.items():
        if name == "population":
            split[name] = np.append(values, values[3] / 2)
            split[name][3] /= 2
        elif name == "controls":
            split[name] = np.vstack([values, values[3] // 2])
            split[name][3] -= values[3] // 2
    whole, halves = scan(**ON_PLANE, **model, replicates=0), scan(**model | split, replicates=0)
    rejoined = tuple(member for member in halves.clusters[0].members if member < PLACES)
    assert_same(whole.clusters[0], replace(halves.clusters[0], members=rejoined))
    assert halves.warnings == ("1 of 13 places share coordinates; they enter circles together.",)
    assert whole.warnings == ()


@pytest.mark.parametrize("factor", [1e-6, 0.3048, 1000.0])
def test_units_of_the_plane(factor):
    scaled = scan(x=factor * X - 5, y=factor * Y + 7)
    apart = ("x", "y", "radius_km")
    assert_all_same(scan(**ON_PLANE), scaled, but=apart)
    assert scaled.clusters[0].radius_km == pytest.approx(factor * scan(**ON_PLANE).clusters[0].radius_km)


@pytest.mark.parametrize("degrees", [87, -93, 267])
def test_the_zero_meridian_and_the_date_line(degrees):
    longitude = (ON_EARTH["longitude"] + degrees + 180) % 360 - 180
    shifted = ON_EARTH | {"longitude": longitude}
    assert_all_same(scan(**ON_EARTH), scan(**shifted), but=("longitude",))


@where
@model
def test_the_number_of_threads_and_of_replicates_in_a_task(where, model):
    whole = scan(**where, **model, run=threads(1))
    assert_all_same(whole, scan(**where, **model, run=threads(2), replicates_per_task=7))
    assert_all_same(whole, scan(**where, **model, run=threads(3), replicates_per_task=1))


def test_the_seed_matters():
    one, other = (scan(**ON_PLANE, seed=seed).simulated_maxima for seed in (1, 2))
    assert np.mean(one != other) > 0.8


@pytest.mark.parametrize("factor", [1e-5, 1e5])
def test_units_of_the_population(factor):
    ours = scan(**ON_PLANE, model="poisson", population=PERSONS)
    assert_all_same(ours, scan(**ON_PLANE, model="poisson", population=factor * PERSONS))


@pytest.mark.parametrize(
    "written",
    [
        np.repeat(PERSONS[:, None], INTERVALS, axis=1),
        Exposure(PERSONS[:, None] * 1.0, np.ones((1, INTERVALS))),
        Exposure(np.column_stack([PERSONS, PERSONS]) * 1.0, np.full((2, INTERVALS), 0.5)),
    ],
    ids=["by interval", "one part", "two parts"],
)
def test_ways_to_write_down_a_population(written):
    """Replicates are drawn part by part, so those of two parts differ."""
    ours = scan(**ON_PLANE, model="poisson", population=PERSONS, replicates=0)
    assert_all_same(ours, scan(**ON_PLANE, model="poisson", population=written, replicates=0))


@pytest.mark.parametrize("rates", ["high", "low"])
def test_time_runs_either_way_in_retrospect(rates):
    forwards = scan(**ON_PLANE, rates=rates, replicates=0).clusters[0]
    backwards = scan(
        **ON_PLANE, rates=rates, replicates=0, interval=INTERVALS - 1 - STUDY["interval"]
    ).clusters[0]
    turned = replace(backwards, start=INTERVALS - 1 - backwards.end, end=INTERVALS - 1 - backwards.start)
    assert_same(forwards, turned)


def test_space_is_space_time_in_one_interval():
    cases = {"place": STUDY["place"], "model": "poisson", "population": PERSONS, **ON_PLANE}
    options = {"rates": "both", "seed": 1, "replicates": 0, "overlap": "any"}
    apart = spatial_scan(**cases, **options)
    together = space_time_scan(
        **cases, **options, interval=0 * STUDY["interval"], intervals=1, maximum_length=1
    )
    assert_all_same(apart, together, but=("recurrence_interval",))


def test_time_is_space_time_in_all_places():
    """Two places at the same coordinates enter every circle together."""
    cases = {"interval": STUDY["interval"], "intervals": INTERVALS, "maximum_length": 6}
    options = {"model": "poisson", "rates": "both", "seed": 1, "replicates": 0}
    apart = temporal_scan(**cases, **options).clusters[0]
    together = space_time_scan(
        **cases, **options, place=STUDY["place"] % 2, x=[0, 0], y=[0, 0], population=[1, 1],
        maximum_population_share=1.0,
    ).clusters[0]  # fmt: skip
    assert_same(apart, together, but=("members", "x", "y"))


def test_the_last_windows_of_a_retrospective_scan_are_those_of_a_prospective_one():
    """All cases of a study after its end: no other window holds any."""
    late = {"interval": INTERVALS - 1 - STUDY["interval"] % 3, "maximum_length": INTERVALS, "rates": "high"}
    model = {"model": "poisson", "population": PERSONS}
    ours = prospective_scan(**STUDY | late | model, **ON_PLANE).clusters[0]
    theirs = scan(**late, **model, **ON_PLANE).clusters[0]
    assert ours.end == theirs.end == INTERVALS - 1
    assert_same(ours, theirs, but=("p_value", "gumbel_p_value", "recurrence_interval"))
