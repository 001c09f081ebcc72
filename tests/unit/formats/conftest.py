"""A small table to read, and a mapping to vary."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from throughline.formats.event import Event
from throughline.formats.faults import Rejected
from throughline.formats.gazetteer import Gazetteer, Place
from throughline.formats.limits import DEFAULT_LIMITS, Limits
from throughline.formats.mapping import parse_mapping
from throughline.formats.tabular import read_tabular

RECEIVED_AT = datetime(2026, 3, 10, 12, tzinfo=UTC)

Read = Callable[..., list[Event | Rejected]]


@pytest.fixture
def gazetteer() -> Gazetteer:
    return Gazetteer([Place("07", 41.80, -87.70, aliases=("Lake Ward",)), Place("08", 41.90, -87.70)])


@pytest.fixture
def document() -> dict[str, Any]:
    """The least that a mapping says: when, and by which key."""
    return {"record_id": {"columns": ["id"]}, "occurred_at": {"columns": ["when"], "time_zone": "UTC"}}


@pytest.fixture
def read(tmp_path: Path, document: dict[str, Any], gazetteer: Gazetteer) -> Read:
    """`read(content, place={...})` writes a file and reads it through the least mapping and these settings."""

    def read_content(
        content: str | bytes | Path,
        *,
        name: str = "file.csv",
        limits: Limits = DEFAULT_LIMITS,
        received_at: datetime = RECEIVED_AT,
        **settings: Any,
    ) -> list[Event | Rejected]:
        path = content if isinstance(content, Path) else tmp_path / name
        if isinstance(content, str | bytes):
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        mapping = parse_mapping(
            {key: value for key, value in (document | settings).items() if value is not None}
        )
        return list(read_tabular(path, mapping, gazetteer, received_at=received_at, limits=limits))

    return read_content


@pytest.fixture
def at() -> datetime:
    return RECEIVED_AT
