"""Lets the simulated city live: day after day files come in, the watch looks, people answer or forget to."""

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from django.utils import timezone

from throughline.city.build import CityFiles
from throughline.cli.demo.leaders import Leaders
from throughline.decisions.commitments.actions import escalate_overdue
from throughline.evidence.feeds.clocks.actions import watch_feeds
from throughline.evidence.feeds.models import Feed
from throughline.evidence.feeds.receiving import receive_delivery
from throughline.evidence.surveillance.actions import detect_after_deliveries
from throughline.formats.faults import UnreadableFile

BY = "system:demo"
# The watch begins when there is some history to compare with.
FIRST_LOOK_AFTER = timedelta(days=60)
EVENING = time(20)
LEFT_TO_VISITORS = timedelta(days=2)  # signals of the last days wait for whoever opens the demo


class Arrival(NamedTuple):
    feed: Feed
    path: Path
    received_at: datetime

    @property
    def name(self) -> str:
        """As the agency named it: the city puts the instant before it, to keep the files apart."""
        return self.path.name.partition("--")[2]

    @property
    def on(self) -> date:
        return timezone.localdate(self.received_at)


def live_through(files: CityFiles) -> Iterator[float]:
    """Live day by day; yields the share of days that is done."""
    arrivals = list(_arrivals(files))
    leaders = Leaders(json.loads(files.truth.read_text())["help"])
    first, last = arrivals[0].on, arrivals[-1].on
    by_day = {on: list(day) for on, day in groupby(arrivals, key=lambda arrival: arrival.on)}
    days = (last - first).days + 1
    for number in range(days):
        on = first + timedelta(days=number)
        _receive(by_day.get(on, []))
        evening = timezone.make_aware(datetime.combine(on, EVENING))
        if on - first >= FIRST_LOOK_AFTER:
            _watch(evening)
            leaders.answer(at=evening, leaves_new=last - on < LEFT_TO_VISITORS)
        yield (number + 1) / days


def _arrivals(files: CityFiles) -> Iterator[Arrival]:
    feeds = {feed.key: feed for feed in Feed.objects.all()}
    for delivery in json.loads(files.deliveries.read_text()):
        received_at = datetime.fromisoformat(delivery["received_at"])
        yield Arrival(feeds[delivery["feed"]], files.folder / delivery["file"], received_at)


def _receive(arrivals: list[Arrival]) -> None:
    for arrival in arrivals:
        try:
            receive_delivery(
                feed=arrival.feed,
                path=arrival.path,
                file_name=arrival.name,
                by=BY,
                at=arrival.received_at,
                door="demo",
            )
        except UnreadableFile:
            continue  # the city sends one file of a wrong type, which must be refused


def _watch(at: datetime) -> None:
    detect_after_deliveries(by=BY, at=at)
    watch_feeds(by=BY, at=at)
    escalate_overdue(on=timezone.localdate(at), by=BY, at=at)
