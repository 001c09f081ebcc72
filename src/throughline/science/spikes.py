"""Notices a place whose daily count is higher than its own recent days explain."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, nbdtrik, ndtri

from throughline.science.trailing import trailing_moments

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

GUARD_DAYS = {"C1": 0, "C2": 2, "C3": 2}
DEFAULT_ALPHA = {"C1": 0.001, "C2": 0.001, "C3": 0.025}
JEFFREYS_SHAPE = 0.5  # of the gamma prior for a Poisson rate
C2_DAYS = 10  # today, two guard days and seven of baseline
MINIMUM_HISTORY = 14  # days; in less than two weeks a weekday pattern alone looks like a spike


@dataclass(frozen=True)
class EarsResult:
    """EARS per series and day, in the shape of the counts; NaN and False where the baseline is too short."""

    expected: Floats
    upper_bound: Floats
    alarm: Booleans


@dataclass(frozen=True)
class DayThreshold:
    """The 24-hour rule for the last days of each series, shape (..., last).

    `threshold` is the smallest count that alarms; it and `expected` are NaN where the history is too short.
    """

    observed: Integers
    expected: Floats
    threshold: Floats
    p_value: Floats
    alarm: Booleans


@dataclass(frozen=True)
class SpikeResult:
    """The combined rule for the last day, one element per series; NaN where the history is too short."""

    observed: Integers
    expected: Floats
    upper_bound: Floats  # the largest count that does not alarm
    p_value: Floats
    day_threshold_fired: Booleans
    ears_fired: Booleans

    @property
    def alarm(self) -> Booleans:
        return self.day_threshold_fired | self.ears_fired

    def methods(self, series: int) -> tuple[str, ...]:
        """Names of the rules that fired for one series."""
        fired = {"24-hour threshold": self.day_threshold_fired, "EARS C2": self.ears_fired}
        return tuple(name for name, alarms in fired.items() if alarms[series])


def ears(
    counts: ArrayLike,
    *,
    method: Literal["C1", "C2", "C3"] = "C2",
    baseline: int = 7,
    minimum_sigma: float = 0.0,
    alpha: float | None = None,
) -> EarsResult:
    """The Early Aberration Reporting System's C1, C2 or C3 for counts of shape (days,) or (series, days).

    C1 compares a day with mean and standard deviation of the `baseline` days before it. C2 leaves out the two
    days just before, so that a slow rise does not hide itself. C3 adds up what the C2 statistic exceeded one
    by on the two days before, and alarms when that sum is large. `alpha` is the one-sided normal tail: 0.001
    for C1 and C2, 0.025 for C3. `minimum_sigma` keeps a baseline without spread from alarming at every case.

    Sources: Hutwagner et al. 2003 (J Urban Health 80, i89-i96); Fricker et al. 2008 (Stat Med 27, 3407);
    C3's bound as R's `surveillance` 1.20 reports it. ValueError on counts that are not counts.
    """
    values = check_counts(counts)
    if method not in GUARD_DAYS:
        raise ValueError(f"method must be C1, C2 or C3, got {method!r}.")
    if baseline < 2:
        raise ValueError(f"baseline must have at least 2 days to show a spread, got {baseline}.")
    multiplier = -ndtri(DEFAULT_ALPHA[method] if alpha is None else alpha)
    mean, variance = trailing_moments(values, days=baseline, guard=GUARD_DAYS[method], minimum_days=baseline)
    deviation = np.maximum(np.sqrt(variance), minimum_sigma)
    if method == "C3":
        room = multiplier - _excess_of_two_days_before(values, mean, deviation)
        with np.errstate(invalid="ignore"):
            upper = np.maximum(values + deviation * room, 0.0)
    else:
        upper = mean + multiplier * deviation
    return EarsResult(expected=mean, upper_bound=upper, alarm=values > upper)


def day_threshold(
    counts: ArrayLike,
    *,
    window: int = 56,
    guard: int = 2,
    minimum_count: int = 3,
    false_alarms_per_month: float = 0.75,
    last: int | None = 1,
) -> DayThreshold:
    """The 24-hour rule: the smallest count that a place's own recent days make improbable.

    counts: whole numbers per day, shape (days,) or (series, days). The rate is learnt from the `window` days
    that end `guard` days before the day judged. The threshold is the smallest count k for which the chance of
    k or more is at most `false_alarms_per_month` / 30; as counts are whole, fewer false alarms come true.

    It is never below `minimum_count`: two cases on one day are often one event, people who used together, and
    a public alarm on them would point at persons. With less than 14 days of history nothing alarms.
    `last` is how many of the last days to judge, None for all.

    Source: Gelman et al. 2013, Bayesian Data Analysis, 2.6 (Gamma-Poisson predictive distribution).
    """
    values = check_counts(counts)
    _check_rule(window, guard, minimum_count, false_alarms_per_month)
    days = values.shape[-1] if last is None else last
    predictive = _predict(values[..., -(window + guard + days) :], window, guard, last=days)
    observed = values[..., -days:]
    threshold = np.maximum(predictive.smallest_count(false_alarms_per_month / 30), minimum_count)
    return DayThreshold(
        observed=observed,
        expected=predictive.mean,
        threshold=threshold,
        p_value=predictive.chance_of(observed),
        alarm=observed >= threshold,
    )


def daily_spikes(
    counts: ArrayLike,
    *,
    window: int = 56,
    guard: int = 2,
    minimum_count: int = 3,
    false_alarms_per_month: float = 0.75,
) -> SpikeResult:
    """The rule that raises signals: is the last day of a series a spike? counts: (series, days).

    A series alarms when the 24-hour rule (`day_threshold`) fires, or when EARS C2 fires on at least
    `minimum_count` cases that the 24-hour rule gives at most twice its budget of chance. That last condition
    is there because seven days of small counts often show no spread by luck: C2 unchecked would by itself
    spend the bar of one false alarm per place and month. `benchmarks/spikes.py` prints what it achieves.

    Sources: Hutwagner et al. 2003 for C2, as in CDC's syndromic surveillance; see `ears` and `day_threshold`.
    """
    values = np.atleast_2d(check_counts(counts))
    _check_rule(window, guard, minimum_count, false_alarms_per_month)
    observed = values[:, -1]
    predictive = _predict(values[:, -(window + guard + 1) :], window, guard, last=1).of_last_day()
    alpha = false_alarms_per_month / 30
    day = np.maximum(predictive.smallest_count(alpha), minimum_count)
    plausible = np.maximum(predictive.smallest_count(2 * alpha), minimum_count)
    c2 = np.maximum(np.floor(ears(values[:, -C2_DAYS:]).upper_bound[:, -1]) + 1, plausible)
    return SpikeResult(
        observed=observed,
        expected=predictive.mean,
        upper_bound=np.minimum(day, c2) - 1,
        p_value=predictive.chance_of(observed),
        day_threshold_fired=observed >= day,
        ears_fired=observed >= c2,
    )


def check_counts(counts: ArrayLike) -> Integers:
    """Counts as whole numbers of shape (days,) or (series, days); ValueError says what is wrong."""
    values = np.asarray(counts)
    if values.ndim not in (1, 2) or values.shape[-1] == 0:
        raise ValueError(f"counts must have the shape (days,) or (series, days), got {values.shape}.")
    if not np.issubdtype(values.dtype, np.integer):
        values = _whole_numbers(values)
    if values.size and values.min() < 0:
        raise ValueError(f"counts must be 0 or more, got {values.min()}.")
    return values.astype(np.int64, copy=False)


def _whole_numbers(values: NDArray[Any]) -> Integers:
    if not np.issubdtype(values.dtype, np.floating) or not np.isfinite(values).all():
        raise ValueError("counts must be numbers without gaps; a missing day is not a zero.")
    if (values != np.floor(values)).any():
        raise ValueError("counts must be whole numbers.")
    return values.astype(np.int64)


def _check_rule(window: int, guard: int, minimum_count: int, false_alarms_per_month: float) -> None:
    if window < MINIMUM_HISTORY:
        raise ValueError(f"window must have at least {MINIMUM_HISTORY} days, got {window}.")
    if guard < 0 or minimum_count < 1:
        raise ValueError(f"guard must be at least 0, minimum_count at least 1, got {guard}, {minimum_count}.")
    if not 0 < false_alarms_per_month < 15:
        raise ValueError(f"false_alarms_per_month must lie between 0 and 15, got {false_alarms_per_month}.")


def _excess_of_two_days_before(values: Integers, mean: Floats, deviation: Floats) -> Floats:
    """Sum of max(0, C2 statistic - 1) over the two days before; 0/0 on a flat baseline is no excess."""
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = (values - mean) / deviation
    excess = np.where(np.isnan(mean), np.nan, np.fmax(statistic - 1, 0.0))
    before = np.full_like(excess, np.nan)
    before[..., 2:] = excess[..., 1:-1] + excess[..., :-2]
    return before


@dataclass(frozen=True)
class _Predictive:
    """Negative binomial for the count of one day, by mean and size (variance = mean + mean**2 / size)."""

    mean: Floats
    size: Floats

    def of_last_day(self) -> "_Predictive":
        return _Predictive(self.mean[..., -1], self.size[..., -1])

    def chance_of(self, count: ArrayLike) -> Floats:
        """P(count or more)."""
        at_least_one = np.maximum(count, 1)
        tail = betainc(at_least_one, self.size, self.mean / (self.mean + self.size))
        return np.where((np.asarray(count) == 0) & np.isfinite(self.mean), 1.0, tail)

    def smallest_count(self, chance: float) -> Floats:
        """The smallest count k with P(k or more) at most `chance`."""
        success = self.size / (self.size + self.mean)
        largest_usual = np.maximum(np.ceil(nbdtrik(1 - chance, self.size, success)), 0.0)
        return largest_usual + 1


def _predict(values: Integers, window: int, guard: int, last: int) -> _Predictive:
    """Gamma-Poisson predictive of each of the last days from its trailing window.

    The gamma carries what is not known about the rate; where the window varies more than Poisson (variance
    over mean above 1) the distribution is widened by that ratio, as in quasi-Poisson surveillance bounds.
    """
    moments = trailing_moments(values, days=window, guard=guard, minimum_days=MINIMUM_HISTORY)
    average, variance = (part[..., -last:] for part in moments)
    days = np.clip(np.arange(values.shape[-1]) - guard, 1, window)[-last:]
    shape = average * days + JEFFREYS_SHAPE
    with np.errstate(invalid="ignore"):
        dispersion = np.fmax(variance / average, 1.0)
    mean = shape / days
    return _Predictive(mean, size=mean / (dispersion - 1 + 1 / days))
