"""What a scan is made of, checked: cases by place and day, and where the places are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from throughline.science.cylinders import WindowCases
from throughline.science.distance import check_coordinates

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Study:
    """Checked input: place and age (0 on the last day) per case, coordinates per place."""

    place: Integers
    age: Integers
    latitude: Floats
    longitude: Floats
    days: int
    maximum_days: int

    @property
    def total(self) -> int:
        return len(self.place)

    def window(self) -> WindowCases:
        inside = self.age < self.maximum_days
        return WindowCases(self.place[inside], self.age[inside], np.array([0, inside.sum()]))


def check_study(
    *,
    place: ArrayLike,
    day: ArrayLike,
    latitude: ArrayLike,
    longitude: ArrayLike,
    days: int,
    maximum_days: int,
) -> Study:
    """The study of one case list; ValueError says which argument is wrong, and which of its values."""
    latitudes, longitudes = check_coordinates(latitude, longitude)
    if latitudes.ndim != 1 or not latitudes.size:
        raise ValueError(f"latitude must have one value per place, got the shape {latitudes.shape}.")
    if not 1 <= maximum_days <= days:
        raise ValueError(f"maximum_days must lie between 1 and days ({days}), got {maximum_days}.")
    places = _check_indices("place", place, latitudes.size)
    case_days = _check_indices("day", day, days)
    if len(places) != len(case_days):
        raise ValueError(f"place and day need one value per case, got {len(places)} and {len(case_days)}.")
    return Study(places, days - 1 - case_days, latitudes, longitudes, days, maximum_days)


def check_population(population: ArrayLike | None, study: Study) -> Floats:
    """Persons at risk, (places, days); ValueError if the shape or a value can't be that."""
    if population is None:
        raise ValueError("the Poisson model needs population.")
    given = np.asarray(population, np.float64)
    places = len(study.latitude)
    if given.shape not in ((places,), (places, study.days)):
        raise ValueError(f"population must be ({places},) or ({places}, {study.days}), got {given.shape}.")
    if not (np.isfinite(given).all() and (given >= 0).all() and given.sum() > 0):
        raise ValueError("population must be 0 or more everywhere and more than 0 somewhere.")
    return np.asarray(np.broadcast_to(given.reshape(places, -1), (places, study.days)))


def _check_indices(name: str, values: ArrayLike, limit: int) -> Integers:
    given = np.asarray(values)
    if given.ndim != 1 or (given.size and not np.issubdtype(given.dtype, np.integer)):
        raise ValueError(f"{name} must be a list of whole numbers, one per case.")
    indices = given.astype(np.int64)
    wrong = indices[(indices < 0) | (indices >= limit)]
    if wrong.size:
        raise ValueError(f"{name} must lie between 0 and {limit - 1}, got {wrong[0]}.")
    return indices
