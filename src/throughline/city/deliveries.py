"""Sorts an agency's rows into the files that it sends, and notes what intake should find in each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from throughline.city.chance import stream
from throughline.city.feeds.design import FeedDesign
from throughline.city.incidents import ZONE
from throughline.city.reports import Kind, Report
from throughline.formats.faults import Reason

WRONG_TYPE_FEED = "ed-south"
_WRONG_TYPE_AT = 0.6  # where in the series of that feed's files the wrong one comes
_CORRECTED_AFTER = timedelta(hours=2)


@dataclass(frozen=True)
class DeliveredFile:
    """One file as it is handed over. Without reports it is a file of the wrong type."""

    feed: FeedDesign
    received_at: datetime
    reports: tuple[Report, ...]
    late: int = 0  # rows about events before the file before this one

    @property
    def refused(self) -> bool:
        """Nothing of it is in order: it is of the wrong type, or no report keeps to the standard."""
        return all(report.damage and report.damage.reason is Reason.INVALID for report in self.reports)

    @property
    def wrong_type(self) -> bool:
        return not self.reports

    @property
    def name(self) -> str:
        wrong = "-scan" if self.wrong_type else ""
        return f"simulated-{self.feed.key}-{self.received_at:%Y-%m-%d}{wrong}{self.feed.suffix}"

    @property
    def path(self) -> str:
        """Where it lies in the city's folder; names sort by the instant received."""
        return f"deliveries/{self.feed.key}/{self.received_at:%Y%m%dT%H%M%SZ}--{self.name}"

    def rows(self, kind: Kind) -> int:
        return sum(report.kind == kind for report in self.reports)


def deliver(
    feed: FeedDesign, reports: Sequence[Report], days: Sequence[date], *, seed: int
) -> tuple[DeliveredFile, ...]:
    """The feed's files up to the day after the last one; none is sent when there is nothing to report."""
    instants = _instants(feed, days, stream(seed, f"deliveries of {feed.key}"))
    files = list(_files(feed, reports, instants))
    if feed.key == WRONG_TYPE_FEED:
        following = round(_WRONG_TYPE_AT * len(files))
        at = files[following].received_at - _CORRECTED_AFTER
        files.insert(following, DeliveredFile(feed, at, reports=()))
    return tuple(files)


def _files(
    feed: FeedDesign, reports: Sequence[Report], instants: Sequence[datetime]
) -> Iterator[DeliveredFile]:
    ready = np.array([report.ready_at.timestamp() for report in reports])
    cuts = np.searchsorted(ready, [instant.timestamp() for instant in instants], side="right")
    before = instants[0] - timedelta(days=feed.rhythm.expected_every_days)
    for first, last, received_at in zip([0, *cuts], cuts, instants, strict=False):
        batch = tuple(reports[first:last])
        if batch:
            late = sum(report.incident.at < before for report in batch)
            yield DeliveredFile(feed, received_at, batch, late)
        before = received_at


def _instants(feed: FeedDesign, days: Sequence[date], rng: np.random.Generator) -> list[datetime]:
    """When files are handed over, in UTC: on the rhythm's days, some minutes past its hour."""
    last = days[round((len(days) - 1) * feed.sends_until)] + timedelta(days=1)
    sending = [day for day in (*days[1:], days[-1] + timedelta(days=1)) if day <= last]
    return [
        (datetime.combine(day, time(feed.rhythm.hour), ZONE) + timedelta(minutes=int(rng.integers(0, 50))))
        .astimezone(UTC)
        .replace(second=0)
        for day in sending
        if feed.rhythm.falls_on(day)
    ]
