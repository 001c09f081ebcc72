"""Days and places that a feed's files leave out, read under an agreement on checking quality."""

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

import numpy as np
from django.utils import timezone

from throughline.evidence.agreements.actions import ask_grant
from throughline.evidence.agreements.counting import Counting
from throughline.evidence.agreements.models import Agreement
from throughline.evidence.feeds.models import Delivery, Feed
from throughline.evidence.feeds.queries import committed_deliveries, warehouse
from throughline.ledger.actions import name_of
from throughline.ledger.models import Entry
from throughline.members.organizations.models import Organization
from throughline.members.places.models import Place
from throughline.policy.sharing import Grant, Purpose
from throughline.science.gaps import missing_days, missing_places
from throughline.warehouse import DailyCounts, open_events

STUDY_DAYS = 70
PLACE_DAYS = 14
NEWS_DAYS = 7  # what was usable longer ago is history
CHECKED_EVERY = timedelta(hours=12)  # however many files come
FIELDS = frozenset({"occurred_at", "place"})


class PlaceGap(NamedTuple):
    code: str
    since: date  # the first day without an event
    usual: float  # events in as many days as are looked at


@dataclass(frozen=True)
class Gaps:
    """Counts of days that should be complete: nine of ten of their records should have come by now."""

    counts: DailyCounts

    @cached_property
    def totals(self) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        return self.counts.counts.sum(axis=0) + self.counts.unplaced

    @property
    def days(self) -> list[date]:
        return [self.counts.days[n] for n in missing_days(self.totals)]

    @property
    def places(self) -> list[PlaceGap]:
        return [self._place(row) for row in missing_places(self.counts.counts, looked_at=PLACE_DAYS)]

    @property
    def usual_a_day(self) -> float:
        return float(np.median(self.totals))

    def has_come(self, day: date) -> bool:
        return day in self.counts.days and bool(self.totals[self.counts.days.index(day)])

    def comes_again(self, place: str, since: date) -> bool:
        rows = self.counts.for_places([place])[0]
        return any(count for day, count in zip(self.counts.days, rows, strict=True) if day >= since)

    def _place(self, row: int) -> PlaceGap:
        counts = self.counts.counts[row]
        last = int(np.flatnonzero(counts)[-1])
        usual = float(counts[:-PLACE_DAYS].mean() * PLACE_DAYS)
        return PlaceGap(self.counts.places[row], self.counts.days[last] + timedelta(days=1), usual)


def is_due(feed: Feed, at: datetime) -> bool:
    """Whether files have come since the last check, which is long enough ago."""
    newest = feed.deliveries.usable_by(at).order_by("-usable_at").first()
    if newest is None or newest.usable_at < at - timedelta(days=NEWS_DAYS):
        return False
    last = Entry.objects.filter(verb="check_feed", subject=name_of(feed)).order_by("-sequence").first()
    return last is None or (newest.usable_at > last.at and at - last.at >= CHECKED_EVERY)


def may_be_checked(feed: Feed, reader: Organization, on: date) -> bool:
    """Whether an agreement seems to allow it, so that no refusal is written down day after day where none does."""
    if feed.provider_id == reader.pk:
        return True
    agreements = Agreement.objects.in_force(on).filter(
        feed=feed.key, provider=feed.provider, recipients=reader
    )
    return any(Purpose.QUALITY in one.purposes and set(one.fields) >= FIELDS for one in agreements)


def read_gaps(*, feed: Feed, reader: Organization, by: object, at: datetime) -> Gaps | None:
    """None where it is refused, or where no day is complete yet. The read is in the ledger."""
    last = _last_day_reported(feed, at)
    if last is None:
        return None
    grant = ask_grant(
        feed=feed.key,
        provider=feed.provider,
        reader=reader,
        purpose=Purpose.QUALITY,
        fields=FIELDS,
        by=by,
        at=at,
        counting=_counting(last),
    )
    if not isinstance(grant, Grant):
        return None
    deliveries = {feed.key: committed_deliveries(feed, as_of=at)}
    with open_events(warehouse(), grant, deliveries, as_of=at) as events:
        delay = events.timeliness().percentile_90 or timedelta()
        end = min(last, timezone.localdate(at) - timedelta(days=math.ceil(delay / timedelta(days=1))))
        counts = events.daily_counts(
            start=end - timedelta(days=STUDY_DAYS),
            end=end - timedelta(days=1),
            time_zone=timezone.get_default_timezone_name(),
        )
    return _from_first_event(counts)


def _counting(last: date) -> Counting:
    """The days at the latest; the delay, known only from the records, may end them earlier. So many they stay."""
    places = Place.objects.filter(children=None).count()
    start, end = last - timedelta(days=STUDY_DAYS), last - timedelta(days=1)
    return Counting("events", start, end, series=places + 1)


def _last_day_reported(feed: Feed, at: datetime) -> date | None:
    latest = Delivery.objects.filter(feed=feed, last_occurred_at__lte=at).usable_by(at)
    instants = latest.order_by("-last_occurred_at").values_list("last_occurred_at", flat=True)
    return timezone.localdate(instants[0]) if instants else None


def _from_first_event(counts: DailyCounts) -> Gaps | None:
    """Before a feed's first event, zeros only mean that it had not begun."""
    begun = np.flatnonzero(counts.counts.sum(axis=0) + counts.unplaced)
    if not len(begun):
        return None
    first = int(begun[0])
    return Gaps(
        DailyCounts(
            places=counts.places,
            first_day=counts.days[first],
            counts=counts.counts[:, first:],
            unplaced=counts.unplaced[first:],
        )
    )
