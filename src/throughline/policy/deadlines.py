"""Keeps the clock of a promise: when it is due, whether it was kept, and when it goes up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

DUE_SOON_DAYS = 3
ESCALATING_SLIP = 3


class Clock(StrEnum):
    OPEN = "open"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    KEPT = "kept"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, order=True)
class Renegotiation:
    """A new due date, and the day on which it was agreed."""

    agreed_on: date
    due_on: date


def due_on(raised_on: date, days: int) -> date:
    """The last day on which an answer is in time, `days` after the day on which it was asked for."""
    if days < 0:
        raise ValueError(f"An answer is due in {days} days, expected 0 or more.")
    return raised_on + timedelta(days=days)


def hours_left(due_at: datetime, now: datetime) -> float:
    """Hours until an instant, negative after it. Both times carry a time zone."""
    if due_at.tzinfo is None or now.tzinfo is None:
        raise ValueError(f"Expected times with a time zone, got {due_at.isoformat()} and {now.isoformat()}.")
    return (due_at - now) / timedelta(hours=1)


def is_overdue(due_on: date, today: date) -> bool:
    """Whether the due date is past; the due date itself is in time."""
    return today > due_on


def escalates(slips: int) -> bool:
    """Whether a promise whose due date was moved this often goes up: from the third slip on."""
    return slips >= ESCALATING_SLIP


def slips(due_on: date, renegotiations: Iterable[Renegotiation] = ()) -> int:
    """How often the due date was moved later, in time or not. An earlier date is no slip."""
    dates = [due_on, *(agreed.due_on for agreed in sorted(renegotiations))]
    return sum(later > earlier for earlier, later in pairwise(dates))


def standing_due_on(due_on: date, renegotiations: Iterable[Renegotiation] = ()) -> date:
    """The due date that was agreed last."""
    return max(renegotiations).due_on if (renegotiations := tuple(renegotiations)) else due_on


def kept(due_on: date, renegotiations: Iterable[Renegotiation], done_on: date) -> bool:
    """Whether it was done by the due date, as moved by renegotiations made no later than the date they moved.

    To say in time that a promise needs longer keeps it. Once a due date has passed in silence the promise is
    broken, and a later date repairs the plan but not the promise.
    """
    for agreed in sorted(renegotiations):
        if is_overdue(due_on, agreed.agreed_on):
            return False
        due_on = agreed.due_on
    return not is_overdue(due_on, done_on)


def clock(
    due_on: date,
    today: date,
    *,
    renegotiations: Iterable[Renegotiation] = (),
    done_on: date | None = None,
    dropped_on: date | None = None,
) -> Clock:
    """Where a promise stands: done, it is kept or broken; dropped, broken; else it runs to its last date."""
    renegotiations = tuple(renegotiations)
    if done_on:
        return Clock.KEPT if kept(due_on, renegotiations, done_on) else Clock.BROKEN
    if dropped_on:
        return Clock.BROKEN
    standing = standing_due_on(due_on, renegotiations)
    if is_overdue(standing, today):
        return Clock.OVERDUE
    return Clock.DUE_SOON if (standing - today).days <= DUE_SOON_DAYS else Clock.OPEN
