"""Learns when files of a feed come and how large they are, so that late, silent and half-empty ones are noticed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

FEWEST = 8  # intervals, or sizes, below which nothing is known yet
ALARMS_PER_YEAR = 2.0  # how often natural variation may make one feed look late
GRACE = 1.25  # times the usual: files come at different hours of their day
LONGEST = 2.0  # times the usual: later than that is late, however often it happened
DAYS_A_YEAR = 365.25

# Weekdays: on most weeks, or on hardly any; in between there is no pattern to rely on.
FEWEST_WEEKS = 4
MOST_WEEKS_SHARE, HARDLY_ANY_SHARE = 0.7, 0.1

MAD_TO_SD = 1.4826  # for a normal distribution
OUTLYING = 3.5  # robust standard deviations (Iglewicz & Hoaglin 1993, How to Detect and Handle Outliers)

FEWEST_PERIODS = 12
LOST_SHARE = 0.4
TREND_P = 0.001


@dataclass(frozen=True)
class Rhythm:
    """When files come. Days are counted without `quiet_weekdays` (Monday is 0), on which hardly any file comes.

    `typical_days` is the median from file to file as the calendar counts, `late_after_days` what natural variation
    passes about twice a year.
    """

    intervals: int
    typical_days: float
    late_after_days: float
    quiet_weekdays: frozenset[int]


@dataclass(frozen=True)
class Size:
    """How many rows a file brings: the median of so many deliveries, and the bounds of natural variation."""

    deliveries: int
    typical: float
    low: float
    high: float

    def is_half_empty(self, rows: int) -> bool:
        """Fewer than natural variation brings, and less than half of the usual."""
        return rows < min(self.low, self.typical / 2)


@dataclass(frozen=True)
class Decline:
    """Sizes that went down step by step: the medians of the first and of the last quarter of the periods."""

    periods: int
    before: float
    now: float


def learn_rhythm(received: Sequence[datetime]) -> Rhythm | None:
    """The rhythm of receipts, in local time and any order; None for fewer than 9 days with a receipt.

    Several files of one day are one arrival. The bound is an upper tolerance limit without any assumption about
    the distribution (Wilks 1941, Ann Math Stat 12, 91-96): of n intervals, the k-th largest is passed by the next
    one with probability k / (n + 1), and k is chosen for two alarms a year. A younger feed's is extrapolated from
    median and MAD on the log scale. It is never below 1.25 nor above twice the usual interval, so that a feed that
    was often away doesn't teach that this is well; where one interval in ten is long by habit, these may pass.
    """
    arrivals = sorted({at.date(): at for at in sorted(received, reverse=True)}.values())
    if len(arrivals) <= FEWEST:
        return None
    quiet = _quiet_weekdays([at.date() for at in arrivals])
    intervals = np.diff([_open_time(at, quiet) for at in arrivals])
    calendar = np.diff([_open_time(at, frozenset()) for at in arrivals])
    return Rhythm(
        intervals=len(intervals),
        typical_days=float(np.median(calendar)),
        late_after_days=_late_after(intervals, ALARMS_PER_YEAR * float(np.mean(calendar)) / DAYS_A_YEAR),
        quiet_weekdays=quiet,
    )


def moment_after(start: datetime, days: float, quiet_weekdays: frozenset[int] = frozenset()) -> datetime:
    """The instant, to the second, that lies so many days after `start`, not counting the quiet weekdays."""
    week, rest = divmod(_open_time(start, quiet_weekdays) + days, 7 - len(quiet_weekdays))
    weekdays = [weekday for weekday in range(7) if weekday not in quiet_weekdays]
    day = date.fromordinal(int(week) * 7 + 1 + weekdays[int(rest)])
    return datetime.combine(day, time.min, start.tzinfo) + timedelta(seconds=round(rest % 1 * 86_400))


def learn_size(rows: ArrayLike) -> Size | None:
    """How large deliveries are, from their row counts; None for fewer than 8.

    Median and MAD after Anscombe's square-root transform (1948, Biometrika 35, 246-254), under which counts vary
    by 1 where only chance varies them: overdispersed counts widen the bounds, regular ones can't narrow them
    below chance. An outage or a file of a whole year among them hardly moves either.
    """
    counts = np.asarray(rows, dtype=np.float64)
    if len(counts) < FEWEST:
        return None
    rooted = 2 * np.sqrt(counts + 3 / 8)
    middle = float(np.median(rooted))
    spread = OUTLYING * max(1.0, MAD_TO_SD * float(np.median(np.abs(rooted - middle))))
    return Size(
        deliveries=len(counts),
        typical=float(np.median(counts)),
        low=_unrooted(max(middle - spread, 0.0)),
        high=_unrooted(middle + spread),
    )


def find_decline(rows: ArrayLike) -> Decline | None:
    """Whether rows per period, oldest first, went down for good: by 40 % or more, too steadily for chance.

    The trend is Mann's test (1945, Econometrica 13, 245-259) at 0.001, its size by the medians of the first and the
    last quarter. Many small steps show that no single delivery would. None for fewer than 12 periods.
    """
    counts = np.asarray(rows, dtype=np.float64)
    if len(counts) < FEWEST_PERIODS:
        return None
    quarter = len(counts) // 4
    before, now = float(np.median(counts[:quarter])), float(np.median(counts[-quarter:]))
    if now > (1 - LOST_SHARE) * before or _p_of_fall(counts) > TREND_P:
        return None
    return Decline(len(counts), before, now)


def _quiet_weekdays(days: Sequence[date]) -> frozenset[int]:
    """Weekdays on which hardly any file comes, where files come on all others; none before four weeks are known."""
    weeks = (days[-1] - days[0]).days / 7
    if weeks < FEWEST_WEEKS:
        return frozenset()
    share = np.bincount([day.weekday() for day in days], minlength=7) / weeks
    quiet = frozenset(np.flatnonzero(share <= HARDLY_ANY_SHARE).tolist())
    is_pattern = (share >= MOST_WEEKS_SHARE).sum() + len(quiet) == 7 and len(quiet) < 7
    return quiet if is_pattern else frozenset()


def _open_time(at: datetime, quiet: frozenset[int]) -> float:
    """Days since the first Monday of the calendar, without the quiet weekdays."""
    week, today = divmod(at.toordinal() - 1, 7)
    before = sum(weekday not in quiet for weekday in range(today))
    passed = (at - datetime.combine(at.date(), time.min, at.tzinfo)) / timedelta(days=1)
    return week * (7 - len(quiet)) + before + (0.0 if today in quiet else passed)


def _late_after(intervals: NDArray[np.float64], alarm_probability: float) -> float:
    usual = max(float(np.median(intervals)), 0.5)
    rank = math.floor(min(alarm_probability, 0.5) * (len(intervals) + 1))
    bound = float(np.sort(intervals)[-rank]) if rank else _extrapolated(intervals, alarm_probability)
    longest = max(LONGEST * usual, GRACE * float(np.quantile(intervals, 0.9)))
    return min(max(bound * 1.05, GRACE * usual), longest)


def _extrapolated(intervals: NDArray[np.float64], probability: float) -> float:
    """Beyond what so few intervals show: as if their logarithms were normal."""
    logs = np.log(np.maximum(intervals, 1 / 24))
    middle = float(np.median(logs))
    spread = MAD_TO_SD * float(np.median(np.abs(logs - middle)))
    return max(float(intervals.max()), math.exp(middle + float(ndtri(1 - probability)) * spread))


def _unrooted(rooted: float) -> float:
    return max(float(rooted**2 / 4 - 3 / 8), 0.0)


def _p_of_fall(counts: NDArray[np.float64]) -> float:
    """One-sided p-value of Kendall's S against the order of time, with its continuity correction."""
    n = len(counts)
    steps = np.sign(counts[None, :] - counts[:, None])
    score = float(steps[np.triu_indices(n, k=1)].sum())
    return float(ndtr((score + 1) / math.sqrt(n * (n - 1) * (2 * n + 5) / 18)))
