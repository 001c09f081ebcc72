"""Counts of what happened where, under the agreements in force."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

import numpy as np
from django.core.exceptions import ValidationError
from django.db.models import Max, Min
from django.utils import timezone
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from throughline.definitions import Definition
from throughline.evidence.agreements.actions import ask_grant
from throughline.evidence.agreements.counting import Counting
from throughline.evidence.case_definitions.queries import definitions_of
from throughline.evidence.feeds.models import Delivery, Feed
from throughline.evidence.feeds.queries import committed_deliveries, warehouse
from throughline.evidence.surveillance.models import DetectionRun
from throughline.indicators import INDICATORS, Indicator
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization
from throughline.members.places.models import Place
from throughline.policy.sharing import Grant, Purpose, Refusal, Refused
from throughline.warehouse import DailyCounts, open_events

BOUNDARIES = ("boundary", "parent__boundary")


class NoSource(Exception):
    """No feed is named as the source of an indicator."""

    def __init__(self, indicator: Indicator) -> None:
        super().__init__(_("No feed counts for “%(name)s” yet.") % {"name": _(indicator.name)})


@dataclass(frozen=True)
class PlaceDays:
    """Counts of one indicator: `counts[i, j]` at `places[i]` on the j-th day from `first_day`.

    Every finest place of the installation is there, also with zeros. `unplaced` holds events without a place. The
    refusals say which feeds aren't counted, and of which only a part is.
    """

    places: tuple[str, ...]
    first_day: date
    counts: NDArray[np.int64]
    unplaced: NDArray[np.int64]
    minimum_cell: int
    feeds: tuple[str, ...]
    agreements: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()

    @property
    def days(self) -> int:
        return int(self.counts.shape[1])

    @property
    def last_day(self) -> date:
        return self.first_day + timedelta(days=self.days - 1)

    @property
    def total(self) -> int:
        return int(self.counts.sum() + self.unplaced.sum())

    def until(self, day: date, days: int) -> "PlaceDays":
        """The last `days` up to `day`, or as many as there are, as if nothing were known of later ones."""
        end = (day - self.first_day).days + 1
        begin = max(end - days, 0)
        return replace(
            self,
            first_day=self.first_day + timedelta(days=begin),
            counts=self.counts[:, begin:end],
            unplaced=self.unplaced[begin:end],
        )

    def within(self, codes: Collection[str]) -> "PlaceDays":
        """Some of the places only; what has no place is left out as well."""
        rows = [row for row, code in enumerate(self.places) if code in codes]
        return replace(
            self,
            places=tuple(self.places[row] for row in rows),
            counts=self.counts[rows],
            unplaced=np.zeros_like(self.unplaced),
        )


def backbone() -> Organization:
    """The organization in whose name the feeds are watched."""
    return Organization.objects.filter(is_backbone=True).first() or Organization(name="–")


def finest_places() -> list[Place]:
    """Places without children: those that events are counted in."""
    return list(Place.objects.filter(children=None).order_by("code"))


def known_places() -> dict[str, Place]:
    """Every place by its code, without its boundary, which counting doesn't need."""
    return {place.code: place for place in Place.objects.select_related("parent").defer(*BOUNDARIES)}


def jurisdictions(counted: PlaceDays, places: dict[str, Place]) -> dict[Place | None, list[str]]:
    """Codes of the counted places that have coordinates, by the widest place that they lie in.

    Places that lie in no other and hold none belong together, under None.
    """
    by_key = {place.pk: place for place in places.values()}
    around = {place.parent_id for place in places.values()}
    found: dict[Place | None, list[str]] = defaultdict(list)
    for place in (places[code] for code in counted.places if code in places):
        widest = place
        while widest.parent_id:
            widest = by_key[widest.parent_id]
        if place.is_located:
            found[widest if widest.pk in around else None].append(place.code)
    return found or {None: []}


def looks_so_far(indicator: str, jurisdiction: Place | None, *, on: date, first_day: date) -> int:
    """Nightly looks of a scan since the first that ended in the study, up to and with the one of the day `on`.

    Scans without a jurisdiction count for each, since they once were of all places together.
    """
    scans_of = DetectionRun.objects.scans_of
    scans = scans_of(indicator, jurisdiction) | scans_of(indicator, None)
    earlier = scans.filter(on__gte=first_day, on__lt=on)
    first = earlier.aggregate(first=Min("on"))["first"] or on
    return int((on - first).days) + 1


def daily_counts(
    *,
    indicator: str,
    start: date,
    end: date,
    purpose: Purpose,
    reader: Organization,
    by: object,
    at: datetime,
    as_of: datetime | None = None,
    only: str | None = None,
) -> PlaceDays:
    """Count an indicator per place and day (both ends included) from the feeds that are its source, or `only` one.

    Of a feed with a case definition only the records that meet it count, in the version that was in use then.
    Feeds that no agreement opens are left out and their refusals listed; raises Refused where none is open,
    NoSource where there is none, ValidationError where a person asks in the name of another's organization.
    """
    _refuse_in_anothers_name(by, reader)
    counted = INDICATORS[indicator]
    feeds = {feed.key: feed for feed in source_feeds(indicator) if only in (None, feed.key)}
    by_feed = definitions_of(feeds.values(), at=as_of or at)
    definitions = {key: by_feed[feed.pk] for key, feed in feeds.items()}
    counting = _counting(indicator, start, end, as_of=as_of if as_of != at else None)
    answers = [
        ask_grant(
            feed=key,
            provider=feed.provider,
            reader=reader,
            purpose=purpose,
            fields=counted.fields | _fields_of(definitions[key]),
            by=by,
            at=at,
            counting=counting,
        )
        for key, feed in feeds.items()
    ]
    grants = [answer for answer in answers if isinstance(answer, Grant)]
    refusals = [answer for answer in answers if isinstance(answer, Refusal)]
    if not grants:
        raise Refused(refusals[0]) if refusals else NoSource(counted)
    by_definition: dict[Definition | None, list[Grant]] = defaultdict(list)
    for grant in grants:
        by_definition[definitions[grant.feed]].append(grant)
    counts = [
        _counted(alike, feeds, definition, counted, start=start, end=end, as_of=as_of)
        for definition, alike in by_definition.items()
    ]
    return _on_all_places(counts, grants, refusals)


def _counting(indicator: str, start: date, end: date, *, as_of: datetime | None) -> Counting:
    """Each finest place is a row, and what has no place."""
    places = Place.objects.filter(children=None).count()
    return Counting(indicator, start, end, series=places + 1, as_of=as_of)


def _fields_of(definition: Definition | None) -> frozenset[str]:
    return definition.needs if definition else frozenset()


def _counted(
    grants: list[Grant],
    feeds: Mapping[str, Feed],
    definition: Definition | None,
    indicator: Indicator,
    *,
    start: date,
    end: date,
    as_of: datetime | None,
) -> DailyCounts:
    """Counts of feeds that share a definition, or have none."""
    deliveries = (
        (grant.feed, tuple(committed_deliveries(feeds[grant.feed], as_of=as_of))) for grant in grants
    )
    return _count_once(
        tuple(grants), tuple(deliveries), definition, indicator=indicator.key, start=start, end=end
    )


@lru_cache(maxsize=8)
def _count_once(
    grants: tuple[Grant, ...],
    deliveries: tuple[tuple[str, tuple[str, ...]], ...],
    definition: Definition | None,
    *,
    indicator: str,
    start: date,
    end: date,
) -> DailyCounts:
    """Deliveries never change, and which of them are known tells what is known: the next visitor needn't wait for
    a year of small files to be opened again."""
    with open_events(warehouse(), grants, dict(deliveries)) as events:
        return events.daily_counts(
            where=INDICATORS[indicator].selection(by_definition=definition is not None),
            definition=definition,
            start=start,
            end=end,
            time_zone=timezone.get_default_timezone_name(),
        )


def _refuse_in_anothers_name(by: object, reader: Organization) -> None:
    if isinstance(by, Person) and by.organization_id != reader.pk:
        raise ValidationError(
            _("Counts are read here in the name of %(reader)s, by its own people only.") % {"reader": reader}
        )


def last_day_reported(indicator: str, *, as_of: datetime) -> date | None:
    """The last day on which the indicator's feeds report anything, never later than yesterday."""
    latest = (
        Delivery.objects.filter(feed__in=source_feeds(indicator))
        .usable_by(as_of)
        .aggregate(latest=Max("last_occurred_at"))["latest"]
    )
    if latest is None:
        return None
    return min(timezone.localdate(latest), timezone.localdate(as_of) - timedelta(days=1))


def first_day_reported(indicator: str, *, as_of: datetime) -> date | None:
    """The first day on which all of the indicator's feeds report: before it, zeros only mean silence."""
    first = [
        feed.deliveries.usable_by(as_of).aggregate(first=Min("first_occurred_at"))["first"]
        for feed in source_feeds(indicator)
    ]
    days = [timezone.localdate(instant) for instant in first if instant]
    return max(days, default=None)


def source_feeds(indicator: str) -> list[Feed]:
    """The feeds that an indicator is counted from."""
    feeds = Feed.objects.select_related("provider").order_by("key")
    return [feed for feed in feeds if indicator in feed.counts_for]


def _on_all_places(counts: list[DailyCounts], grants: list[Grant], refusals: list[Refusal]) -> PlaceDays:
    """Finest places first, then places that events name though they have finer ones inside."""
    finest = dict.fromkeys(place.code for place in finest_places())
    places = tuple(finest | dict.fromkeys(code for some in counts for code in some.places))
    return PlaceDays(
        places=places,
        first_day=counts[0].first_day,
        counts=np.sum([some.for_places(places) for some in counts], axis=0),
        unplaced=np.sum([some.unplaced for some in counts], axis=0),
        minimum_cell=max(grant.minimum_cell for grant in grants),
        feeds=tuple(grant.feed for grant in grants),
        agreements=tuple(grant.agreement for grant in grants),
        refusals=(*map(str, refusals), *(_limited(grant) for grant in grants if grant.rows)),
    )


def _limited(grant: Grant) -> str:
    """What a reader must know, lest the zeros elsewhere be taken for counts."""
    conditions = "; ".join(
        f"{name}: {', '.join(sorted(values))}" for name, values in sorted(grant.rows.items())
    )
    return _(
        "Of the feed %(feed)s only some records are shared, and no others are counted (%(conditions)s)."
    ) % {
        "feed": grant.feed,
        "conditions": conditions,
    }
