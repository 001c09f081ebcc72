"""A file of another state comes in by writing a mapping only, and no row of it is lost."""

import csv
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from factories import make_organization

from throughline.evidence.feeds.actions import add_feed, save_mapping
from throughline.evidence.feeds.receiving import receive_delivery
from throughline.evidence.feeds.rereading import replay_quarantine
from throughline.members.places.actions import import_places

ROOT = Path(__file__).parents[2]
FILE = ROOT / "../shared/data/incidents/connecticut_accidental_drug_deaths_2012_2018.csv"
MAPPING = ROOT / "tests/samples/mappings/connecticut.json"
AT = datetime(2026, 3, 7, 12, tzinfo=UTC)
WHO = {"by": "system:test", "at": AT}

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not FILE.exists(), reason="../shared, which holds the real file, is not here"),
]


@pytest.fixture
def towns(tmp_path: Path, settings: Any) -> Path:
    """The towns that the file itself locates, as in "Norwalk, CT" over "(41.11805, -73.412906)"."""
    settings.WAREHOUSE_DIR = tmp_path / "warehouse"
    path = tmp_path / "towns.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("code", "kind", "latitude", "longitude"), *_towns()])
    return path


def _towns() -> Iterator[tuple[str, str, str, str]]:
    with FILE.open(newline="", encoding="utf-8-sig") as file:
        texts = {row[column] for row in csv.DictReader(file) for column in ("DeathCityGeo", "InjuryCityGeo")}
    found = {
        point[1].upper(): point for text in texts if (point := re.match(r"(.+), CT\n\((.+), (.+)\)", text))
    }
    return ((name, "town", point[2], point[3]) for name, point in sorted(found.items()))


def test_connecticut_comes_in_by_a_mapping_alone(towns: Path) -> None:
    assert not import_places(table=towns, **WHO).faults
    examiner = make_organization(name="Chief Medical Examiner", sector="coroner")
    feed = add_feed(key="connecticut", name="Drug deaths", provider=examiner, **WHO)
    mapping = json.loads(MAPPING.read_text())
    save_mapping(feed=feed, definition=mapping, **WHO)

    receipt, is_new = receive_delivery(feed=feed, path=FILE, **WHO)
    assert is_new
    assert receipt.rows == receipt.accepted + receipt.duplicates + receipt.quarantined == 5105
    assert (receipt.accepted, receipt.duplicates, receipt.quarantined) == (5100, 0, 5)
    assert {reason["field"]: reason["rows"] for reason in receipt.reasons} == {
        "Date": 2,
        "Morphine_NotHeroin": 3,
    }
    assert receipt.unplaced == 2

    again, is_new = receive_delivery(feed=feed, path=FILE, **WHO)
    assert (again, is_new) == (receipt, False)

    morphine = next(flag for flag in mapping["substance_flags"] if flag["substance"] == "morphine")
    morphine["absent"] = ["NO RX BUT STRAWS", "PCP NEG", "STOLE MEDS"]
    save_mapping(feed=feed, definition=mapping, **WHO)
    replayed = replay_quarantine(delivery=receipt, **WHO)
    assert (replayed.rows, replayed.accepted, replayed.quarantined) == (5, 3, 2)
