"""A simulated city of its own for each journey, and the clock that its people live by."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from throughline.city.build import CityFiles, build_city
from throughline.cli.demo.founding import found_city
from throughline.evidence.feeds.models import Delivery, Feed
from throughline.evidence.feeds.receiving import receive_delivery
from throughline.formats.faults import UnreadableFile


class City:
    """The files of a founded city, received in the order in which they were sent."""

    def __init__(self, files: CityFiles) -> None:
        self.files = files
        self.truth: dict[str, Any] = json.loads(files.truth.read_text())
        self._waiting = self.truth["files"][::-1]

    def receive_until(self, at: datetime) -> Iterator[tuple[dict[str, Any], Delivery | UnreadableFile]]:
        """Receive what came up to then; each file's truth, and its receipt or refusal."""
        while self._waiting and datetime.fromisoformat(self._waiting[-1]["received_at"]) <= at:
            sent = self._waiting.pop()
            yield sent, self._receive(sent)

    def _receive(self, sent: dict[str, Any]) -> Delivery | UnreadableFile:
        received_at = datetime.fromisoformat(sent["received_at"])
        path = self.files.folder / sent["file"]
        try:
            delivery, _is_new = receive_delivery(
                feed=Feed.objects.get(key=sent["feed"]), path=path, by="system:test", at=received_at
            )
        except UnreadableFile as refusal:
            return refusal
        return delivery


@pytest.fixture
def months() -> int:
    """How long the city lives, unless a test is parametrized otherwise."""
    return 8


@pytest.fixture
def city(transactional_db: None, settings: Any, tmp_path: Path, months: int) -> City:
    """Months of a small town, whose people, places, agreements and feeds are known already."""
    settings.WAREHOUSE_DIR = tmp_path / "warehouse"
    settings.PUBLICATIONS_DIR = tmp_path / "publications"
    files = build_city(tmp_path / "city", until=date(2026, 3, 31), months=months, scale=0.3)
    found_city(files)
    return City(files)


@dataclass
class Clock:
    at: datetime

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What time it is for pages; tests set `clock.at`."""
    clock = Clock(timezone.now())
    monkeypatch.setattr(timezone, "now", clock)
    return clock
