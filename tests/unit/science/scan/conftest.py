"""A county that a whole module may scan."""

from typing import Any

import numpy as np
import pytest

Options = dict[str, Any]


@pytest.fixture
def county() -> Options:
    """150 cases in 25 places over 30 days without any cluster."""
    random = np.random.default_rng(1)
    return {
        "place": random.integers(0, 25, 150),
        "interval": random.integers(0, 30, 150),
        "intervals": 30,
        "maximum_length": 7,
        "x": random.normal(0, 10, 25),
        "y": random.normal(0, 10, 25),
        "replicates": 99,
        "seed": 1,
    }


@pytest.fixture
def outbreak(county: Options) -> Options:
    """The county with 24 more cases in place 7 and its two nearest, in the last three days."""
    return county | plant(county, centre=7, last=29)


def plant(county: Options, *, centre: int, last: int) -> Options:
    members = nearest(county, centre, 3)
    return {
        "place": np.append(county["place"], np.repeat(members, 8)),
        "interval": np.append(county["interval"], last - np.arange(24) % 3),
    }


def nearest(county: Options, centre: int, places: int) -> np.ndarray:
    apart = np.hypot(county["x"] - county["x"][centre], county["y"] - county["y"][centre])
    return np.argsort(apart)[:places]


@pytest.fixture
def members(county: Options) -> set[int]:
    """Of the outbreak."""
    return {int(place) for place in nearest(county, 7, 3)}
