"""What a mapping makes of the first rows of a file."""

from collections import Counter
from collections.abc import Mapping as Document
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from throughline.evidence.feeds.queries import gazetteer
from throughline.formats.event import Event
from throughline.formats.faults import Rejected, UnreadableFile
from throughline.formats.mapping import MappingError, parse_mapping
from throughline.formats.tabular import read_tabular

SHOWN, TRIED = 50, 2000


@dataclass(frozen=True)
class Line:
    """A row of the file: the event that it becomes, `when` on the feed's own clocks, or why it would be set aside."""

    row: int
    event: Event | None = None
    when: str = ""
    rejected: Rejected | None = None


@dataclass(frozen=True)
class Preview:
    """The first 50 rows, and counts of the first 2,000; `faults` instead where the mapping can't read the file.

    `counts`: whether rows stand for numbers of things.
    """

    lines: tuple[Line, ...] = ()
    counts: bool = False
    tried: int = 0
    set_aside: int = 0
    reasons: tuple[tuple[str, str, int], ...] = ()
    faults: tuple[str, ...] = ()


def preview_of(path: Path, definition: Document[str, Any], *, file_name: str, at: datetime) -> Preview:
    if "occurred_at" not in definition:
        return Preview(
            faults=(_("No column of dates is chosen yet; it is the only one that is always needed."),)
        )
    try:
        mapping = parse_mapping(definition)
        outcomes = list(islice(read_tabular(path, mapping, gazetteer(), received_at=at), TRIED))
    except MappingError as fault:
        return Preview(faults=fault.faults)
    except UnreadableFile as fault:
        return Preview(faults=(str(UnreadableFile(file_name, fault.found, fault.expected)),))
    rejected = [outcome for outcome in outcomes if isinstance(outcome, Rejected)]
    reasons = Counter((one.field, str(one.reason)) for one in rejected)
    return Preview(
        lines=tuple(_line(outcome, mapping.occurred_at.zone) for outcome in outcomes[:SHOWN]),
        counts=mapping.count is not None,
        tried=len(outcomes),
        set_aside=len(rejected),
        reasons=tuple((field, reason, rows) for (field, reason), rows in reasons.most_common()),
    )


def _line(outcome: Event | Rejected, zone: ZoneInfo) -> Line:
    if isinstance(outcome, Rejected):
        return Line(outcome.row, rejected=outcome)
    local = outcome.occurred_at.astimezone(zone)
    when = f"{local:%Y-%m-%d}" if outcome.time_quality == "day" else f"{local:%Y-%m-%d %H:%M}"
    return Line(outcome.row, event=outcome, when=when)
