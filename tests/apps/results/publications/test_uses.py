"""The public account of uses: written from the ledger once a day is over, in bands, with the daily roots."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from throughline.ledger.actions import close_day, record
from throughline.policy.sharing import OWN, Purpose
from throughline.results.publications import folder
from throughline.results.publications.accounting import account_for_uses
from throughline.results.publications.uses import Use, band

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 7, 17, tzinfo=UTC)
DAY = date(2026, 3, 7)


@pytest.fixture(autouse=True)
def site(settings: Any, tmp_path: Path) -> Path:
    settings.PUBLICATIONS_DIR = tmp_path
    return tmp_path


def read(times: int, *, reader: str, purpose: Purpose, agreement: str = OWN, at: datetime = NOON) -> None:
    for _ in range(times):
        detail = {"reader": reader, "purpose": purpose.value, "agreement": agreement, "fields": ["age"]}
        record("read_feed", by="person:1", at=at, subject="feed:ems", detail=detail)


@pytest.mark.parametrize(
    ("times", "name"), [(1, "1-9"), (9, "1-9"), (10, "10-99"), (999, "100-999"), (5000, "1000+")]
)
def test_how_often_is_told_in_bands(times: int, name: str) -> None:
    assert band(times) == name


def test_reads_of_a_day_are_listed_by_purpose_organization_and_agreement() -> None:
    read(12, reader="Backbone", purpose=Purpose.SURVEILLANCE, agreement="7")
    read(2, reader="Station 5", purpose=Purpose.QUALITY)
    read(1, reader="Station 5", purpose=Purpose.QUALITY, at=NOON + timedelta(days=1))
    record("refuse_read", by="person:1", at=NOON, detail={"reader": "Sheriff", "purpose": "law_enforcement"})
    close_day(on=DAY, by="system:test", at=NOON + timedelta(days=2))
    account_for_uses(at=NOON + timedelta(days=2))
    written = folder.read_uses()
    assert written is not None
    assert written.uses == [
        Use(date(2026, 3, 8), Purpose.QUALITY, "Station 5", "", "1-9"),
        Use(DAY, Purpose.QUALITY, "Station 5", "", "1-9"),
        Use(DAY, Purpose.SURVEILLANCE, "Backbone", "7", "10-99"),
    ]
    assert [(root.on, root.size) for root in written.roots] == [(DAY, 16)]
    assert (written.through, written.made_at) == (date(2026, 3, 8), NOON + timedelta(days=2))


def test_a_day_that_is_not_over_is_not_told() -> None:
    read(1, reader="Station 5", purpose=Purpose.QUALITY)
    account_for_uses(at=NOON)
    written = folder.read_uses()
    assert written is not None
    assert written.uses == []


def test_it_is_written_once_a_day_and_anew_where_it_is_damaged(site: Path) -> None:
    account_for_uses(at=NOON)
    once = (site / "uses.json").stat().st_ino
    account_for_uses(at=NOON)
    assert (site / "uses.json").stat().st_ino == once
    (site / "uses.json").write_text("{")
    account_for_uses(at=NOON)
    assert folder.read_uses() is not None
