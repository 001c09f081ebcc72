"""Messages to vary, and a shorthand to read them."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from throughline.formats.event import Event
from throughline.formats.faults import Rejected
from throughline.formats.gazetteer import Gazetteer, Place
from throughline.formats.hl7 import MAPPING
from throughline.formats.hl7 import read as read_file
from throughline.formats.limits import DEFAULT_LIMITS, Limits
from throughline.formats.mapping import parse_mapping
from throughline.formats.shipped import in_time_zone

RECEIVED_AT = datetime(2026, 3, 10, 12, tzinfo=UTC)

DOCUMENT = in_time_zone(MAPPING, "America/New_York")
STANDARD = parse_mapping(DOCUMENT)
GAZETTEER = Gazetteer([Place("60601", 41.9, -87.6), Place("60602", 41.9, -87.7), Place("17031", 41.8, -87.8)])

Read = Callable[..., list[Event | Rejected]]
Write = Callable[..., str]


@pytest.fixture(scope="session")
def write() -> Write:
    """`write(trigger="A08", ...)`: a message about one visit; every other argument is one of its fields or segments."""

    def write_message(
        trigger: str = "A04",
        *,
        visit: str = "V1",
        message_id: str = "M1",
        begun: str = "202603010900",
        disposition: str = "",
        header_end: str = "",
        person: str = "",
        facility: str = "General^111^NPI",
        more: tuple[str, ...] = (),
    ) -> str:
        lines = (
            rf"MSH|^~\&||{facility}|||202603010910||ADT^{trigger}^ADT_A01|{message_id}|P|2.5.1{header_end}",
            f"EVN||202603010905|||||{facility}",
            f"PID|1||P1^^^General^MR{person}",
            f"PV1|1|E{'|' * 17}{visit}{'|' * 17}{disposition}{'|' * 8}{begun}",
            *more,
        )
        return "\r".join(lines)

    return write_message


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """`read(content, place={...})` writes a file and reads it through the format's mapping, varied by settings."""

    def read_content(
        content: str | bytes | Path, *, limits: Limits = DEFAULT_LIMITS, **settings: Any
    ) -> list[Event | Rejected]:
        path = content if isinstance(content, Path) else tmp_path / "messages.hl7"
        if not isinstance(content, Path):
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        mapping = parse_mapping(DOCUMENT | settings) if settings else STANDARD
        return list(read_file(path, mapping, GAZETTEER, received_at=RECEIVED_AT, limits=limits))

    return read_content
