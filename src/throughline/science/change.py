"""Says whether events became fewer after an action, compared with places where nothing was done."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

Verdict = Literal["fewer", "more", "cannot tell"]


@dataclass(frozen=True)
class Ratio:
    """A ratio of rates with its confidence limits."""

    estimate: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Change:
    """What changed where something was done, what changed elsewhere, and the one over the other.

    The verdict rests on `ratio_of_rate_ratios` only: `rate_ratio` alone would credit the action with whatever
    happened everywhere.
    """

    rate_ratio: Ratio
    comparison_rate_ratio: Ratio
    ratio_of_rate_ratios: Ratio
    confidence: float

    @property
    def verdict(self) -> Verdict:
        if self.ratio_of_rate_ratios.upper < 1:
            return "fewer"
        if self.ratio_of_rate_ratios.lower > 1:
            return "more"
        return "cannot tell"


@dataclass(frozen=True)
class Window:
    """Days from `starts_on` to `ends_on`, both included."""

    starts_on: date
    ends_on: date

    @property
    def days(self) -> int:
        return (self.ends_on - self.starts_on).days + 1


def rate_ratio_change(
    *,
    before: int,
    after: int,
    comparison_before: int,
    comparison_after: int,
    days_before: int,
    days_after: int,
    confidence: float = 0.95,
    dispersion: float = 1.0,
) -> Change:
    """Difference-in-differences on the rate scale: after/before here, over after/before in comparison places.

    The first four arguments count events; both groups are watched over the same days. Intervals are Poisson
    on the log scale: variance is the sum of 1/count, times `dispersion` (`pooled_dispersion`, where
    daily counts vary more than Poisson). If a count in a ratio is zero, 0.5 is added to each of its
    counts, which keeps the interval finite and wide (Haldane 1956, Anscombe 1956).

    It holds as far as both groups would have changed alike without the action. So the baseline must not be
    the window that was picked for being high (`baseline_window`), and the comparison must start from a
    similar rate (`comparison_places`).

    Sources: Rothman, Greenland & Lash 2008, Modern Epidemiology, ch. 14 (rate ratio); Angrist & Pischke 2009,
    Mostly Harmless Econometrics, ch. 5 (difference-in-differences).
    """
    counts = (before, after, comparison_before, comparison_after)
    _check_change(counts, (days_before, days_after), confidence, dispersion)
    width = float(-ndtri((1 - confidence) / 2)) * dispersion**0.5
    longer = days_after / days_before
    return Change(
        rate_ratio=_ratio((after,), (before,), longer, width),
        comparison_rate_ratio=_ratio((comparison_after,), (comparison_before,), longer, width),
        ratio_of_rate_ratios=_ratio((after, comparison_before), (before, comparison_after), 1.0, width),
        confidence=confidence,
    )


def pooled_dispersion(*series: ArrayLike) -> float:
    """How much more daily counts vary than Poisson: Pearson's chi-square over its degrees of freedom, at least 1.

    Each series holds the daily counts of one group of places over days without a known change; it is compared
    with its own mean, and all are pooled. Series without events tell nothing; with none left it is 1.

    Raises ValueError for counts below 0. Source: McCullagh & Nelder 1989, Generalized Linear Models, 2nd ed.,
    section 4.5.2 and ch. 6.2 (quasi-likelihood).
    """
    counts = [_check_daily(days) for days in series]
    counts = [days for days in counts if days.sum() > 0]
    freedom = sum(days.size - 1 for days in counts)
    pearson = sum(float(((days - days.mean()) ** 2 / days.mean()).sum()) for days in counts)
    return max(1.0, pearson / freedom) if freedom else 1.0


def baseline_window(*, signal_start: date, days: int, guard: int = 28) -> Window:
    """The `days` days that end `guard` days before the signal's window starts.

    A window picked for being high is followed by a lower one even if nobody acts (regression to the mean), so
    it can't be its own baseline. The guard keeps out the rise that led up to it.

    Source: Barnett, van der Pols & Dobson 2005 (Int J Epidemiol 34, 215).
    """
    if days < 1 or guard < 0:
        raise ValueError(f"days must be at least 1 and guard at least 0, got {days} and {guard}.")
    ends_on = signal_start - timedelta(days=guard + 1)
    return Window(ends_on - timedelta(days=days - 1), ends_on)


def comparison_places(
    *,
    baseline_events: ArrayLike,
    population: ArrayLike,
    treated: ArrayLike,
    excluded: ArrayLike = (),
    number: int = 10,
    maximum_ratio: float = 2.0,
) -> NDArray[np.int64]:
    """Indices of up to `number` untreated places whose baseline rate is nearest to that of the treated ones.

    baseline_events, population: one per place, events in a window from `baseline_window`. treated: indices of
    the places where something was done, taken together; excluded: places that it may have reached as well,
    for instance neighbours. Rates are compared as ratios, 0.5 events added to each, and no place is more than
    `maximum_ratio` times higher or lower. Places without population are never chosen. The result is nearest
    first and may be empty: then nobody can tell.

    Source: Stuart 2010 (Stat Sci 25, 1), matching on the baseline outcome.
    """
    events, persons = _check_places(baseline_events, population)
    chosen = _check_indices("treated", treated, len(events))
    if not persons[chosen].sum() > 0:
        raise ValueError("treated must name at least one place with population.")
    rate = (events[chosen].sum() + 0.5) / persons[chosen].sum()
    with np.errstate(divide="ignore"):
        distance = np.abs(np.log((events + 0.5) / persons / rate))
    distance[chosen] = np.inf
    distance[_check_indices("excluded", excluded, len(events))] = np.inf
    nearest = np.argsort(distance, kind="stable")[:number]
    return np.asarray(nearest[distance[nearest] <= np.log(maximum_ratio)])


def _ratio(
    numerators: tuple[int, ...], denominators: tuple[int, ...], exposure: float, width: float
) -> Ratio:
    counts = np.array([numerators, denominators], np.float64)
    if not counts.all():
        counts += 0.5
    logarithm = np.log(counts[0]).sum() - np.log(counts[1]).sum() - np.log(exposure)
    margin = width * np.sqrt((1 / counts).sum())
    estimate, lower, upper = np.exp([logarithm, logarithm - margin, logarithm + margin])
    return Ratio(float(estimate), float(lower), float(upper))


def _check_change(
    counts: tuple[int, ...], days: tuple[int, int], confidence: float, dispersion: float
) -> None:
    if not all(np.isfinite(count) and count >= 0 for count in counts):
        raise ValueError(f"counts of events must be 0 or more, got {counts}.")
    if not all(day > 0 for day in days):
        raise ValueError(f"days_before and days_after must be more than 0, got {days}.")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence}.")
    if not dispersion >= 1:
        raise ValueError(f"dispersion must be at least 1, got {dispersion}.")


def _check_daily(days: ArrayLike) -> NDArray[np.float64]:
    counts = np.asarray(days, np.float64)
    if counts.ndim != 1 or not (np.isfinite(counts).all() and (counts >= 0).all()):
        raise ValueError("daily counts must be one series of numbers of 0 or more.")
    return counts


def _check_places(
    events: ArrayLike, population: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    counts, persons = np.asarray(events, np.float64), np.asarray(population, np.float64)
    if counts.ndim != 1 or counts.shape != persons.shape:
        raise ValueError(
            f"baseline_events and population need one value per place: {counts.shape}, {persons.shape}."
        )
    if not (np.isfinite(counts).all() and (counts >= 0).all()):
        raise ValueError("baseline_events must be numbers of 0 or more.")
    if not (np.isfinite(persons).all() and (persons >= 0).all()):
        raise ValueError("population must be 0 or more in every place.")
    return counts, persons


def _check_indices(name: str, indices: ArrayLike, places: int) -> NDArray[np.int64]:
    values = np.asarray(indices, np.int64)
    if values.size and not (values.min() >= 0 and values.max() < places):
        raise ValueError(f"{name} must be indices of places between 0 and {places - 1}.")
    return values
