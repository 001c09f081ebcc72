"""What chance alone would put in each place and interval: sums of a pattern over places times one over time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Exposure:
    """Persons at risk, or counts expected after adjustment, up to a factor: space @ time.

    space: (places, parts), time: (parts, intervals), both 0 or more. A population that stays the same has one part;
    one interpolated between censuses has one part per census; any matrix has one part per interval.
    """

    space: Floats
    time: Floats

    def __post_init__(self) -> None:
        for name in ("space", "time"):
            values = np.asarray(getattr(self, name), np.float64)
            object.__setattr__(self, name, values)
            if values.ndim != 2 or not np.isfinite(values).all() or (values < 0).any():
                raise ValueError(f"an exposure's {name} must be a table of numbers that are 0 or more.")
        if self.space.shape[1] != self.time.shape[0]:
            raise ValueError(f"an exposure's parts differ: {self.space.shape} and {self.time.shape}.")

    @property
    def by_place(self) -> Floats:
        """(places,), over all intervals."""
        return np.asarray(self.space @ self.time.sum(axis=1))

    @property
    def by_interval(self) -> Floats:
        """(intervals,), over all places."""
        return np.asarray(self.space.sum(axis=0) @ self.time)

    def scaled(self, total: float) -> "Exposure":
        """The same, summing to `total`; ValueError if there is nothing to scale."""
        there = self.by_place.sum()
        if not there > 0:
            raise ValueError("nobody is at risk: the population is 0 everywhere.")
        return Exposure(self.space * (total / there), self.time)

    def with_interval_totals(self, totals: Floats) -> "Exposure":
        """The same shares of places in each interval, summing to its total (non-parametric adjustment for time)."""
        there = self.by_interval
        if ((there == 0) & (totals > 0)).any():
            raise ValueError("there are cases in an interval in which nobody is at risk.")
        return Exposure(
            self.space, self.time * np.divide(totals, there, where=there > 0, out=np.zeros_like(there))
        )

    def without(self, places: NDArray[np.int64], intervals: slice) -> "Exposure":
        """The same, with nobody at risk in these places during these intervals."""
        elsewhere = self.space.copy()
        elsewhere[places] = 0
        during = np.zeros_like(self.time)
        during[:, intervals] = self.time[:, intervals]
        space, time = np.hstack([self.space, elsewhere]), np.vstack([self.time - during, during])
        some = space.any(axis=0) & time.any(axis=1)
        if np.count_nonzero(some) > time.shape[1]:  # a table is smaller
            return check_exposure(space @ time, name="exposure", places=len(space), intervals=time.shape[1])
        return Exposure(space[:, some], time[some])


def check_exposure(
    given: "ArrayLike | Exposure | None", *, name: str, places: int, intervals: int
) -> Exposure:
    """An exposure from (places,), (places, intervals) or one; ValueError says what is wrong with `name`."""
    if given is None:
        raise ValueError(f"this model needs {name}.")
    if isinstance(given, Exposure):
        if (len(given.space), given.time.shape[1]) != (places, intervals):
            raise ValueError(
                f"{name} must cover {places} places and {intervals} intervals, "
                f"got {len(given.space)} and {given.time.shape[1]}."
            )
        return given
    values = np.asarray(given, np.float64)
    if values.shape not in ((places,), (places, intervals)):
        raise ValueError(
            f"{name} must have the shape ({places},) or ({places}, {intervals}), got {values.shape}."
        )
    wrong = ~(np.isfinite(values) & (values >= 0))
    if wrong.any():
        raise ValueError(f"{name} must be 0 or more everywhere, got {values[wrong][0]}.")
    if values.ndim == 1:
        return Exposure(values[:, None], np.ones((1, intervals)))
    columns, part = np.unique(values, axis=1, return_inverse=True)
    return Exposure(columns, (np.arange(columns.shape[1])[:, None] == part.ravel()).astype(np.float64))
