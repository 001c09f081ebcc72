"""Builds the whole simulated city as a folder of files, which then come in by the doors that real ones do.

    README.txt              says that all of it is simulated
    places.csv              code, name, kind, parent, latitude, longitude, population and strata
                            (`population:age_group:20-29`); larger places first
    places.geojson          boundaries in WGS 84, property `code`; neighbourhoods tile the city
    roster.csv              one row for each seat that is filled; `deputy` is an e-mail address
    vacancies.csv           group, seat, role and organization of the seats that nobody holds
    agreements.json         who may read which feed, for what, until when, with the sentences that say so
    feeds.json              feeds, their stewards and their mappings
    deliveries/<feed>/<instant received>--<name>
                            the files that agencies send, such as 20260301T103500Z--simulated-ems-2026-03-01.xml
    deliveries.json         feed, file and instant of each delivery, in order
    truth.json              what really happened, and what intake should find in each file

Times of day are local to `geography.TIME_ZONE`. Files come until the day after the last day of events, so that the
last day is in them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import shapely

from throughline.city.agreements import write_agreements
from throughline.city.deliveries import DeliveredFile, deliver
from throughline.city.feeds.catalogue import FEEDS
from throughline.city.geography import CITY_NAME, CityPlace, Geography, lay_out
from throughline.city.incidents import draw_incidents
from throughline.city.outbreaks import SHORTEST_PERIOD, plan_help, plan_outbreaks
from throughline.city.reports import write_reports
from throughline.city.risk import days_between, expected_incidents
from throughline.city.roster import Roster, seat_leaders
from throughline.city.truth import Truth
from throughline.city.writing import write_csv, write_delivery, write_json

_README = f"""Everything in this folder is simulated.

{CITY_NAME} exists nowhere. Its people, organizations, overdoses and agreements are invented by a program;
a resemblance to real ones is chance. E-mail addresses end in .example and telephone numbers are kept free for
fiction, so no message sent to them arrives. truth.json says what really happened in {CITY_NAME}.
"""


@dataclass(frozen=True)
class CityCounts:
    places: int
    people: int
    organizations: int
    agreements: int
    feeds: int
    files: int
    rows: int
    incidents: int


@dataclass(frozen=True)
class CityFiles:
    """Where everything lies, and how much of it there is."""

    folder: Path
    counts: CityCounts

    @property
    def places(self) -> Path:
        return self.folder / "places.csv"

    @property
    def boundaries(self) -> Path:
        return self.folder / "places.geojson"

    @property
    def roster(self) -> Path:
        return self.folder / "roster.csv"

    @property
    def vacancies(self) -> Path:
        return self.folder / "vacancies.csv"

    @property
    def agreements(self) -> Path:
        return self.folder / "agreements.json"

    @property
    def feeds(self) -> Path:
        return self.folder / "feeds.json"

    @property
    def deliveries(self) -> Path:
        return self.folder / "deliveries.json"

    @property
    def truth(self) -> Path:
        return self.folder / "truth.json"


def build_city(
    folder: Path, *, seed: int = 7, until: date, months: int = 12, scale: float = 1.0
) -> CityFiles:
    """Write a city of `scale` x 400,000 residents with events of `months` up to and including `until`.

    The same arguments give the same bytes. `folder` must be empty or not exist yet (FileExistsError); ValueError
    for a period too short to hold the planned outbreaks, or a scale for which there are not enough names.
    """
    days = _period(until, months)
    geography = lay_out(seed=seed, scale=scale)
    roster = seat_leaders(geography, seed=seed)
    truth = _simulate(geography, days, seed=seed)
    _make_empty(folder)
    (folder / "README.txt").write_text(_README, encoding="utf-8")
    agreements = write_agreements(days)
    files = CityFiles(folder, _count(geography, roster, agreements, truth))
    _write_geography(files, geography)
    write_csv(files.roster, roster.rows())
    write_csv(files.vacancies, roster.vacancies())
    write_json(files.agreements, agreements)
    write_json(files.feeds, _feeds(roster))
    _write_deliveries(files, truth.files)
    write_json(files.truth, {"seed": seed, "scale": scale, **truth.document()})
    return files


def _period(until: date, months: int) -> list[date]:
    """All days after the same day `months` earlier (or the last of that month), up to `until`."""
    year, month = divmod(until.year * 12 + until.month - 1 - months, 12)
    next_month = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    length = (next_month - timedelta(days=1)).day
    before = date(year, month + 1, min(until.day, length))
    days = days_between(before + timedelta(days=1), until)
    if len(days) < SHORTEST_PERIOD:
        raise ValueError(f"{months} months are {len(days)} days, expected {SHORTEST_PERIOD} days or more.")
    return days


def _simulate(geography: Geography, days: Sequence[date], *, seed: int) -> Truth:
    expected = expected_incidents(geography, days, seed=seed)
    outbreaks = plan_outbreaks(geography, days, expected)
    aid = plan_help(outbreaks)
    incidents = draw_incidents(geography, days, expected, outbreaks, aid, seed=seed)
    files = [
        file
        for feed in FEEDS
        for file in deliver(feed, write_reports(incidents, feed, seed=seed), days, seed=seed)
    ]
    files.sort(key=lambda file: (file.received_at, file.path))
    return Truth(days, outbreaks, aid, incidents, files)


def _make_empty(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} holds files already; name an empty folder for the city.")


def _count(
    geography: Geography, roster: Roster, agreements: Sequence[Mapping[str, Any]], truth: Truth
) -> CityCounts:
    return CityCounts(
        places=len(geography.places),
        people=len(roster.leaders),
        organizations=len(roster.organizations),
        agreements=len(agreements),
        feeds=len(FEEDS),
        files=len(truth.files),
        rows=sum(len(file.reports) for file in truth.files),
        incidents=len(truth.incidents),
    )


def _write_geography(files: CityFiles, geography: Geography) -> None:
    write_csv(files.places, [_place(place) for place in geography.places])
    features = [_feature(place) for place in geography.places]
    write_json(files.boundaries, {"type": "FeatureCollection", "features": features})


def _place(place: CityPlace) -> Mapping[str, object]:
    return {
        "code": place.code,
        "name": place.name,
        "kind": place.kind,
        "parent": place.parent,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "population": place.population,
    } | {f"population:{dimension}:{value}": n for (dimension, value), n in place.strata.items()}


def _feature(place: CityPlace) -> Mapping[str, Any]:
    properties = {"code": place.code, "name": place.name, "kind": place.kind, "parent": place.parent}
    return {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(place.boundary)}


def _feeds(roster: Roster) -> list[Mapping[str, Any]]:
    return [
        {
            "key": feed.key,
            "name": feed.name,
            "provider": feed.provider,
            "steward_email": roster.steward_of(feed.provider),
            "format": feed.format,
            "definition": feed.definition,
            "expected_every_days": feed.rhythm.expected_every_days,
            "counts_for": feed.counts_for,
            "mapping": feed.mapping,
        }
        for feed in FEEDS
    ]


def _write_deliveries(files: CityFiles, delivered: Sequence[DeliveredFile]) -> None:
    for file in delivered:
        write_delivery(files.folder, file)
    index = [
        {"feed": file.feed.key, "file": file.path, "received_at": file.received_at.isoformat()}
        for file in delivered
    ]
    write_json(files.deliveries, index)
