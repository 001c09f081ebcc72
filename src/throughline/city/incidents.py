"""Draws the overdoses that really happen in the city; agencies see some of them, late and imperfectly."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from throughline.city.chance import apportion, stream
from throughline.city.geography import TIME_ZONE, CityPlace, Geography, points_in
from throughline.city.outbreaks import Help, Outbreak
from throughline.city.residents import Person, draw_people

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ZONE = ZoneInfo(TIME_ZONE)
FATAL = 0.08
_DAILY_SHAPE = 25.0  # of the gamma factor that all places share on a day: supply varies, so counts do more
_HOURS = np.array([5, 4, 3, 3, 2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 5], dtype=float)
_NALOXONE = 0.75
_SUBSTANCES = {"fentanyl": 0.82, "heroin": 0.15, "cocaine": 0.3, "methamphetamine": 0.22, "xylazine": 0.18}


@dataclass(frozen=True, slots=True)
class Incident:
    """One overdose as it was. `outbreak` is the key of the outbreak that caused it, or empty.

    Agencies also record other things that happen: those have no substances.
    """

    key: str
    at: datetime
    place: str
    latitude: float
    longitude: float
    fatal: bool
    naloxone: bool
    person: Person
    substances: tuple[str, ...]
    outbreak: str

    def after(self, minutes: float) -> datetime:
        """That much later, in local time; the hour that clocks skip or repeat is not counted twice or lost."""
        return (self.at.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(ZONE)


def draw_incidents(
    geography: Geography,
    days: Sequence[date],
    expected: Floats,
    outbreaks: Sequence[Outbreak],
    aid: Help,
    *,
    seed: int,
) -> tuple[Incident, ...]:
    """Every overdose of the period, by time. `expected` has shape (neighbourhoods, days)."""
    rng = stream(seed, "incidents")
    row = {place.code: n for n, place in enumerate(geography.neighbourhoods)}
    counts = _usual_counts(_with_help(expected, aid, days, row), rng)
    causes = [("", counts)] + [(it.key, _excess(it, days, expected, row, rng)) for it in outbreaks]
    drawn = [
        incident
        for cause, matrix in causes
        for place, daily in zip(geography.neighbourhoods, matrix, strict=True)
        for incident in _at_place(place, days, daily, cause, rng)
    ]
    drawn.sort(key=lambda incident: (incident.at, incident.place))
    return tuple(replace(incident, key=f"S{n:06d}") for n, incident in enumerate(drawn, start=1))


def draw_others(incidents: Sequence[Incident], count: int, rng: np.random.Generator) -> list[Incident]:
    """Other emergencies: each at the moment of one overdose, the place of a second and with the person of a third."""
    picks = rng.integers(0, len(incidents), (count, 3)).tolist()
    return [
        replace(
            incidents[where],
            key=f"N{number:06d}",
            at=incidents[when].at,
            person=incidents[who].person,
            fatal=False,
            naloxone=False,
            substances=(),
            outbreak="",
        )
        for number, (when, where, who) in enumerate(picks, start=1)
    ]


def daily_counts(incidents: Sequence[Incident]) -> Mapping[str, Mapping[str, int]]:
    """Incidents by place and local day; days without any are left out."""
    counts: dict[str, Counter[str]] = {}
    for incident in incidents:
        counts.setdefault(incident.place, Counter())[incident.at.date().isoformat()] += 1
    return {place: dict(sorted(days.items())) for place, days in sorted(counts.items())}


def _with_help(expected: Floats, aid: Help, days: Sequence[date], row: Mapping[str, int]) -> Floats:
    helped = expected.copy()
    helped[[row[place] for place in aid.places], days.index(aid.begins_on) :] *= aid.multiplier
    return helped


def _usual_counts(expected: Floats, rng: np.random.Generator) -> Integers:
    shared = rng.gamma(_DAILY_SHAPE, 1 / _DAILY_SHAPE, size=expected.shape[1])
    return rng.poisson(expected * shared)


def _excess(
    outbreak: Outbreak,
    days: Sequence[date],
    expected: Floats,
    row: Mapping[str, int],
    rng: np.random.Generator,
) -> Integers:
    """An outbreak's own incidents, shape of `expected`: even over its days, by chance over its places."""
    matrix = np.zeros(expected.shape, dtype=np.int64)
    first, last = days.index(outbreak.begins_on), days.index(outbreak.ends_on)
    rows = [row[place] for place in outbreak.places]
    shares = expected[rows, first] / expected[rows, first].sum()
    for day, count in enumerate(apportion(outbreak.excess, np.ones(last - first + 1)), start=first):
        matrix[rows, day] = rng.multinomial(count, shares)
    return matrix


def _at_place(
    place: CityPlace, days: Sequence[date], daily: Integers, cause: str, rng: np.random.Generator
) -> list[Incident]:
    on = [day for day, n in zip(days, daily, strict=True) for _ in range(n)]
    return [
        Incident(
            key="",
            at=at,
            place=place.code,
            latitude=latitude,
            longitude=longitude,
            fatal=bool(rng.random() < FATAL),
            naloxone=bool(rng.random() < _NALOXONE),
            person=person,
            substances=_substances(rng),
            outbreak=cause,
        )
        for at, (longitude, latitude), person in zip(
            _moments(on, rng),
            points_in(place, len(on), rng).tolist(),
            draw_people(place.strata, len(on), rng),
            strict=True,
        )
    ]


def _moments(on: Sequence[date], rng: np.random.Generator) -> list[datetime]:
    hours = rng.choice(24, len(on), p=_HOURS / _HOURS.sum())
    minutes = 60 * hours + rng.integers(0, 60, len(on))
    return [_moment(day, int(minute)) for day, minute in zip(on, minutes, strict=True)]


def _moment(day: date, minute: int) -> datetime:
    """That minute of the local day; in the hour that clocks skip, what clocks then really showed."""
    wall = datetime.combine(day, time(), ZONE) + timedelta(minutes=minute)
    return wall.astimezone(UTC).astimezone(ZONE)


def _substances(rng: np.random.Generator) -> tuple[str, ...]:
    found = tuple(name for name, share in _SUBSTANCES.items() if rng.random() < share)
    return found or ("heroin",)
