"""Says how many overdoses to expect in each neighbourhood on each day while nothing special happens."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from throughline.city.chance import stream
from throughline.city.geography import KM_PER_DEGREE, CityPlace, Geography

Floats = NDArray[np.float64]

PER_RESIDENT_AND_DAY = 9.5 / 400_000
_WEEKDAY = np.array([0.93, 0.92, 0.94, 0.98, 1.10, 1.13, 1.00])  # Monday first; the mean is 1
_SEASON = 0.12  # July has this share more than the mean, January less
_PEAK_DAY_OF_YEAR = 197
_UNEVEN = 0.55  # standard deviation of the log rate between neighbourhoods
_REACH_KM = 2.5  # over which neighbouring places are alike


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def expected_incidents(geography: Geography, days: Sequence[date], *, seed: int) -> Floats:
    """Expected overdoses, shape (neighbourhoods, days)."""
    places = geography.neighbourhoods
    weights = _risk(places, stream(seed, "risk")) * [place.population for place in places]
    per_day = PER_RESIDENT_AND_DAY * geography.city.population * weights / weights.sum()
    return np.asarray(per_day[:, None] * _rhythm(days))


def _rhythm(days: Sequence[date]) -> Floats:
    """Weekdays and seasons as factors around 1, shape (days,)."""
    weekday = _WEEKDAY[[day.weekday() for day in days]]
    angle = 2 * np.pi * (np.array([day.timetuple().tm_yday for day in days]) - _PEAK_DAY_OF_YEAR) / 365.25
    return np.asarray(weekday * (1 + _SEASON * np.cos(angle)))


def _risk(places: Sequence[CityPlace], rng: np.random.Generator) -> Floats:
    """Relative rates per resident: lognormal, and alike where places are near each other."""
    here = np.array([(place.latitude, place.longitude) for place in places])
    here *= KM_PER_DEGREE * np.array([1, np.cos(np.radians(here[0, 0]))])
    distance = np.linalg.norm(here[:, None] - here[None, :], axis=2)
    smooth = np.exp(-((distance / _REACH_KM) ** 2)) @ rng.standard_normal(len(places))
    return np.asarray(np.exp(_UNEVEN * (smooth - smooth.mean()) / smooth.std()))
