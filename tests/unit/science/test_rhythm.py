"""What a feed's rhythm promises: few false alarms, and no dead feed overlooked, over a thousand simulated feeds."""

from datetime import UTC, datetime, time, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughline.science.rhythm import (
    ALARMS_PER_YEAR,
    Rhythm,
    find_decline,
    learn_rhythm,
    learn_size,
    moment_after,
)

FIRST = datetime(2024, 1, 1, 8, tzinfo=UTC)
DAYS = 730
FEEDS = 1000
QUARTER = 91
# The days on which files are due, and by how many hours they waver (standard deviation).
KINDS = {
    "daily": (lambda day: True, 3.0),
    "working days": (lambda day: day.weekday() < 5, 3.0),
    "every other day": (lambda day: day.toordinal() % 2 == 0, 5.0),
    "weekly": (lambda day: day.weekday() == 0, 8.0),
    "weekly, on any day": (lambda day: day.toordinal() % 7 == 3, 30.0),
    "every two weeks": (lambda day: day.toordinal() % 14 == 3, 24.0),
    "monthly": (lambda day: day.day == 5, 36.0),
}
FORGOTTEN = 0.003  # of the files: the next one brings their rows


def receipts(kind: str, rng: np.random.Generator) -> list[datetime]:
    is_due, hours = KINDS[kind]
    due = [day for n in range(DAYS) if is_due(day := FIRST + timedelta(days=n))]
    kept = [day for day in due if rng.random() >= FORGOTTEN]
    return sorted(day + timedelta(hours=float(rng.normal(0, hours))) for day in kept)


def waits(kind: str, seed: int) -> tuple[int, float]:
    """Alarms in the second year, learned anew each quarter, and how long a death then goes unnoticed."""
    received = receipts(kind, np.random.default_rng(seed))
    alarms, rhythm, learned_at = 0, None, FIRST
    second_year = [n for n, at in enumerate(received) if at >= FIRST + timedelta(days=365)]
    for n in second_year:
        if rhythm is None or received[n] - learned_at > timedelta(days=QUARTER):
            rhythm, learned_at = learn_rhythm(received[max(n - 400, 0) : n]), received[n]
        alarms += received[n] > late_at(rhythm, received[n - 1])
    return alarms, intervals_waited(rhythm, received[-1])


def late_at(rhythm: Rhythm, since: datetime) -> datetime:
    return moment_after(since, rhythm.late_after_days, rhythm.quiet_weekdays)


def intervals_waited(rhythm: Rhythm, died_at: datetime) -> float:
    """How long until it is noticed, on days on which files come, in usual intervals of such days."""
    open_interval = (
        rhythm.late_after_days if rhythm.quiet_weekdays else rhythm.late_after_days / rhythm.typical_days
    )
    assert late_at(rhythm, died_at) > died_at
    return open_interval


@pytest.fixture(scope="module")
def outcomes() -> dict[str, list[tuple[int, float]]]:
    kinds = list(KINDS)
    found: dict[str, list[tuple[int, float]]] = {kind: [] for kind in kinds}
    for seed in range(FEEDS):
        kind = kinds[seed % len(kinds)]
        found[kind].append(waits(kind, seed))
    return found


def test_a_thousand_regular_feeds_raise_no_more_false_alarms_than_were_promised(outcomes):
    per_year = {kind: np.mean([alarms for alarms, _ in feeds]) for kind, feeds in outcomes.items()}
    assert all(rate <= ALARMS_PER_YEAR for rate in per_year.values()), per_year
    assert np.mean([alarms for feeds in outcomes.values() for alarms, _ in feeds]) < ALARMS_PER_YEAR / 2


def test_every_dead_feed_is_noticed_within_two_intervals(outcomes):
    longest = {kind: max(waited for _, waited in feeds) for kind, feeds in outcomes.items()}
    assert all(waited <= 2.15 for waited in longest.values()), longest


def test_half_empty_files_and_declines_are_rarely_seen_in_healthy_feeds():
    rng = np.random.default_rng(7)
    half_empty = declines = 0
    years = 60
    for mean in np.repeat([3, 12, 40, 300], years // 4):
        season = 1 + 0.15 * np.sin(np.arange(455) / 365 * 2 * np.pi)
        rows = rng.poisson(mean * season * rng.gamma(10, 0.1, 455))
        half_empty += sum(learn_size(rows[n - 90 : n]).is_half_empty(rows[n]) for n in range(90, 455))
        weeks = rows.reshape(-1, 7).sum(axis=1)
        declines += sum(find_decline(weeks[n - 16 : n]) is not None for n in range(16, 65, 4))
    assert half_empty / years <= 1
    assert declines / years <= 0.25


@given(
    start=st.integers(0, 10**8).map(lambda seconds: FIRST + timedelta(seconds=seconds)),
    days=st.floats(0.01, 100),
    quiet=st.frozensets(st.integers(0, 6), max_size=6),
)
def test_what_is_waited_for_lies_ahead_and_never_on_a_quiet_weekday(start, days, quiet):
    due = moment_after(start, days, quiet)
    assert due > start
    assert due.weekday() not in quiet or due.time() == time.min
    if not quiet:
        assert abs((due - start).total_seconds() - days * 86_400) < 2


@given(st.lists(st.integers(0, 400), min_size=9, max_size=60, unique=True))
def test_the_bound_lies_between_the_usual_and_what_is_late_in_any_case(offsets):
    rhythm = learn_rhythm([FIRST + timedelta(days=n) for n in offsets])
    assert rhythm is not None
    assert rhythm.late_after_days > 0
    assert rhythm == learn_rhythm([FIRST + timedelta(days=n) for n in reversed(offsets)])
