"""What every scan takes besides its cases: options, their defaults and their limits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Required, TypedDict

import numpy as np
from numpy.typing import ArrayLike

from throughline.science.scan.clusters import BESIDE, Overlap
from throughline.science.scan.geography import Geography, check_geography
from throughline.science.scan.models import SIGNS, Rates
from throughline.science.scan.runners import Runner, threads


class ScanCancelled(Exception):
    """The caller's `cancelled` said so."""


class Options(TypedDict, total=False):
    """What every question takes.

    seed: of the replicates; each has its own random stream, so the answer is the same wherever they are computed.
    rates: search for more cases than expected, fewer, or both. minimum_cases, minimum_low_cases: in a window of
    more, of fewer. replicates: data sets under chance alone; stop_after: end once that many are as large as the
    likeliest cluster, looked at every 100 (Besag & Clifford 1991, Biometrika 78, 301). overlap: which clusters are
    told beside likelier ones. iterations: after each, the likeliest cluster's cases and persons are taken out and
    the scan is repeated, while its p-value is at most iteration_p (Zhang et al. 2010, Stat Med 29, 2925).
    run: where replicates are computed, replicates_per_task how many at once. progress: told (done, of) replicates.
    cancelled: asked now and then; if true, ScanCancelled is raised.
    """

    seed: Required[int]
    rates: Rates
    minimum_cases: int
    minimum_low_cases: int
    replicates: int
    stop_after: int | None
    overlap: Overlap
    iterations: int
    iteration_p: float
    run: Runner
    replicates_per_task: int | None
    progress: Callable[[int, int], object]
    cancelled: Callable[[], bool]


class PlaceOptions(Options, total=False):
    """What questions of places take besides: where these are, and how large a circle may be.

    latitude, longitude (degrees) or x, y (on a plane): one per place. centres: grid points that circles are drawn
    around, instead of the places. maximum_population_share: of persons at risk or, under the permutation model, of
    cases. maximum_radius_km: in the units of x and y on a plane.
    """

    latitude: ArrayLike | None
    longitude: ArrayLike | None
    x: ArrayLike | None
    y: ArrayLike | None
    centres: tuple[ArrayLike, ArrayLike] | None
    maximum_population_share: float
    maximum_radius_km: float | None


@dataclass(frozen=True)
class Settings:
    """Options with their defaults, checked."""

    seed: int
    rates: Rates = "high"
    minimum_cases: int = 2
    minimum_low_cases: int = 0
    replicates: int = 999
    stop_after: int | None = None
    overlap: Overlap = "none"
    iterations: int = 1
    iteration_p: float = 0.05
    run: Runner = field(default_factory=threads)
    replicates_per_task: int | None = None
    progress: Callable[[int, int], object] | None = None
    cancelled: Callable[[], bool] | None = None
    latitude: ArrayLike | None = None
    longitude: ArrayLike | None = None
    x: ArrayLike | None = None
    y: ArrayLike | None = None
    centres: tuple[ArrayLike, ArrayLike] | None = None
    maximum_population_share: float = 0.5
    maximum_radius_km: float | None = None

    def __post_init__(self) -> None:
        if self.rates not in SIGNS:
            raise ValueError(f"rates must be one of {', '.join(SIGNS)}, got {self.rates!r}.")
        if self.overlap not in BESIDE:
            raise ValueError(f"overlap must be one of {', '.join(BESIDE)}, got {self.overlap!r}.")
        if not 0 < self.maximum_population_share <= 1:
            raise ValueError(
                f"maximum_population_share must lie between 0 and 1, got {self.maximum_population_share}."
            )
        if self.maximum_radius_km is not None and not self.maximum_radius_km >= 0:
            raise ValueError(f"maximum_radius_km must be 0 or more, got {self.maximum_radius_km}.")
        for name, least in (
            ("minimum_cases", 1),
            ("minimum_low_cases", 0),
            ("seed", 0),
            ("replicates", 0),
            ("iterations", 1),
        ):
            check_whole(name, getattr(self, name), least)
        for name in ("stop_after", "replicates_per_task"):
            if getattr(self, name) is not None:
                check_whole(name, getattr(self, name), 1)
        if not 0 <= self.iteration_p <= 1:
            raise ValueError(f"iteration_p must lie between 0 and 1, got {self.iteration_p}.")

    @property
    def fewest(self) -> dict[int, int]:
        least = {1: self.minimum_cases, -1: self.minimum_low_cases}
        return {sign: least[sign] for sign in SIGNS[self.rates]}

    def geography(self) -> Geography:
        geography = check_geography(
            latitude=self.latitude, longitude=self.longitude, x=self.x, y=self.y, centres=self.centres
        )
        if len(geography.places) < 2:
            raise ValueError("a scan of places needs two places or more; with one, ask for a temporal scan.")
        if self.overlap not in ("none", "any") and not geography.centres_are_places:
            raise ValueError(f"overlap={self.overlap!r} needs centres that are places.")
        return geography


def check_whole(name: str, value: int, least: int | None = None) -> None:
    """ValueError if an option is no whole number, or less than it may be."""
    if not isinstance(value, int | np.integer):
        raise ValueError(f"{name} must be a whole number, got {value!r}.")
    if least is not None and value < least:
        raise ValueError(f"{name} must be {least} or more, got {value}.")


class Watch:
    """Tells the caller how far a scan is and asks whether to go on; on another machine it is silent."""

    def __init__(
        self,
        progress: Callable[[int, int], object] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> None:
        self.progress, self.cancelled = progress, cancelled

    def __reduce__(self) -> tuple[type["Watch"], tuple[()]]:
        return (Watch, ())

    def __call__(self, done: int, of: int) -> None:
        self.silently()
        if self.progress:
            self.progress(done, of)

    def silently(self, share: float = 0.0) -> None:
        if self.cancelled and self.cancelled():
            raise ScanCancelled
