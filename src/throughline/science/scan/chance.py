"""Draws data sets as chance alone would make them: one random stream for each replicate's number."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from throughline.science.scan.exposure import Exposure

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Cases = tuple[Indices, Indices]  # place and age of each


class Chance(Protocol):
    """Draws the cases younger than `ages` of one data set; those older can't be in any window."""

    def draw(self, random: np.random.Generator, ages: int) -> Cases: ...

    def draw_counts(self, random: np.random.Generator, places: int) -> Indices:
        """Cases by place, where time plays no part."""
        ...


def stream(seed: int, number: int) -> np.random.Generator:
    """The random numbers of one replicate, wherever and in whatever company it is computed."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(number,))))


@dataclass(frozen=True)
class Shuffle:
    """The days dealt anew to the cases, within each stratum (Kulldorff et al. 2005, PLoS Med 2, e59)."""

    strata: tuple[Cases, ...]

    def draw(self, random: np.random.Generator, ages: int) -> Cases:
        drawn = [self._deal(random, place, age[age < ages]) for place, age in self.strata]
        places, young = zip(*drawn, strict=True)
        return np.concatenate(places), np.concatenate(young)

    def _deal(self, random: np.random.Generator, place: Indices, young: Indices) -> Cases:
        return random.choice(place, len(young), replace=False), young

    def draw_counts(self, random: np.random.Generator, places: int) -> Indices:
        raise NotImplementedError("a permutation leaves the counts of places as they are")


@dataclass(frozen=True)
class Spread:
    """The total spread over places and intervals in proportion to what is expected (Poisson model).

    exposure: time by age. by_age: cases of each age, where these totals are kept (time-stratified randomization);
    else empty.
    """

    exposure: Exposure
    total: int
    by_age: Indices

    def draw(self, random: np.random.Generator, ages: int) -> Cases:
        if len(self.by_age):
            return self._draw_within_ages(random, ages)
        space, time = self.exposure.space, self.exposure.time
        by_part = space.sum(axis=0)
        weights = np.append(by_part * time[:, :ages].sum(axis=1), by_part @ time[:, ages:].sum(axis=1))
        sizes = random.multinomial(self.total, weights / weights.sum())[:-1]
        places = [_pick(random, space[:, part], size) for part, size in enumerate(sizes)]
        young = [_pick(random, time[part, :ages], size) for part, size in enumerate(sizes)]
        return np.concatenate(places), np.concatenate(young)

    def _draw_within_ages(self, random: np.random.Generator, ages: int) -> Cases:
        space, time = self.exposure.space, self.exposure.time[:, :ages]
        weights = space.sum(axis=0)[:, None] * time
        young = np.repeat(np.arange(ages), self.by_age[:ages])
        cumulated = np.cumsum(weights, axis=0)[:, young]
        part = (
            (random.random(len(young)) * cumulated[-1] >= cumulated).sum(axis=0) if len(weights) > 1 else None
        )
        if part is None:
            return _pick(random, space[:, 0], len(young)), young
        places = np.empty(len(young), np.int64)
        for number in range(space.shape[1]):
            chosen = np.flatnonzero(part == number)
            places[chosen] = _pick(random, space[:, number], len(chosen))
        return places, young

    def draw_counts(self, random: np.random.Generator, places: int) -> Indices:
        by_place = self.exposure.by_place
        return np.asarray(random.multinomial(self.total, by_place / by_place.sum()))


@dataclass(frozen=True)
class Choose:
    """The cases chosen anew among all cases and controls (Bernoulli model); persons: (places, intervals) by age."""

    persons: Indices
    total: int

    def draw(self, random: np.random.Generator, ages: int) -> Cases:
        intervals = self.persons.shape[1]
        cells = np.repeat(np.arange(self.persons.size), self.persons.ravel())
        chosen = random.choice(cells, self.total, replace=False)
        place, age = np.divmod(chosen, intervals)
        young = age < ages
        return place[young], age[young]

    def draw_counts(self, random: np.random.Generator, places: int) -> Indices:
        by_place = self.persons.sum(axis=1)
        return np.asarray(random.multivariate_hypergeometric(by_place, self.total, method="marginals"))


def _pick(random: np.random.Generator, weights: Floats, size: int) -> Indices:
    """Indices in proportion to their weights; `size` 0 needs no weight."""
    if size == 0:
        return np.empty(0, np.int64)
    cumulated = np.cumsum(weights)
    picked = np.searchsorted(cumulated, random.random(size) * cumulated[-1], side="right")
    return np.asarray(np.minimum(picked, np.flatnonzero(weights)[-1]))
