"""What somebody wants to see, and why: the records behind a count, or one record with its history."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from throughline.evidence.agreements.queries import fields_shared
from throughline.evidence.feeds.models import Feed
from throughline.formats.event import EVENT_FIELDS
from throughline.indicators import Indicator
from throughline.members.organizations.models import Organization
from throughline.policy.sharing import Purpose

PURPOSES = (Purpose.SURVEILLANCE, Purpose.RESPONSE, Purpose.EVALUATION, Purpose.QUALITY)
LISTED = frozenset({"occurred_at", "place", "outcome"})
"""What a list of records shows of each: enough to choose one."""

IDENTIFYING = frozenset(name for name, field in EVENT_FIELDS.items() if field.identifying)


@dataclass(frozen=True)
class Reason:
    """Why, and which identifying fields besides: those are read only when they are named."""

    purpose: Purpose
    identifying: frozenset[str] = frozenset()


@dataclass(frozen=True)
class CountBehind:
    """A count of one feed's events: of an indicator, in these local days and places (everywhere, if empty)."""

    feed: Feed
    indicator: Indicator
    start: date
    end: date
    places: tuple[str, ...] = ()
    as_of: datetime | None = None


def fields_to_list(
    count: CountBehind, reason: Reason, *, reader: Organization | None, on: date
) -> frozenset[str]:
    shared = _shared(count.feed, reason, reader, on)
    return count.indicator.fields | (LISTED & shared) | reason.identifying


def fields_of_record(feed: Feed, reason: Reason, *, reader: Organization | None, on: date) -> frozenset[str]:
    """All that is shared and identifies nobody, when it occurred, and the identifying fields that were asked for."""
    return (_shared(feed, reason, reader, on) - IDENTIFYING) | {"occurred_at"} | reason.identifying


def known_identifying(names: Collection[str]) -> frozenset[str]:
    return IDENTIFYING.intersection(names)


def _shared(feed: Feed, reason: Reason, reader: Organization | None, on: date) -> frozenset[str]:
    return fields_shared(feed.key, provider=feed.provider, reader=reader, purpose=reason.purpose, on=on)
