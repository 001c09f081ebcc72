"""Divides the days of a table into the intervals that are scanned."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.datetime64]
Every = Literal["day", "week", "month", "year"]

LENGTHS: dict[Every, tuple[int, str]] = {
    "day": (1, "D"),
    "week": (7, "D"),
    "month": (1, "M"),
    "year": (12, "M"),
}


@dataclass(frozen=True)
class Intervals:
    """first: the first day of each interval, (intervals,). last: the last day of all."""

    first: Days
    last: np.datetime64

    def __len__(self) -> int:
        return len(self.first)

    @property
    def ends(self) -> Days:
        """The last day of each."""
        return np.append(self.first[1:] - 1, self.last)

    @property
    def days(self) -> NDArray[np.float64]:
        """How many days each has."""
        return (self.ends - self.first).astype(np.float64) + 1

    def hold(self, days: Days) -> NDArray[np.bool_]:
        return np.asarray((days >= self.first[0]) & (days <= self.last))

    def of(self, days: Days) -> NDArray[np.int64]:
        """The number of each day's interval."""
        return np.searchsorted(self.first, days, side="right").astype(np.int64) - 1


def divide(start: np.datetime64, last: np.datetime64, every: Every) -> Intervals:
    """Intervals counted back from the last day, so that the newest is whole; the first is short where one must be.

    A month before March 30 begins on the same day of an earlier month, or on its last where that is shorter.
    """
    length, unit = LENGTHS[every]
    after = last + np.timedelta64(1, "D")
    month = after.astype(f"datetime64[{unit}]")
    steps = int((month - start.astype(f"datetime64[{unit}]")).astype(np.int64)) // length + 1
    back = month - length * np.arange(steps, 0, -1)
    first = np.minimum(_days(back) + (after - _days(month)), _days(back + 1) - 1)
    return Intervals(np.append(start, first[first > start]), last)


def _days(values: Days | np.datetime64) -> Days:
    return np.asarray(values.astype("datetime64[D]"))
