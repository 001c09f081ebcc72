"""The picture of one indicator: its counts per day and place, and what was found, now or as of an earlier instant."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from throughline.evidence.surveillance.findings import SHOWN_DAYS
from throughline.evidence.surveillance.queries import (
    NoSource,
    PlaceDays,
    daily_counts,
    known_places,
    last_day_reported,
)
from throughline.indicators import Indicator
from throughline.members.accounts.models import Person
from throughline.members.places.models import Place
from throughline.policy.sharing import Purpose, Refused
from throughline.signals.models import Signal
from throughline.ui.charts import Chart, Mark, Series, line_chart

LATEST_DAYS = 28
MOST_MARKS = 6  # the latest findings: more would hide the line


@dataclass(frozen=True)
class PlaceCount:
    place: Place
    latest: int  # of the last LATEST_DAYS
    before: int  # of as many days before them


@dataclass(frozen=True)
class Picture:
    """Counts of the days up to the last one reported. Everything in it was known `as_of`."""

    indicator: Indicator
    counted: PlaceDays
    lines: list[PlaceCount]
    signals: list[Signal]
    as_of: datetime

    @property
    def days(self) -> list[tuple[date, int]]:
        """The last day first."""
        totals = (self.counted.counts.sum(axis=0) + self.counted.unplaced).tolist()
        first = self.counted.first_day
        return [(first + timedelta(days=n), total) for n, total in enumerate(totals)][::-1]

    @property
    def latest_from(self) -> date:
        return self.counted.last_day - timedelta(days=LATEST_DAYS - 1)

    @property
    def chart(self) -> Chart:
        days = self.days[::-1]
        return line_chart(
            title=_("%(events)s per day") % {"events": _(self.indicator.name)},
            series=[Series(_("Events"), [count for _day, count in days])],
            labels=[day for day, _count in days],
            marks=[
                Mark(signal.title, at=signal.begins_on)
                for signal in self.signals[:MOST_MARKS]
                if signal.begins_on
            ],
            unit=_("events"),
            as_of=self.as_of,
        )


def read_picture(
    *, indicator: Indicator, place: Place | None, by: Person, at: datetime, as_of: datetime
) -> Picture | None:
    """What the person's organization may see of an indicator, in one place or in all; None before the first event.

    Raises ValidationError that says why nothing may be seen, such as the agreement's own words.
    """
    last = last_day_reported(indicator.key, as_of=as_of)
    if last is None:
        return None
    if by.organization is None:
        raise ValidationError(_("Who belongs to no organization can't be shown counts."))
    try:
        counted = daily_counts(
            indicator=indicator.key,
            start=last - timedelta(days=SHOWN_DAYS - 1),
            end=last,
            purpose=Purpose.SURVEILLANCE,
            reader=by.organization,
            by=by,
            at=at,
            as_of=as_of,
        )
    except (Refused, NoSource) as refusal:
        raise ValidationError(str(refusal)) from refusal
    places = known_places()
    inside = counted.within(_codes_inside(place, places)) if place else counted
    return Picture(indicator, inside, _lines(inside, places), _signals(indicator, inside, as_of), as_of)


def _codes_inside(place: Place, places: dict[str, Place]) -> set[str]:
    by_key = {other.pk: other for other in places.values()}
    return {code for code, other in places.items() if place.pk in _around(other, by_key)}


def _around(place: Place, by_key: dict[int, Place]) -> set[int]:
    """Keys of the place and of those that it lies in."""
    keys = {place.pk}
    while place.parent_id:
        place = by_key[place.parent_id]
        keys.add(place.pk)
    return keys


def _lines(counted: PlaceDays, places: dict[str, Place]) -> list[PlaceCount]:
    """Places with any event, most of the latest first."""
    latest = counted.counts[:, -LATEST_DAYS:].sum(axis=1).tolist()
    before = counted.counts[:, -2 * LATEST_DAYS : -LATEST_DAYS].sum(axis=1).tolist()
    lines = [
        PlaceCount(places[code], now, then)
        for code, now, then in zip(counted.places, latest, before, strict=True)
        if code in places and now + then
    ]
    return sorted(lines, key=lambda line: (-line.latest, line.place.code))


def _signals(indicator: Indicator, counted: PlaceDays, as_of: datetime) -> list[Signal]:
    """What was found in these days and places, and raised by then; the newest first."""
    found = Signal.objects.filter(
        evidence__indicator=indicator.key,
        raised_at__lte=as_of,
        ends_on__gte=counted.first_day,
        places__code__in=counted.places,
    )
    return list(found.distinct())
