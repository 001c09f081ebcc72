"""Rates that can be compared between places, each with its interval and whether it may be relied on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincinv

Floats = NDArray[np.float64]

RELIABLE_EVENTS = 20  # NCHS calls rates on fewer unreliable: their relative standard error exceeds 22 %


@dataclass(frozen=True)
class Rate:
    """Events and rate per `per` person-years with confidence limits; arrays of one shape."""

    events: Floats
    rate: Floats
    lower: Floats
    upper: Floats
    reliable: NDArray[np.bool_]
    per: float


def crude_rate(
    *, events: ArrayLike, person_years: ArrayLike, confidence: float = 0.95, per: float = 100_000
) -> Rate:
    """Events per `per` person-years with the exact Poisson interval; arrays broadcast.

    Sources: Garwood 1936 (Biometrika 28, 437); NCHS, Deaths: Final Data, technical notes, for `reliable`.
    ValueError on events below 0, on missing values, and where there are no person-years.
    """
    counts, years = _check(events, person_years)
    tail = _tail(confidence)
    scale = per / years
    lower = np.where(counts > 0, gammaincinv(np.maximum(counts, 1), tail), 0.0) * scale
    upper = gammaincinv(counts + 1, 1 - tail) * scale
    return Rate(counts, counts * scale, lower, upper, counts >= RELIABLE_EVENTS, per)


def direct_standardized_rate(
    *,
    events: ArrayLike,
    person_years: ArrayLike,
    standard_population: ArrayLike,
    confidence: float = 0.95,
    per: float = 100_000,
) -> Rate:
    """The rate the places would have with the standard's ages (or other strata), with the gamma interval.

    events, person_years: shape (..., strata); standard_population: (strata,). The results lose the last axis.

    Source: Fay & Feuer 1997 (Stat Med 16, 791). ValueError as in `crude_rate`; a stratum without person-years
    has no rate, so join it with its neighbour before.
    """
    counts, years = _check(events, person_years)
    standard = np.asarray(standard_population, np.float64)
    if standard.shape != counts.shape[-1:] or not ((standard >= 0).all() and standard.sum() > 0):
        raise ValueError(f"standard_population must be {counts.shape[-1]} numbers of 0 or more, not all 0.")
    weight = per * standard / standard.sum() / years
    rate, variance = (weight * counts).sum(axis=-1), (weight**2 * counts).sum(axis=-1)
    largest = weight.max(axis=-1)
    tail = _tail(confidence)
    lower = _gamma_quantile(rate, variance, tail)
    upper = _gamma_quantile(rate + largest, variance + largest**2, 1 - tail)
    total = counts.sum(axis=-1)
    return Rate(total, rate, lower, upper, total >= RELIABLE_EVENTS, per)


def _gamma_quantile(mean: Floats, variance: Floats, probability: float) -> Floats:
    """Quantile of the gamma distribution with this mean and variance; 0 where the mean is 0."""
    positive = mean > 0
    mean, variance = np.where(positive, mean, 1.0), np.where(positive, variance, 1.0)
    return np.where(positive, variance / mean * gammaincinv(mean**2 / variance, probability), 0.0)


def _tail(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence}.")
    return (1 - confidence) / 2


def _check(events: ArrayLike, person_years: ArrayLike) -> tuple[Floats, Floats]:
    counts, years = np.asarray(events, np.float64), np.asarray(person_years, np.float64)
    if not (np.isfinite(counts).all() and (counts >= 0).all()):
        raise ValueError("events must be numbers of 0 or more.")
    if not (np.isfinite(years).all() and (years > 0).all()):
        raise ValueError("person_years must be more than 0 everywhere.")
    try:
        counts, years = np.broadcast_arrays(counts, years)
    except ValueError:
        raise ValueError(f"events {counts.shape} and person_years {years.shape} don't match.") from None
    return counts, years
