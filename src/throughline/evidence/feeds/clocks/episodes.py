"""When a feed's files began to be too small, and whether they go down step by step."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from django.utils import timezone

from throughline.evidence.feeds.clocks.queries import Arrival, Clock
from throughline.science.rhythm import Decline, find_decline

PERIODS = 16  # weeks, or files where they come more seldom
EPISODE_DAYS = 7 * PERIODS
WEEK = timedelta(days=7)


def is_settled(clock: Clock) -> bool:
    """Whether all files of the last day with any have come: as many as on other days, or the day is over."""
    if not clock.arrivals:
        return False
    last = clock.arrivals[-1]
    usual = median(arrival.files for arrival in clock.arrivals)
    return last.files >= usual or last.on < timezone.localdate(clock.at)


def half_empty_since(clock: Clock) -> Arrival | None:
    """The first of the latest arrivals that all brought far too little; None while the last is well or undecided."""
    if clock.last_size is None or not is_settled(clock):
        return None
    first = None
    for arrival in reversed(clock.arrivals):
        size = clock.usual_size(arrival)
        if size is None or not size.is_half_empty(arrival.rows):
            break
        first = arrival
    return first


def decline_of(clock: Clock) -> Decline | None:
    """Whether what a feed brings goes down, week by week, or file by file where they come more seldom."""
    return find_decline(_weekly(clock) if reports_weekly(clock) else _each(clock))


def reports_weekly(clock: Clock) -> bool:
    gaps = [(later.at - earlier.at) / WEEK for earlier, later in pairwise(clock.arrivals)]
    return not gaps or median(gaps) <= 1.1


def _each(clock: Clock) -> list[int]:
    return [arrival.rows for arrival in clock.arrivals[-PERIODS:]]


def _weekly(clock: Clock) -> list[int]:
    """Rows of the last whole weeks, from the week after the first file on; a silent feed's end with its last file."""
    if not clock.arrivals:
        return []
    first, last = _monday(clock.arrivals[0].on) + WEEK, _monday(clock.arrivals[-1].on)
    rows: Counter[date] = Counter()
    for arrival in clock.arrivals:
        rows[_monday(arrival.on)] += arrival.rows
    weeks = [first + n * WEEK for n in range((last - first) // WEEK)]
    return [rows[week] for week in weeks[-PERIODS:]]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
