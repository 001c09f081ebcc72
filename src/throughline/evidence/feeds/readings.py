"""Says what a delivery's file tells, what it builds on, and which others build on it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from throughline.evidence.feeds.completing import Merge, completed
from throughline.evidence.feeds.models import Delivery, DeliveryQuerySet, Door, Feed, Mapping
from throughline.evidence.feeds.queries import gazetteer, warehouse
from throughline.evidence.feeds.taking_in import Reading, names_of
from throughline.formats.amendment import Amendment
from throughline.formats.limits import Limits
from throughline.formats.mapping import parse_mapping
from throughline.formats.registry import known_formats
from throughline.formats.tabular import map_rows

Progress = Callable[[int], None]


def mapping_in_use(feed: Feed) -> Mapping:
    mapping = feed.mapping
    if mapping is None:
        raise ValidationError(
            _("The feed “%(feed)s” has no mapping yet. Save one first.") % {"feed": feed.key}
        )
    return mapping


def read_file(
    feed: Feed, mapping: Mapping, path: Path, *, received_at: datetime, progress: Progress | None = None
) -> Reading:
    return known_formats()[feed.format].read(
        path,
        parse_mapping(mapping.definition),
        gazetteer(),
        received_at=received_at,
        progress=progress,
        limits=Limits(file=settings.FEED_FILE_MAX_BYTES),
    )


def with_what_was_known(feed: Feed, reading: Reading, earlier: DeliveryQuerySet) -> Reading:
    """Merged and amended as the feed's format says, with what the earlier deliveries told of the same records."""
    if (merge := merge_of(feed)) is None:
        return reading
    return completed(
        reading, look_up=partial(warehouse().latest_events, feed.key, names_of(earlier)), merge=merge
    )


def merge_of(feed: Feed) -> Merge | None:
    """How records of the feed's format add to what was known; None where they replace it, whole."""
    return getattr(known_formats()[feed.format], "MERGE", None)


def reading_of(delivery: Delivery) -> Reading:
    """What it was made from, read as it was read then."""
    if delivery.door == Door.WAITED and delivery.replay_of:
        return amendments(delivery.replay_of, warehouse().rows(delivery.feed.key, str(delivery.pk)))
    if delivery.door == Door.REPLAY and delivery.replay_of:
        return replaying(delivery.replay_of, delivery.mapping)
    return _file_reading(delivery, delivery.mapping)


def replaying(delivery: Delivery, mapping: Mapping) -> Reading:
    """What a delivery tells under another mapping: the rows that were set aside, or where rows add up, all of them.

    A row that adds to a record must come in its turn.
    """
    if merge_of(delivery.feed):
        return _file_reading(delivery, mapping)
    rejected = warehouse().quarantined(delivery.feed.key, str(delivery.pk))
    rows = ((row.row, row.raw) for row in rejected)
    return map_rows(rows, parse_mapping(mapping.definition), gazetteer(), received_at=delivery.received_at)


def amendments(delivery: Delivery, rows: set[int]) -> Iterator[Amendment]:
    """Those of a delivery's file that stand in these rows."""
    for outcome in _file_reading(delivery, delivery.mapping):
        if isinstance(outcome, Amendment) and outcome.row in rows:
            yield outcome


def _file_reading(delivery: Delivery, mapping: Mapping) -> Reading:
    own = delivery
    while own.door in (Door.REPLAY, Door.REREAD) and own.replay_of:
        own = own.replay_of
    path = warehouse().original(own.feed.key, str(own.pk))
    return read_file(own.feed, mapping, path, received_at=own.received_at)


def standing_before(delivery: Delivery) -> DeliveryQuerySet:
    """The deliveries that count and whose events this one's replace; not the other readings of its file."""
    earlier = Q(received_at__lt=delivery.received_at)
    sooner = Q(received_at=delivery.received_at, usable_at__lt=delivery.usable_at)
    return delivery.feed.deliveries.standing().filter(earlier | (sooner & ~_of_its_file(delivery)))


def readings_of_its_file(delivery: Delivery) -> DeliveryQuerySet:
    """It, its replays and rereadings, as far as they count."""
    return delivery.feed.deliveries.standing().filter(_of_its_file(delivery))


def leaning_on(feed: Feed, since: datetime) -> DeliveryQuerySet:
    """Those from an instant on that may have left out what another said, or added to it.

    Where rows add up, of each file only the newest reading.
    """
    found = feed.deliveries.standing().filter(received_at__gte=since).exclude(door=Door.REREAD)
    if merge_of(feed) is None:
        return found.filter(duplicates__gt=0)
    return found.exclude(pk__in=superseded(feed))


def building_on(feed: Feed, since: datetime) -> DeliveryQuerySet:
    """Those from an instant on that must be read again when more is told before them."""
    return leaning_on(feed, since) if merge_of(feed) else feed.deliveries.none()


def superseded(feed: Feed) -> DeliveryQuerySet:
    """Those whose whole file was read under a newer mapping since."""
    replays = feed.deliveries.standing().filter(door=Door.REPLAY)
    return feed.deliveries.filter(pk__in=replays.values("replay_of"))


def _of_its_file(delivery: Delivery) -> Q:
    return Q(received_at=delivery.received_at, file_sha256=delivery.file_sha256)
