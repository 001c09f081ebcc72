"""Puts files of stored messages into the inbox."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from throughline.evidence.feeds.actions import hand_over_file
from throughline.evidence.feeds.doors.mllp.spool import id_of
from throughline.evidence.feeds.models import Door, Feed, Intake
from throughline.formats.limits import MEBIBYTE
from throughline.warehouse.files import sync


def hand_over_messages(*, feed: Feed, path: Path, by: object, at: datetime) -> None:
    """Hand over one file of the spool, and remove it from there; called again after a crash, it does what is left."""
    intake_id = id_of(path)
    if not Intake.objects.filter(pk=intake_id).exists():
        with path.open("rb") as file:
            hand_over_file(
                feed=feed,
                file=_chunks(file),
                file_name=f"messages-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{str(intake_id)[:8]}.hl7",
                by=by,
                at=at,
                door=Door.MLLP,
                intake_id=intake_id,
            )
    path.unlink()
    sync(path.parent)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    return iter(partial(file.read, MEBIBYTE), b"")
