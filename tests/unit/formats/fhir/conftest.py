"""A way to read documents of our own making."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from death_records import Json, ReadFhir

from throughline.formats import fhir
from throughline.formats.event import Event
from throughline.formats.faults import Rejected
from throughline.formats.gazetteer import Gazetteer, Place
from throughline.formats.limits import DEFAULT_LIMITS, Limits
from throughline.formats.mapping import parse_mapping


@pytest.fixture
def read_fhir(tmp_path: Path) -> ReadFhir:
    """`read_fhir(bundle, ...)` writes documents one per line and reads them through the shipped mapping."""

    def read(
        *documents: Json | bytes, limits: Limits = DEFAULT_LIMITS, **settings: Any
    ) -> list[Event | Rejected]:
        path = tmp_path / "deaths.json"
        lines = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in documents]
        path.write_bytes(b"\n".join(lines))
        gazetteer = Gazetteer([Place("01730", 42.49, -71.28), Place("08", 41.90, -87.70)])
        mapping = parse_mapping(dict(fhir.MAPPING) | settings)
        at = datetime(2026, 4, 1, tzinfo=UTC)
        return list(fhir.read(path, mapping, gazetteer, received_at=at, limits=limits))

    return read
