"""Small random studies of every kind, as they are asked about and as the definition reads them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scan_by_definition import Definition, expected_by_permutation, great_circles, on_plane, tabulate

from throughline.science.scan import (
    Ellipses,
    Exposure,
    ScanResult,
    prospective_scan,
    space_time_scan,
    spatial_scan,
    temporal_scan,
)

Options = dict[str, Any]
Array = NDArray[Any]
Random = np.random.Generator
Part = tuple[Options, Options]  # of a question as it is asked, and of its definition


@dataclass(frozen=True)
class Example:
    """A question to ask, and its definition. table: cases by place and interval. replicated: for replicates."""

    ask: Callable[..., ScanResult]
    table: Array
    definition: Definition
    replicated: Definition


def in_space_and_time(seed: int) -> Example:
    """Retrospective or prospective, perhaps accounting for earlier looks, under any model."""
    random = np.random.default_rng(seed)
    where, kilometres = scattered(random)
    shape = kilometres.shape[2], int(random.choice([1, 2, 5, 9, 20, 40]))
    place, interval = cases(random, shape)
    kinds = ["poisson", "time", "bernoulli"] + ["permutation", "strata", "weekday"] * (shape[1] > 1)
    model = model_of(str(random.choice(kinds)), random, place, interval, shape)
    asked, defined = joined(
        model, limits(random, kilometres, model[1]["size"]), rates(random), lengths(random, shape[1])
    )
    definition = replicated = Definition(kilometres=kilometres, ends=tuple(range(shape[1])), **defined)
    ask: Callable[..., ScanResult] = space_time_scan
    if random.random() < 0.5:
        definition = replicated = replace(definition, ends=(shape[1] - 1,))
        ask = prospective_scan
        if random.random() < 0.5:
            since = int(random.integers(0, shape[1]))
            asked["earlier_since"] = since
            replicated = replace(definition, ends=tuple(range(since, shape[1])))
    ask = partial(ask, place=place, interval=interval, intervals=shape[1], **where, **asked)
    return Example(ask, tabulate(place, interval, shape), definition, replicated)


def in_space(seed: int) -> Example:
    """Poisson or Bernoulli, in circles, or on a plane perhaps in ellipses too."""
    random = np.random.default_rng(seed)
    where, kilometres = scattered(random)
    shape = kilometres.shape[2], 1
    place, interval = cases(random, shape)
    model = model_of(str(random.choice(["poisson", "bernoulli"])), random, place, interval, shape)
    forms: Part = {}, {"kilometres": kilometres}
    if "x" in where and random.random() < 0.5:
        forms = ellipses(random, where)
    asked, defined = joined(model, limits(random, kilometres, model[1]["size"]), rates(random), forms)
    definition = Definition(**defined)
    ask = partial(spatial_scan, place=place, **where, **asked)
    return Example(ask, tabulate(place, interval, shape), definition, definition)


def in_time(seed: int) -> Example:
    """Poisson or Bernoulli, retrospective or prospective."""
    random = np.random.default_rng(seed)
    shape = 1, int(random.choice([1, 2, 9, 30]))
    place, interval = cases(random, shape)
    model = model_of(str(random.choice(["poisson", "bernoulli"])), random, place, interval, shape)
    asked, defined = joined(model, rates(random), lengths(random, shape[1]))
    prospective = bool(random.random() < 0.5)
    ends = range(shape[1])[-1:] if prospective else range(shape[1])
    definition = Definition(kilometres=np.zeros((1, 1, 1)), ends=tuple(ends), **defined)
    ask = partial(temporal_scan, interval=interval, intervals=shape[1], prospective=prospective, **asked)
    return Example(ask, tabulate(place, interval, shape), definition, definition)


def joined(*parts: Part) -> Part:
    asked: Options = {}
    defined: Options = {}
    for more_asked, more_defined in parts:
        asked |= more_asked
        defined |= more_defined
    return asked, defined


def scattered(random: Random) -> tuple[Options, Array]:
    """Places on the earth or a plane, scattered or on a lattice, where many tie and some share coordinates.

    Circles are drawn around them, or around a few points of a grid: (1, centres, places), kilometres.
    """
    many = random.random() < 0.15
    places = int(random.integers(60, 200) if many else random.integers(2, 14))
    lattice = random.random() < 0.5
    points = random.integers(0, 4, (2, places)) * 1.0 if lattice else random.normal(0, 3, (2, places))
    grid = random.normal(1, 2, (2, int(random.integers(1, 6)))) if many or random.random() < 0.2 else points
    on_earth = random.random() < 0.5
    if on_earth:
        points, grid = (np.array([[40], [-75]]) + degrees / 10 for degrees in (points, grid))
    names = ("latitude", "longitude") if on_earth else ("x", "y")
    where: Options = dict(zip(names, points, strict=True))
    if grid.shape != points.shape or (grid != points).any():
        where["centres"] = tuple(grid)
    measure = great_circles if on_earth else on_plane
    return where, measure(points[0], points[1], (grid[0], grid[1]))


def cases(random: Random, shape: tuple[int, int]) -> tuple[Array, Array]:
    """Place and interval of each: uneven, in one heavy cluster, at the edges of the study, or in one place."""
    places, intervals = shape
    total = int(random.choice([2, 5, 20, 60, 300]))
    place = random.choice(places, total, p=random.dirichlet(np.full(places, 0.7)))
    interval = random.integers(0, intervals, total)
    match random.choice(["uneven", "heavy", "edges", "one place"]):
        case "heavy":
            place = np.append(place, np.full(150, random.integers(0, places)))
            first = random.integers(0, intervals)
            interval = np.append(interval, np.minimum(first + random.integers(0, 2, 150), intervals - 1))
        case "edges":
            interval = random.choice([0, intervals - 1], total)
        case "one place":
            place = np.full(total, random.integers(0, places))
    return place.astype(np.int64), interval.astype(np.int64)


def model_of(kind: str, random: Random, place: Array, interval: Array, shape: tuple[int, int]) -> Part:
    if kind in ("permutation", "strata", "weekday"):
        return permutation(kind, random, place, interval, shape)
    if kind == "bernoulli":
        controls = random.poisson(random.choice([0.3, 3.0]), shape)
        controls[random.integers(0, shape[0]), 0] += 1
        persons = controls + tabulate(place, interval, shape)
        expected = len(place) * persons / persons.sum()
        defined = {"expected": expected, "size": persons.sum(axis=1) * 1.0, "persons": persons}
        return {"model": "bernoulli", "controls": controls}, defined
    population, table = at_risk(random, place, interval, shape)
    asked, size = {"model": "poisson", "population": population}, table.sum(axis=1)
    if kind == "poisson":
        return asked, {"expected": len(place) * table / table.sum(), "size": size}
    share = table / np.where(table.sum(axis=0) > 0, table.sum(axis=0), 1)
    expected = share * np.bincount(interval, minlength=shape[1])
    return asked | {"adjust": "time"}, {"expected": expected, "size": size, "within_intervals": True}


def permutation(kind: str, random: Random, place: Array, interval: Array, shape: tuple[int, int]) -> Part:
    stratum, asked = np.zeros_like(place), {}
    if kind == "strata":
        asked["strata"] = stratum = random.integers(0, 3, len(place))
    if kind == "weekday":
        asked["adjust"], stratum = "weekday", interval % 7
    size = np.bincount(place, minlength=shape[0]) * 1.0
    return asked, {"expected": expected_by_permutation(place, interval, stratum, shape), "size": size}


def at_risk(
    random: Random, place: Array, interval: Array, shape: tuple[int, int]
) -> tuple[Array | Exposure, Array]:
    """A population as it may be given, and as a table. Nobody lives in some places, or at some times."""
    places, intervals = shape
    lived = np.where(random.random(places) < 0.2, 0, random.integers(1, 1000, places)) * 1.0
    lived[place] = np.maximum(lived[place], 1)
    match random.choice(["by place", "by interval", "parts"]):
        case "by place":
            return lived, np.repeat(lived[:, None], intervals, axis=1)
        case "by interval":
            table = lived[:, None] * random.gamma(0.5, size=shape) * (random.random(shape) < 0.8)
            table[place, interval] += 0.1
            return table, table
    parts = int(random.integers(1, 4))
    space = lived[:, None] * random.dirichlet(np.ones(parts), places)
    exposure = Exposure(space, random.gamma(1.0, size=(parts, intervals)) + 1e-3)
    return exposure, exposure.space @ exposure.time


def limits(random: Random, kilometres: Array, size: Array) -> Part:
    share = float(random.choice([0.1, 0.3, 0.5, 0.9, 1.0]))
    asked, farthest = {"maximum_population_share": share}, np.inf
    if random.random() < 0.6:
        asked["maximum_radius_km"] = farthest = 1.0001 * float(np.quantile(kilometres, random.random()))
    return asked, {"largest": share * size.sum(), "farthest": farthest}


def rates(random: Random) -> Part:
    chosen = str(random.choice(["high", "low", "both"]))
    high, low = int(random.integers(1, 5)), int(random.choice([0, 0, 1, 2, 3]))
    asked = {"rates": chosen, "minimum_cases": high, "minimum_low_cases": low}
    return asked, {"rates": chosen, "fewest": {"high": high, "low": low}}


def lengths(random: Random, intervals: int) -> Part:
    longest = int(random.choice([random.integers(1, intervals + 1), intervals]))
    shortest = int(random.choice([1, random.integers(1, longest + 1)]))
    asked = {"minimum_length": shortest, "maximum_length": longest}
    return asked, {"shortest": shortest, "longest": longest}


def ellipses(random: Random, where: Options) -> Part:
    shapes, angles = (1.5, 4.0), (3, 5)
    power = {"none": 0.0, "medium": 0.5, "strong": 1.0}
    compactness = str(random.choice(list(power)))
    forms, penalty = [(1.0, 0.0)], [1.0]
    for shape, directions in zip(shapes, angles, strict=True):
        forms += [(shape, 180 * step / directions) for step in range(directions)]
        penalty += [(4 * shape / (shape + 1) ** 2) ** power[compactness]] * directions
    points = where["x"], where["y"]
    kilometres = on_plane(*points, where.get("centres", points), forms)
    asked = {"ellipses": Ellipses(shapes, angles, compactness)}
    return asked, {"kilometres": kilometres, "penalty": tuple(penalty)}
