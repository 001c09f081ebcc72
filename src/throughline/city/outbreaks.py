"""Plans what detection and evaluation should find: spikes, hotspots, and help whose effect is real."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from throughline.city.geography import Geography

SHORTEST_PERIOD = 110
"""Days, so that every planned outbreak has a history to stand out from."""

Floats = NDArray[np.float64]
Places = tuple[str, ...]
Level = Literal["neighbourhood", "district", "cluster"]


@dataclass(frozen=True)
class Outbreak:
    """Overdoses beyond what was expected: `excess` of them in `places`, from `begins_on` to `ends_on`."""

    key: str
    kind: str  # spike or hotspot
    level: Level
    places: Places
    begins_on: date
    ends_on: date
    expected: float
    excess: int

    @property
    def multiplier(self) -> float:
        return 1 + self.excess / self.expected


@dataclass(frozen=True)
class Help:
    """An answer that worked: from `begins_on` on, the rate in `places` is `multiplier` times what it was."""

    answers: str
    places: Places
    begins_on: date
    multiplier: float


class _Planned(NamedTuple):
    key: str
    level: Level
    ends: float  # where in the period its last day lies, from 0 to 1
    days: int
    multiplier: float | None = None  # without one, so many more that a small place shows it


_PLAN = (
    _Planned("spike-1", "neighbourhood", 0.19, 1),
    _Planned("spike-2", "neighbourhood", 0.27, 2),
    _Planned("hotspot-1", "cluster", 0.35, 14, 3.0),
    _Planned("spike-3", "district", 0.42, 3, 3.5),
    _Planned("spike-4", "neighbourhood", 0.50, 1),
    _Planned("spike-5", "neighbourhood", 0.58, 3),
    _Planned("hotspot-2", "cluster", 0.67, 21, 2.5),
    _Planned("spike-6", "district", 0.74, 2, 3.0),
    _Planned("spike-7", "neighbourhood", 0.83, 2),
    _Planned("hotspot-3", "cluster", 1.00, 9, 4.0),
    _Planned("spike-8", "neighbourhood", 1.00, 2),
)
_EXCESS_PER_DAY = 5  # in one neighbourhood; fewer hide in the Poisson noise of so small a place
_PLACES_IN_CLUSTER = 4
_HELPED = "spike-3"
_HELP_AFTER_DAYS = 4
_HELP_MULTIPLIER = 0.5


def plan_outbreaks(geography: Geography, days: Sequence[date], expected: Floats) -> tuple[Outbreak, ...]:
    """All outbreaks by their last day, given what is expected in each neighbourhood on each day.

    Spikes of one day to three, hotspots of weeks. The last two go on when the period ends. The ward that
    will be helped has no other outbreak, so that its effect can be read.
    """
    row = {place.code: n for n, place in enumerate(geography.neighbourhoods)}
    sites = _sites(geography, dict(zip(row, expected.sum(axis=1), strict=True)))
    return tuple(_outbreak(planned, next(sites[planned.level]), days, expected, row) for planned in _PLAN)


def plan_help(outbreaks: Sequence[Outbreak]) -> Help:
    answered = next(outbreak for outbreak in outbreaks if outbreak.key == _HELPED)
    begins_on = answered.ends_on + timedelta(days=_HELP_AFTER_DAYS)
    return Help(answered.key, answered.places, begins_on, _HELP_MULTIPLIER)


def _outbreak(
    planned: _Planned, places: Places, days: Sequence[date], expected: Floats, row: dict[str, int]
) -> Outbreak:
    last = round((len(days) - 1) * planned.ends)
    first = last - planned.days + 1
    usual = float(expected[[row[place] for place in places], first : last + 1].sum())
    multiplier = planned.multiplier
    return Outbreak(
        key=planned.key,
        kind=planned.key.split("-")[0],
        level=planned.level,
        places=places,
        begins_on=days[first],
        ends_on=days[last],
        expected=usual,
        excess=round((multiplier - 1) * usual) if multiplier else _EXCESS_PER_DAY * planned.days,
    )


def _sites(geography: Geography, rates: dict[str, float]) -> dict[Level, Iterator[Places]]:
    """Where outbreaks of each level go, places with the highest rates first."""
    wards = [geography.within(ward.code) for ward in geography.wards]
    wards.sort(key=lambda places: -sum(rates[place] for place in places))
    others = sorted(rates.keys() - set(wards[0]), key=lambda place: (-rates[place], place))
    spiking, centres = others[:6:2], others[1::2]
    outside = [place for place in geography.neighbourhoods if place.code in set(others) - set(spiking)]

    def cluster(centre: str) -> Places:
        """The centre and the places nearest to it."""
        here = next(place for place in outside if place.code == centre)
        near = sorted(outside, key=lambda place: here.boundary.centroid.distance(place.boundary.centroid))
        return tuple(place.code for place in near[:_PLACES_IN_CLUSTER])

    return {
        "district": cycle(wards),
        "neighbourhood": cycle([(place,) for place in spiking]),
        "cluster": cycle(map(cluster, centres)),
    }
