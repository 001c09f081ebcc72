"""Writes one report as a table of one row, so that it comes in like any other file."""

import csv
import io
from collections.abc import Mapping
from datetime import datetime

from throughline.evidence.feeds.models import Feed
from throughline.formats.mapping import parse_mapping

COLUMNS = (
    "entry_id", "occurred_at", "latitude", "longitude", "place", "outcome", "naloxone", "primary_drug",
    "additional_drugs", "age", "sex", "transported", "case_number", "notes",
    "taken_back", "reported_at",
)  # fmt: skip


def takes_reports(feed: Feed) -> bool:
    """Whether the feed's mapping reads these columns, and needs no other."""
    mapping = feed.mapping
    return mapping is not None and set(parse_mapping(mapping.definition).columns) <= set(COLUMNS)


def can_be_taken_back(feed: Feed) -> bool:
    """Mappings that were saved before reports could be taken back don't read the column."""
    mapping = feed.mapping
    return mapping is not None and "taken_back" in parse_mapping(mapping.definition).columns


def file_name(at: datetime) -> str:
    """What the file of a report is called; the report's own id stands in it."""
    return f"report-{at:%Y-%m-%dT%H%M%S.%fZ}.csv"


def table_of(report: Mapping[str, object], *, at: datetime) -> bytes:
    """CSV in UTF-8: a header, and the report's row. Missing values are empty, instants ISO 8601.

    `at` tells a correction back to earlier answers from the file that held them, which would change nothing.
    """
    report = {**report, "reported_at": at}
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerow(_cell(report.get(column)) for column in COLUMNS)
    return text.getvalue().encode(errors="replace")  # JSON may hold half a character


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime) else " ".join(str(value).split())
