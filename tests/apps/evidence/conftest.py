"""A small coalition with one feed: what the tests of evidence start from."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from factories import make_organization, make_place, signed_agreement

from throughline.evidence.agreements.models import Agreement
from throughline.evidence.feeds.actions import add_feed, save_mapping
from throughline.evidence.feeds.models import Feed
from throughline.members.organizations.models import Organization

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
HEADER = "number,when,ward,result\n"
MAPPING: dict[str, Any] = {
    "record_id": {"columns": ["number"]},
    "occurred_at": {"columns": ["when"], "formats": ["%Y-%m-%d %H:%M"], "time_zone": "America/New_York"},
    "place": {"code": {"columns": ["ward"]}},
    "outcome": {"columns": ["result"], "codes": {"died": "fatal", "lived": "nonfatal"}},
}


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    """Every test has a warehouse and an inbox of its own."""
    settings.WAREHOUSE_DIR = tmp_path / "warehouse"
    settings.INBOX_DIR = tmp_path / "inbox"
    settings.PREVIEWS_DIR = tmp_path / "previews"
    return tmp_path


@pytest.fixture
def backbone(db: None) -> Organization:
    return make_organization(name="Backbone", is_backbone=True)


@pytest.fixture
def ems(db: None) -> Organization:
    return make_organization(name="County EMS", sector="ems")


@pytest.fixture
def feed(ems: Organization) -> Feed:
    """Simulated EMS records of two wards, with a mapping."""
    for number, latitude in (("1", 40.0), ("2", 40.1)):
        make_place(code=f"W{number}", name=f"Ward {number}", latitude=latitude, longitude=-75.0)
    feed = add_feed(
        key="ems",
        name="EMS records",
        provider=ems,
        counts_for=["overdoses"],
        expected_every_days=1,
        by="test",
        at=AT,
    )
    save_mapping(feed=feed, definition=MAPPING, by="test", at=AT)
    return feed


@pytest.fixture
def csv_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file of rows such as `"1,2026-03-01 10:00,W1,lived"`."""

    def write(*rows: str, name: str = "march.csv") -> Path:
        path = tmp_path / name
        path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
        return path

    return write


@pytest.fixture
def agreement(feed: Feed, backbone: Organization) -> Agreement:
    """Everything about the feed may be read for surveillance, all through 2026; both parties have signed."""
    return signed_agreement(feed, recipients=[backbone])
