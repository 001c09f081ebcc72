"""Whether feeds keep their time: what was promised, what was learned, and how each stands now or on an earlier day."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from throughline.evidence.feeds.models import Delivery, Feed, Mapping
from throughline.science.rhythm import (
    FEWEST,
    GRACE,
    Rhythm,
    Size,
    learn_rhythm,
    learn_size,
    moment_after,
)

LEARNED_FROM = timedelta(days=1100)  # three years, so that quarterly files can be learned from
MOST_ARRIVALS = 400  # of which those of a daily feed are the last year and some
SIZED_BY = 90  # arrivals: sizes follow the season
SILENT_AFTER = 2  # times the promise, or times what is late

ON_TIME, LATE, SILENT, UNKNOWN = _("on time"), _("late"), _("silent"), _("not known yet")
TONES = {ON_TIME: "good", LATE: "warning", SILENT: "bad", UNKNOWN: "neutral"}


class Arrival(NamedTuple):
    """What came on one local day, replays left out."""

    at: datetime  # the first receipt
    rows: int  # accepted
    files: int

    @property
    def on(self) -> date:
        return self.at.date()


@dataclass(frozen=True)
class Clock:
    """A feed's receipts up to an instant, the oldest first, and what follows from them."""

    feed: Feed
    at: datetime
    mapped_at: datetime | None  # of the first mapping: from then on files can come
    last_received_at: datetime | None
    arrivals: tuple[Arrival, ...]

    @cached_property
    def learned(self) -> Rhythm | None:
        return learn_rhythm([arrival.at for arrival in self.arrivals])

    @property
    def known_intervals(self) -> int:
        return max(len(self.arrivals) - 1, 0)

    @property
    def needed_intervals(self) -> int:
        return FEWEST

    @property
    def waiting_since(self) -> datetime | None:
        """The last file, or the first mapping where none has come."""
        return self.last_received_at or self.mapped_at

    @cached_property
    def late_at(self) -> datetime | None:
        """When the next file is late: by the promise where there is one, else by what was learned."""
        promised = self.feed.expected_every_days
        if promised:
            return self._after(promised * GRACE, daily=promised == 1)
        return self._after(self.learned.late_after_days, daily=True) if self.learned else None

    @cached_property
    def silent_at(self) -> datetime | None:
        promised = self.feed.expected_every_days
        if promised:
            return self._after(promised * SILENT_AFTER, daily=promised == 1)
        return self._after(self.learned.late_after_days * SILENT_AFTER, daily=True) if self.learned else None

    @property
    def is_late(self) -> bool:
        return self.late_at is not None and self.at > self.late_at

    @property
    def is_silent(self) -> bool:
        return self.silent_at is not None and self.at > self.silent_at

    @property
    def standing(self) -> str:
        if self.late_at is None:
            return UNKNOWN
        return SILENT if self.is_silent else LATE if self.is_late else ON_TIME

    @property
    def tone(self) -> str:
        return TONES[self.standing]

    def usual_size(self, arrival: Arrival) -> Size | None:
        """Learned from the arrivals before it: those of its weekday where there are enough, else all."""
        before = [other for other in self.arrivals if other.at < arrival.at][-SIZED_BY:]
        alike = [other.rows for other in before if other.on.weekday() == arrival.on.weekday()]
        return learn_size(alike if len(alike) >= FEWEST else [other.rows for other in before])

    @cached_property
    def last_size(self) -> Size | None:
        return self.usual_size(self.arrivals[-1]) if self.arrivals else None

    def _after(self, days: float, *, daily: bool) -> datetime | None:
        """So many days on; those of a daily rhythm leave out weekdays on which files never come."""
        if self.waiting_since is None:
            return None
        quiet = self.learned.quiet_weekdays if self.learned and daily else frozenset[int]()
        return moment_after(timezone.localtime(self.waiting_since), days, quiet)


def clocks_of(feeds: QuerySet[Feed], at: datetime) -> list[Clock]:
    """The clock of each feed as of an instant; two queries."""
    mapping = Mapping.objects.filter(feed=OuterRef("pk"), saved_at__lte=at).order_by("version")
    newest = _files(at).filter(feed=OuterRef("pk")).order_by("-received_at")
    listed = list(
        feeds.annotate(
            mapped_at=Subquery(mapping.values("saved_at")[:1]),
            last_received_at=Subquery(newest.values("received_at")[:1]),
        )
    )
    arrivals = _arrivals(listed, at)
    return [
        Clock(
            feed=feed,
            at=at,
            mapped_at=feed.mapped_at,
            last_received_at=feed.last_received_at,
            arrivals=tuple(arrivals[feed.pk][-MOST_ARRIVALS:]),
        )
        for feed in listed
    ]


def clock_of(feed: Feed, at: datetime) -> Clock:
    (clock,) = clocks_of(Feed.objects.select_related("provider", "steward").filter(pk=feed.pk), at)
    return clock


def _files(at: datetime) -> QuerySet[Delivery]:
    """What an agency handed over, without what was read again."""
    return Delivery.objects.usable_by(at).filter(replay_of=None)


def _arrivals(feeds: Iterable[Feed], at: datetime) -> dict[int, list[Arrival]]:
    """Each feed's arrivals, the oldest first: one row for a day, however many files it had."""
    days = (
        _files(at)
        .filter(feed__in=feeds, received_at__gte=at - LEARNED_FROM)
        .annotate(day=TruncDate("received_at"))
        .values("feed_id", "day")
        .annotate(first=Min("received_at"), rows=Sum("accepted"), files=Count("pk"))
        .order_by("day")
    )
    found: dict[int, list[Arrival]] = defaultdict(list)
    for day in days:
        arrival = Arrival(timezone.localtime(day["first"]), day["rows"], day["files"])
        found[day["feed_id"]].append(arrival)
    return found


@dataclass(frozen=True)
class FeedLine:
    clock: Clock
    accepted: int
    quarantined: int

    @property
    def feed(self) -> Feed:
        return self.clock.feed


def feed_lines(at: datetime) -> list[FeedLine]:
    """Every feed as it stood at an instant."""
    counted = Q(deliveries__usable_at__lte=at) & (
        Q(deliveries__withdrawn_at=None) | Q(deliveries__withdrawn_at__gt=at)
    )
    feeds = Feed.objects.select_related("provider", "steward").annotate(
        accepted=Sum("deliveries__accepted", filter=counted, default=0),
        quarantined=Sum("deliveries__quarantined", filter=counted, default=0),
    )
    return [FeedLine(clock, clock.feed.accepted, clock.feed.quarantined) for clock in clocks_of(feeds, at)]
