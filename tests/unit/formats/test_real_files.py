"""Two real files come in by mapping alone, and no row of them is lost."""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from throughline.formats.event import Event
from throughline.formats.faults import Reason, Rejected
from throughline.formats.gazetteer import Gazetteer, Place
from throughline.formats.mapping import parse_mapping
from throughline.formats.tabular import read_tabular

ROOT = Path(__file__).parents[3]
DATA = ROOT / "../shared/data"
COOK = DATA / "incidents/cook_county_medical_examiner_2014_2020.csv"
TRACTS = DATA / "forecast/cook_annual_2015_2020.csv"
CONNECTICUT = DATA / "incidents/connecticut_accidental_drug_deaths_2012_2018.csv"
RECEIVED_AT = datetime(2026, 11, 1, tzinfo=UTC)

pytestmark = pytest.mark.skipif(
    not DATA.exists(), reason="../shared, which holds the real files, is not here"
)


@cache
def results(path: Path, mapping: str) -> tuple[list[Event], list[Rejected]]:
    document = json.loads((ROOT / f"tests/samples/mappings/{mapping}.json").read_text())
    gazetteer = Gazetteer(tracts() if path == COOK else towns())
    rows = list(read_tabular(path, parse_mapping(document), gazetteer, received_at=RECEIVED_AT))
    events = [row for row in rows if isinstance(row, Event)]
    return events, [row for row in rows if isinstance(row, Rejected)]


def tracts() -> Iterator[Place]:
    with TRACTS.open(newline="") as file:
        rows = {row["geoid"]: row for row in csv.DictReader(file)}
    return (Place(code, float(row["lat"]), float(row["lon"])) for code, row in rows.items())


def towns() -> Iterator[Place]:
    """The towns that the file itself locates, as in "Norwalk, CT" over "(41.11805, -73.412906)"."""
    with CONNECTICUT.open(newline="", encoding="utf-8-sig") as file:
        texts = {row[column] for row in csv.DictReader(file) for column in ("DeathCityGeo", "InjuryCityGeo")}
    for text in sorted(texts):
        if point := re.match(r"(.+), CT\n\((.+), (.+)\)", text):
            yield Place(point[1].upper(), float(point[2]), float(point[3]))


@pytest.mark.slow
def test_cook_county_comes_in_whole() -> None:
    events, rejected = results(COOK, "cook_county")
    assert (len(events), len(rejected)) == (7551, 0)
    assert Counter(event.place_method for event in events) == {"nearest_centroid": 6938, "unknown": 613}
    assert {event.outcome for event in events} == {"fatal"}
    assert len({event.record_id for event in events}) == 7551
    assert sum(bool(event.substances) for event in events) > 7400


def test_cook_county_falls_back_to_the_time_of_death_in_its_other_format() -> None:
    events, _ = results(COOK, "cook_county")
    first = next(event for event in events if event.record_id == "16")
    assert first.occurred_at == datetime(2014, 8, 17, 0, 14, tzinfo=UTC)


def test_connecticut_comes_in_with_five_rows_set_aside() -> None:
    events, rejected = results(CONNECTICUT, "connecticut")
    assert (len(events), len(rejected)) == (5100, 5)
    assert sorted((row.field, row.value, row.reason) for row in rejected) == [
        ("Date", "", Reason.MISSING),
        ("Date", "", Reason.MISSING),
        ("Morphine_NotHeroin", "NO RX BUT STRAWS", Reason.UNKNOWN_CODE),
        ("Morphine_NotHeroin", "PCP NEG", Reason.UNKNOWN_CODE),
        ("Morphine_NotHeroin", "STOLE MEDS", Reason.UNKNOWN_CODE),
    ]


def test_connecticuts_traps_are_settled_by_its_mapping() -> None:
    events, _ = results(CONNECTICUT, "connecticut")
    assert sum("fentanyl" in event.substances for event in events) == 2230  # Y, Y-A, Y POPS and Y (PTCH)
    assert Counter(event.place is None for event in events) == {False: 5098, True: 2}
    assert Counter(event.manner for event in events)["accident"] == 5076  # in three spellings
    assert {event.time_quality for event in events} == {"day"}
