"""What can't be right is refused in a plain sentence that names the argument and the value."""

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

NAN = float("nan")
STUDY = {
    "place": [0, 0, 1, 2],
    "interval": [4, 4, 0, 2],
    "intervals": 5,
    "maximum_length": 2,
    "x": [0.0, 1.0, 2.0],
    "y": [0.0, 0.0, 0.0],
    "seed": 1,
    "replicates": 9,
}
ON_EARTH = {"x": None, "y": None, "latitude": [1.0, 2.0, 3.0], "longitude": [1.0, 2.0, 3.0]}
POISSON = {"model": "poisson", "population": [1, 1, 1]}
BERNOULLI = {"model": "bernoulli", "controls": [1, 1, 1]}


def told(ask, **asked):
    with pytest.raises(ValueError) as error:
        ask(**asked)
    return str(error.value)


CASES = [
    ({"place": [0, 0, 1, 3]}, "place must lie between 0 and 2, got 3."),
    ({"place": [0, 0, 1, -1]}, "place must lie between 0 and 2, got -1."),
    ({"place": [0, 0, 1, NAN]}, "place must be a list of whole numbers, one per row of cases."),
    ({"interval": [4, 4, 0, 5]}, "interval must lie between 0 and 4, got 5."),
    ({"interval": [4, 4, 0, 0.5]}, "interval must be a list of whole numbers, one per row of cases."),
    ({"interval": [4, 4, 0]}, "place, interval and count differ in length: 4, 3, 4."),
    ({"count": [1, 1]}, "place, interval and count differ in length: 4, 4, 2."),
    ({"count": [1, 1, 1, -1]}, "count must be whole numbers, 0 or more, got -1.0."),
    ({"count": [1, 1, 1, 1.5]}, "count must be whole numbers, 0 or more, got 1.5."),
    ({"count": [1, 1, 1, NAN]}, "count must be whole numbers, 0 or more, got nan."),
    ({"count": [1, 1, 1, np.inf]}, "count must be whole numbers, 0 or more, got inf."),
    ({"count": [0, 0, 0, 0]}, "there are no cases."),
    ({"place": [], "interval": []}, "there are no cases."),
    ({"intervals": 0}, "intervals must be 1 or more, got 0."),
    ({"intervals": -1}, "intervals must be 1 or more, got -1."),
    ({"strata": [1, 1, 1]}, "strata must be whole numbers, one per row of cases (4), got (3,)."),
]
WHERE = [
    ({"y": None}, "give latitude and longitude, or x and y."),
    ({"latitude": [1.0, 2.0, 3.0]}, "give latitude and longitude, or x and y."),
    ({"x": [0.0, NAN, 2.0]}, "x must be finite numbers, got nan."),
    ({"x": [0.0, 1.0]}, "x and y must have one shape, got (2,) and (3,)."),
    (ON_EARTH | {"latitude": [1.0, 90.5, 3.0]}, "latitude must lie between -90 and 90 degrees, got 90.5."),
    (ON_EARTH | {"longitude": [1.0, 2.0, NAN]}, "longitude must lie between -180 and 180 degrees, got nan."),
    (ON_EARTH | {"longitude": [1.0, 2.0]}, "latitude and longitude must have one shape, got (3,) and (2,)."),
    ({"centres": ([], [])}, "x must have one value per place, got the shape (0,)."),
    ({"centres": ([NAN], [0.0])}, "x must be finite numbers, got nan."),
    (
        {"x": [0.0], "y": [0.0], "place": [0] * 4},
        "a scan of places needs two places or more; with one, ask for a temporal scan.",
    ),
]
AT_RISK = [
    ({"model": "poisson"}, "this model needs population."),
    ({"model": "bernoulli"}, "this model needs controls."),
    ({"population": [1, 1, 1]}, "the permutation model takes no population: the poisson model does."),
    (POISSON | {"controls": [1, 1, 1]}, "the poisson model takes no controls: the bernoulli model does."),
    (
        POISSON | {"strata": [1, 1, 1, 1]},
        "strata go with the permutation model, not with poisson: adjust its population.",
    ),
    (
        POISSON | {"population": [1, 1]},
        "population must have the shape (3,) or (3, 5), got (2,).",
    ),
    (POISSON | {"population": [1, 1, -2]}, "population must be 0 or more everywhere, got -2.0."),
    (POISSON | {"population": [1, 1, NAN]}, "population must be 0 or more everywhere, got nan."),
    (POISSON | {"population": [0, 0, 0]}, "nobody is at risk: the population is 0 everywhere."),
    (
        POISSON | {"population": [0, 1, 1]},
        "place 0 has cases in interval 4 but its population is 0.",
    ),
    (
        POISSON | {"population": [[1, 1, 1, 1, 0], [1] * 5, [1] * 5]},
        "place 0 has cases in interval 4 but its population is 0.",
    ),
    (
        POISSON | {"population": Exposure(np.ones((2, 1)), np.ones((1, 5)))},
        "population must cover 3 places and 5 intervals, got 2 and 5.",
    ),
    (BERNOULLI | {"controls": [1, 1, 0.5]}, "controls must be whole numbers."),
    (BERNOULLI | {"controls": [0, 0, 0]}, "there are no controls."),
    ({"model": "normal"}, "model must be one of permutation, poisson, bernoulli, got 'normal'."),
    ({"adjust": "season"}, "adjust must be one of none, time, weekday, got 'season'."),
    ({"adjust": "time"}, "adjust='time' goes with the poisson model, not with permutation."),
    (POISSON | {"adjust": "weekday"}, "adjust='weekday' goes with the permutation model, not with poisson."),
]
ORDER = (
    "minimum_length and maximum_length must be in order and lie between 1 and intervals (5), got {} and {}."
)
OPTIONS = [
    ({"maximum_length": 6}, ORDER.format(1, 6)),
    ({"minimum_length": 0}, ORDER.format(0, 2)),
    ({"minimum_length": 3}, ORDER.format(3, 2)),
    ({"rates": "all"}, "rates must be one of high, low, both, got 'all'."),
    ({"maximum_population_share": 50}, "maximum_population_share must lie between 0 and 1, got 50."),
    ({"maximum_population_share": NAN}, "maximum_population_share must lie between 0 and 1, got nan."),
    ({"maximum_radius_km": -1.0}, "maximum_radius_km must be 0 or more, got -1.0."),
    ({"maximum_radius_km": NAN}, "maximum_radius_km must be 0 or more, got nan."),
    ({"minimum_cases": 0}, "minimum_cases must be 1 or more, got 0."),
    ({"minimum_low_cases": -1}, "minimum_low_cases must be 0 or more, got -1."),
    ({"replicates": -1}, "replicates must be 0 or more, got -1."),
    ({"seed": -1}, "seed must be 0 or more, got -1."),
    ({"stop_after": 0}, "stop_after must be 1 or more, got 0."),
    ({"iterations": 0}, "iterations must be 1 or more, got 0."),
    ({"iteration_p": 5}, "iteration_p must lie between 0 and 1, got 5."),
    (
        {"overlap": "centres apart", "centres": ([0.5], [0.0])},
        "overlap='centres apart' needs centres that are places.",
    ),
]


@pytest.mark.parametrize("ask", [space_time_scan, prospective_scan])
@pytest.mark.parametrize(("wrong", "words"), CASES + WHERE + AT_RISK + OPTIONS)
def test_a_scan_in_space_and_time_says_what_is_wrong(ask, wrong, words):
    assert told(ask, **STUDY | wrong) == words


def test_an_overlap_rule_that_is_not_one():
    rules = "none, centres apart, outside likelier, outside less likely, not mutual, any"
    assert told(space_time_scan, **STUDY, overlap="some") == f"overlap must be one of {rules}, got 'some'."


@pytest.mark.parametrize("earlier_since", [-1, 5])
def test_earlier_looks_lie_within_the_study(earlier_since):
    words = f"earlier_since must lie between 0 and 4, got {earlier_since}."
    assert told(prospective_scan, **STUDY, earlier_since=earlier_since) == words


def test_a_permutation_needs_places_and_times():
    words = "the permutation model needs two places and two intervals or more."
    where = {"x": [0.0, 1.0], "y": [0.0, 0.0]}
    assert told(spatial_scan, place=[0, 1], **where, seed=1, model="permutation") == words
    when = {"interval": [0, 1], "intervals": 2, "maximum_length": 1}
    assert told(temporal_scan, **when, seed=1, model="permutation") == words


def test_ellipses_need_a_plane():
    asked = {
        "place": [0, 1],
        "latitude": [1.0, 2.0],
        "longitude": [1.0, 2.0],
        "population": [1, 1],
        "seed": 1,
    }
    assert told(spatial_scan, **asked, ellipses=Ellipses()) == "ellipses need x and y on a plane."


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"shapes": (2.0,), "angles": (4, 6)}, "ellipses need one number of angles for each shape."),
        ({"shapes": (), "angles": ()}, "ellipses need one number of angles for each shape."),
        ({"shapes": (1.0,), "angles": (4,)}, "shapes must be above 1 and angles at least 1: (1.0,), (4,)."),
        ({"shapes": (2.0,), "angles": (0,)}, "shapes must be above 1 and angles at least 1: (2.0,), (0,)."),
        ({"compactness": "weak"}, "compactness must be none, medium or strong, got 'weak'."),
    ],
)
def test_ellipses_that_are_none(wrong, words):
    assert told(Ellipses, **wrong) == words


@pytest.mark.parametrize(
    ("space", "time", "words"),
    [
        (np.ones(3), np.ones((1, 5)), "an exposure's space must be a table of numbers that are 0 or more."),
        (
            np.ones((3, 1)),
            -np.ones((1, 5)),
            "an exposure's time must be a table of numbers that are 0 or more.",
        ),
        (
            np.full((3, 1), NAN),
            np.ones((1, 5)),
            "an exposure's space must be a table of numbers that are 0 or more.",
        ),
        (np.ones((3, 2)), np.ones((1, 5)), "an exposure's parts differ: (3, 2) and (1, 5)."),
    ],
)
def test_exposures_that_are_none(space, time, words):
    assert told(Exposure, space=space, time=time) == words


def test_a_temporal_scan_has_one_place():
    asked = {"interval": [0, 1], "intervals": 3, "maximum_length": 1, "seed": 1}
    words = "population must have the shape (1,) or (1, 3), got (3,)."
    assert told(temporal_scan, **asked, population=[1, 1, 1]) == words


def test_an_option_that_does_not_exist_is_not_ignored():
    with pytest.raises(TypeError, match="maximum_days"):
        prospective_scan(**STUDY, maximum_days=3)


@pytest.mark.parametrize(
    ("x", "warnings"),
    [
        ([0.0, 1.0, 2.0], ()),
        ([0.0, 1.0, 1.0], ("1 of 3 places share coordinates; they enter circles together.",)),
    ],
)
def test_shared_coordinates_are_a_warning(x, warnings):
    assert space_time_scan(**STUDY | {"x": x}).warnings == warnings


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"seed": 1.5}, "seed must be a whole number, got 1.5"),
        ({"replicates": 9.5}, "replicates must be a whole number, got 9.5"),
        ({"minimum_cases": float("nan")}, "minimum_cases must be a whole number, got nan"),
        ({"centres": ([1.0],)}, "centres must be two lists"),
        ({"count": [2**23, 1]}, "8,388,609 cases; up to 8,388,608"),
    ],
)
def test_numbers_that_must_be_whole_and_few_enough(wrong, words):
    study = {"place": [0, 1], "population": [1, 1], "x": [0, 1], "y": [0, 0], "seed": 1}
    with pytest.raises(ValueError, match=words):
        spatial_scan(**study | wrong)


def test_a_scan_of_time_alone_takes_no_places():
    with pytest.raises(TypeError, match="temporal_scan takes no latitude"):
        temporal_scan(interval=[0, 1], intervals=2, maximum_length=1, seed=1, latitude=[1.0])


def test_an_iterated_scan_ends_where_nobody_is_left():
    controls, place = [0, 0, 10], np.repeat([0, 1], [6, 6])
    where = {"x": [0, 1, 2], "y": [0, 0, 0]}
    result = spatial_scan(
        place=place,
        controls=controls,
        model="bernoulli",
        rates="low",
        iterations=3,
        iteration_p=1.0,
        seed=1,
        **where,
    )
    assert len(result.clusters) == 1
