"""The month that is judged, and the twelve months before, with which it is compared."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Max
from django.utils import timezone
from django.utils.dateparse import parse_date

from throughline.evidence.feeds.models import Feed


@dataclass(frozen=True)
class Period:
    """A calendar month by its first day."""

    starts_on: date

    @property
    def ends_on(self) -> date:
        return _first_of_next(self.starts_on) - timedelta(days=1)

    @property
    def compared_from(self) -> date:
        return self.starts_on.replace(year=self.starts_on.year - 1)

    @property
    def compared_until(self) -> date:
        return self.starts_on - timedelta(days=1)

    @property
    def earlier(self) -> "Period":
        return Period(self.compared_until.replace(day=1))

    @property
    def later(self) -> "Period":
        return Period(_first_of_next(self.starts_on))

    def days_since(self, at: datetime) -> int:
        """Whole days from its end to an instant."""
        return max((timezone.localdate(at) - self.ends_on).days, 0)

    def __str__(self) -> str:
        return f"{self.starts_on:%Y-%m}"


def period_named(month: str, at: datetime) -> Period | None:
    """The period of a month such as "2026-02"; None for anything else, and for months that have not begun."""
    try:
        day = parse_date(f"{month}-01")
    except ValueError:
        return None
    return Period(day) if day and day.year > 1 and day <= timezone.localdate(at) else None


def latest_period(feed: Feed, at: datetime) -> Period | None:
    """The last month that is over and that the feed reports about; None for a feed that has reported nothing."""
    last = feed.deliveries.standing().aggregate(last=Max("last_occurred_at"))["last"]
    if last is None:
        return None
    over = Period(timezone.localdate(at).replace(day=1)).earlier
    reported = Period(timezone.localdate(last).replace(day=1))
    return min(over, reported, key=lambda period: period.starts_on)


def _first_of_next(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)
