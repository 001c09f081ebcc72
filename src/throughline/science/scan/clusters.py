"""Clusters told from windows: members, size, risk, and which of them are told beside likelier ones."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from throughline.science.scan.inference import ROUNDING, gumbel_p_value, rank_p_value, recurrence_interval
from throughline.science.scan.prepared import Space
from throughline.science.scan.search import Found, Search

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Overlap = Literal["none", "centres apart", "outside likelier", "outside less likely", "not mutual", "any"]


@dataclass(frozen=True)
class FoundEllipse:
    """Shape: longer by shorter half-axis. The angle is the longer axis's to x, above -90 and up to 90 degrees."""

    shape: float
    angle_degrees: float
    minor: float
    major: float


@dataclass(frozen=True)
class Cluster:
    """Places within `radius_km` of a centre, from interval `start` to `end` inclusive.

    members: indices of places, nearest to the centre first; none for a purely temporal cluster. Coordinates are of
    the centre: degrees, or x and y on a plane, where the radius is in their units; for an ellipse the radius is
    the shorter half-axis. relative_risk: risk inside over risk outside, or observed over expected under the
    permutation model. test_statistic: the log likelihood ratio, but for an ellipse's penalty. p_value: None
    without replicates. recurrence_interval: looks until chance shows as much once; prospective scans only.
    high: more cases than expected, else fewer.
    """

    members: tuple[int, ...]
    latitude: float | None
    longitude: float | None
    x: float | None
    y: float | None
    radius_km: float
    ellipse: FoundEllipse | None
    start: int
    end: int
    observed: int
    expected: float
    relative_risk: float
    log_likelihood_ratio: float
    test_statistic: float
    p_value: float | None
    gumbel_p_value: float | None
    recurrence_interval: float | None
    high: bool


@dataclass(frozen=True)
class Candidate:
    """A window with its members, before it is known whether it is told. holds: whether each place is one of them."""

    found: Found
    members: Indices
    holds: NDArray[np.bool_]
    radius: float


def apart_from_likelier(search: Search, found: Iterable[Found], overlap: Overlap) -> Iterator[Candidate]:
    """Windows, likeliest first, that stand beside all told before; at equal statistics fewer places go first, then the
    earlier centre."""
    told: list[Candidate] = []
    for candidate in sorted((_candidate(search.space, one) for one in found), key=_likeliest_first):
        if all(BESIDE[overlap](candidate, before) for before in told):
            told.append(candidate)
            yield candidate


def _candidate(space: Space, found: Found) -> Candidate:
    form = space.forms[found.form]
    radius = float(space.around(found.centre, form).radius[found.circle])
    members = space.geography.members(found.centre, radius, form)
    holds = np.zeros(space.places, bool)
    holds[members] = True
    return Candidate(found, members, holds, radius)


def _likeliest_first(candidate: Candidate) -> tuple[int, int, int]:
    found = candidate.found
    return -round(found.statistic / ROUNDING), len(candidate.members), found.centre


def _holds(candidate: Candidate, other: Candidate) -> bool:
    """Whether the other's centre, itself a place, is a member."""
    return bool(candidate.holds[other.found.centre])


def _share_a_place(one: Candidate, other: Candidate) -> bool:
    return bool(other.holds[one.members].any())


def _meet(one: Found, other: Found) -> bool:
    """Whether they share an interval; purely spatial windows hold all of them."""
    if one.length == 0:
        return True
    return one.young < other.young + other.length and other.young < one.young + one.length


BESIDE: dict[Overlap, Callable[[Candidate, Candidate], bool]] = {
    "none": lambda one, likelier: not (_meet(one.found, likelier.found) and _share_a_place(one, likelier)),
    "centres apart": lambda one, likelier: not (_holds(one, likelier) or _holds(likelier, one)),
    "outside likelier": lambda one, likelier: not _holds(likelier, one),
    "outside less likely": lambda one, likelier: not _holds(one, likelier),
    "not mutual": lambda one, likelier: not (_holds(one, likelier) and _holds(likelier, one)),
    "any": lambda one, likelier: True,
}


def describe(
    candidate: Candidate,
    search: Search,
    *,
    cases: tuple[Indices, Indices],
    intervals: int,
    simulated: Floats,
    looks: int,
) -> Cluster:
    """A cluster with its figures. cases: place and age of each. looks: that p-values account for; 0 if not a look."""
    found, null = candidate.found, search.null
    young, length = (0, intervals) if search.span is None else (found.young, found.length)
    place, age = cases
    inside = candidate.holds[place] & (age >= young) & (age < young + length)
    observed = int(np.count_nonzero(inside))
    time = null.expected.time[:, young : young + length].sum(axis=1)
    expected = float((null.expected.space[candidate.members] @ time).sum())
    total = int(null.by_age[young : young + length].sum()) if len(null.by_age) else null.total
    form = search.space.forms[found.form]
    p_value = rank_p_value(simulated, found.statistic) if len(simulated) else None
    return Cluster(
        members=() if search.space.is_one_place else tuple(int(member) for member in candidate.members),
        **_coordinates(search.space, found.centre),
        radius_km=candidate.radius,
        ellipse=None if len(search.space.forms) == 1 else _ellipse(form.shape, form.angle, candidate.radius),
        start=intervals - young - length,
        end=intervals - 1 - young,
        observed=observed,
        expected=expected,
        relative_risk=_relative_risk(observed, expected, total if null.compares_outside else None),
        log_likelihood_ratio=found.statistic / form.penalty,
        test_statistic=found.statistic,
        p_value=p_value,
        gumbel_p_value=gumbel_p_value(simulated, found.statistic),
        recurrence_interval=recurrence_interval(p_value, looks) if looks and p_value else None,
        high=found.sign > 0,
    )


def _ellipse(shape: float, angle: float, minor: float) -> FoundEllipse:
    return FoundEllipse(shape, angle - 180 if angle > 90 else angle, minor, minor * shape)


def _coordinates(space: Space, centre: int) -> dict[str, float | None]:
    none: dict[str, float | None] = dict.fromkeys(("latitude", "longitude", "x", "y"))
    if space.is_one_place:
        return none
    names = ("latitude", "longitude") if space.geography.on_earth else ("x", "y")
    return none | {
        name: float(value) for name, value in zip(names, space.geography.given[centre], strict=True)
    }


def _relative_risk(observed: int, expected: float, total: int | None) -> float:
    """`total` None: observed over expected."""
    inside = observed / expected if expected > 0 else float("inf")
    if total is None:
        return inside
    if observed == total:
        return float("inf")
    return inside * (total - expected) / (total - observed)
