"""Finds where and since when cases cluster, and how often chance alone would show as much."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from throughline.science.cylinders import (
    Cylinder,
    SearchSpace,
    WindowCases,
    best_cylinder,
    circles_around,
    largest_ratios,
)
from throughline.science.distance import great_circle_km
from throughline.science.study import Study, check_population, check_study

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Model = Literal["permutation", "poisson"]
Simulate = Callable[[int], WindowCases]

ROUNDING = 1e-9  # statistics closer than this are equal but for the order in which terms were added
REPLICATES_PER_LOOK = 100
CASES_AT_ONCE = 2_000_000  # bounds the memory of simulated data sets to about 100 MB


@dataclass(frozen=True)
class Cluster:
    """One cylinder: places within `radius_km` of the centroid, from `start_day` to `end_day` inclusive.

    `members` are indices of places, the centroid first, then by distance. `relative_risk` is the risk inside
    over the risk outside under the Poisson model, and observed over expected under the permutation model.
    `recurrence_interval_days`: analysed daily, chance would show as much once in so many days.
    """

    members: tuple[int, ...]
    latitude: float
    longitude: float
    radius_km: float
    start_day: int
    end_day: int
    observed: int
    expected: float
    relative_risk: float
    log_likelihood_ratio: float
    p_value: float
    recurrence_interval_days: float


@dataclass(frozen=True)
class ScanResult:
    """The most likely cluster first, then those that share no place with a likelier one."""

    clusters: tuple[Cluster, ...]
    simulated_maxima: Floats
    total_cases: int


def prospective_scan(
    *,
    place: ArrayLike,
    day: ArrayLike,
    latitude: ArrayLike,
    longitude: ArrayLike,
    days: int,
    maximum_days: int,
    seed: int,
    model: Model = "permutation",
    population: ArrayLike | None = None,
    maximum_population_share: float = 0.5,
    maximum_radius_km: float | None = None,
    minimum_cases: int = 2,
    replicates: int = 999,
    stop_after: int | None = None,
) -> ScanResult:
    """Clusters alive on the last day: circles of places, in windows that reach up to day `days` - 1.

    place, day: one index per case, into the places and into the study period 0 ... `days` - 1.
    latitude, longitude: degrees, one per place. Windows hold the last 1 ... `maximum_days` days.

    The permutation model needs cases only. It takes place and day as independent, replicates shuffle the
    days over the cases, and a circle holds at most `maximum_population_share` of all cases. The Poisson model
    needs `population`, shape (places,) or (places, days): persons at risk, or counts expected after
    adjustment for covariates. Replicates spread the same total over places and days in that proportion.

    p is (1 + replicates whose maximum is as large) / (1 + replicates), which accounts for every circle and
    window tried; the recurrence interval is 1/p days. With `stop_after`, simulation ends once that many
    replicates are as large as the likeliest cluster, which then can't be rare: looked at every
    REPLICATES_PER_LOOK, p being the share so far (Besag & Clifford 1991, Biometrika 78, 301). Clusters that
    every replicate beats are left out. A seed gives the same result on any number of processors. ValueError
    says what is wrong.

    Sources: Kulldorff 1997 (Commun Stat Theory Methods 26, 1481), 2001 (J R Stat Soc A 164, 61);
    Kulldorff et al. 2005 (PLoS Med 2, e59); Kleinman et al. 2004 (Am J Epidemiol 159, 217) for the interval.
    """
    study = check_study(
        place=place, day=day, latitude=latitude, longitude=longitude, days=days, maximum_days=maximum_days
    )
    _check_limits(maximum_population_share, maximum_radius_km, minimum_cases, replicates)
    expected, size = _expect(model, study, population)
    limit_km = np.inf if maximum_radius_km is None else maximum_radius_km
    limit_size = maximum_population_share * size.sum()
    space = SearchSpace(study.latitude, study.longitude, expected, size, limit_size, limit_km)
    simulate = _simulator(model, study, space, np.random.default_rng(seed))
    found = list(_apart_from_likelier(space, study, minimum_cases))
    at_once = CASES_AT_ONCE // (1 + len(study.window().place))
    batches = _batches(replicates, min(at_once, REPLICATES_PER_LOOK) if stop_after else at_once)
    maxima = (largest_ratios(space, simulate(batch), study.total, minimum_cases) for batch in batches)
    likeliest = found[0][0].log_likelihood_ratio if found else 0.0
    simulated = np.concatenate(list(_until_hopeless(maxima, likeliest, stop_after)))
    reports = (
        _report(cylinder, members, study=study, model=model, simulated=simulated)
        for cylinder, members in found
    )
    return ScanResult(tuple(takewhile(_beats_a_replicate, reports)), simulated, study.total)


def _expect(model: Model, study: Study, population: ArrayLike | None) -> tuple[Floats, Floats]:
    """Counts expected in the last 1, 2, ... days, (places, lengths), and the size of each place."""
    if model == "permutation":
        by_place = np.bincount(study.place, minlength=len(study.latitude)).astype(np.float64)
        by_length = np.cumsum(np.bincount(study.age, minlength=study.days))[: study.maximum_days]
        return np.outer(by_place, by_length / max(study.total, 1)), by_place
    if model == "poisson":
        at_risk = check_population(population, study)
        latest_first = at_risk[:, ::-1][:, : study.maximum_days]
        return study.total * np.cumsum(latest_first, axis=1) / at_risk.sum(), at_risk.sum(axis=1)
    raise ValueError(f"model must be permutation or poisson, got {model!r}.")


def _simulator(model: Model, study: Study, space: SearchSpace, random: np.random.Generator) -> Simulate:
    """A function that draws that many data sets under the null; only cases within the window are drawn."""
    if model == "permutation":
        return lambda replicates: _shuffle(study, replicates, random)
    return lambda replicates: _spread(space.expected, study.total, replicates, random)


def _shuffle(study: Study, replicates: int, random: np.random.Generator) -> WindowCases:
    """Shuffled days: the window's ages go to cases drawn without replacement."""
    ages = study.window().age
    drawn = [random.choice(study.place, len(ages), replace=False) for _ in range(replicates)]
    starts = np.arange(replicates + 1) * len(ages)
    return WindowCases(np.concatenate(drawn), np.tile(ages, replicates), starts)


def _spread(expected: Floats, total: int, replicates: int, random: np.random.Generator) -> WindowCases:
    """The total spread in proportion to the expected counts of each place and day."""
    by_day = np.diff(expected, axis=1, prepend=0.0)
    cumulative = np.cumsum(by_day)
    sizes = random.binomial(total, min(cumulative[-1] / max(total, 1), 1.0), replicates)
    cells = np.searchsorted(cumulative, random.random(sizes.sum()) * cumulative[-1], side="right")
    place, age = np.divmod(cells, by_day.shape[1])
    return WindowCases(place, age, np.concatenate([[0], np.cumsum(sizes)]))


def _batches(replicates: int, at_once: int) -> Iterator[int]:
    at_once = max(at_once, 1)
    for done in range(0, replicates, at_once):
        yield min(at_once, replicates - done)


def _until_hopeless(maxima: Iterable[Floats], likeliest: float, stop_after: int | None) -> Iterator[Floats]:
    as_large = 0
    for some in maxima:
        yield some
        as_large += int(np.count_nonzero(some >= likeliest - ROUNDING))
        if stop_after and as_large >= stop_after:
            return


def _apart_from_likelier(
    space: SearchSpace, study: Study, minimum_cases: int
) -> Iterator[tuple[Cylinder, Integers]]:
    """The best cylinder of each centre, likeliest first, unless it shares a place with one before it."""
    taken = np.zeros(len(space.size), np.bool_)
    for centre, cylinder in _likeliest_first(space, study, minimum_cases):
        members = _members(centre, cylinder, space)
        if not taken[members].any():
            taken[members] = True
            yield cylinder, members


def _likeliest_first(space: SearchSpace, study: Study, minimum_cases: int) -> list[tuple[int, Cylinder]]:
    """At equal statistics fewer places go first, then the earlier centre."""
    cases, found = study.window(), []
    for centre in range(len(space.size)):
        circles = circles_around(centre, space)
        cylinder = best_cylinder(circles, cases, study.total, minimum_cases)
        if cylinder.log_likelihood_ratio > ROUNDING:
            places = int(np.count_nonzero(circles.entry[circles.entry >= 0] <= cylinder.circle))
            found.append((-round(cylinder.log_likelihood_ratio / ROUNDING), places, centre, cylinder))
    return [(centre, cylinder) for _, _, centre, cylinder in sorted(found)]


def _members(centre: int, cylinder: Cylinder, space: SearchSpace) -> Integers:
    """Places of the cylinder by the circle at which they enter; the centre is its own nearest place."""
    entry = circles_around(centre, space).entry
    members = np.flatnonzero((entry >= 0) & (entry <= cylinder.circle))
    return np.asarray(members[np.lexsort((members, members != centre, entry[members]))])


def _beats_a_replicate(cluster: Cluster) -> bool:
    return cluster.p_value < 1


def _report(
    cylinder: Cylinder, members: Integers, *, study: Study, model: Model, simulated: Floats
) -> Cluster:
    centre, ratio = members[0], cylinder.log_likelihood_ratio
    p_value = (1 + np.count_nonzero(simulated >= ratio - ROUNDING)) / (1 + len(simulated))
    return Cluster(
        members=tuple(int(member) for member in members),
        latitude=float(study.latitude[centre]),
        longitude=float(study.longitude[centre]),
        radius_km=_radius_km(members, study),
        start_day=study.days - cylinder.days,
        end_day=study.days - 1,
        observed=cylinder.observed,
        expected=cylinder.expected,
        relative_risk=_relative_risk(cylinder, study.total, model),
        log_likelihood_ratio=ratio,
        p_value=float(p_value),
        recurrence_interval_days=float(1 / p_value),
    )


def _radius_km(members: Integers, study: Study) -> float:
    latitude, longitude = study.latitude[members], study.longitude[members]
    return float(great_circle_km(latitude[0], longitude[0], latitude, longitude).max())


def _relative_risk(cylinder: Cylinder, total: int, model: Model) -> float:
    inside = cylinder.observed / cylinder.expected
    if model == "permutation":
        return inside
    if cylinder.observed == total:
        return float("inf")
    return inside * (total - cylinder.expected) / (total - cylinder.observed)


def _check_limits(share: float, radius_km: float | None, minimum_cases: int, replicates: int) -> None:
    if not 0 < share <= 1:
        raise ValueError(f"maximum_population_share must lie between 0 and 1, got {share}.")
    if radius_km is not None and not radius_km > 0:
        raise ValueError(f"maximum_radius_km must be more than 0, got {radius_km}.")
    if minimum_cases < 1 or replicates < 1:
        raise ValueError(f"minimum_cases and replicates must be at least 1: {minimum_cases}, {replicates}.")
