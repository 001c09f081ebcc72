"""Reads again what was read before: rows that were set aside, and files whose ground changed under them."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils.translation import gettext as _

from throughline.evidence.feeds.models import Delivery, Door, Feed, Mapping
from throughline.evidence.feeds.queries import warehouse
from throughline.evidence.feeds.readings import (
    building_on,
    mapping_in_use,
    merge_of,
    reading_of,
    readings_of_its_file,
    replaying,
    standing_before,
    with_what_was_known,
)
from throughline.evidence.feeds.taking_in import Reading, one_at_a_time, passes_by, take_in
from throughline.evidence.feeds.waiting import complete_with_what_waited
from throughline.formats.amendment import Amendment
from throughline.formats.event import Event
from throughline.members.accounts.models import Person

BY = "system:rereading"

logger = logging.getLogger(__name__)


def replay_quarantine(*, delivery: Delivery, by: Person, at: datetime) -> Delivery:
    """Read the rows that were set aside again, under the mapping in use now; they get a receipt of their own.

    Where rows add up, the whole file is read again and then those that came after it: as if the mapping had been
    right when the file came.
    """
    mapping = mapping_in_use(delivery.feed)
    if delivery.withdrawn_at:
        raise ValidationError(_("This delivery was withdrawn."))
    if mapping == delivery.mapping:
        raise ValidationError(_("These rows were read under the mapping in use. Save a new version first."))
    if not delivery.quarantined:
        raise ValidationError(_("This delivery has no row in quarantine."))
    with one_at_a_time(delivery.feed):
        if delivery.replays.standing().filter(mapping=mapping, door=Door.REPLAY).exists():
            raise ValidationError(_("These rows were replayed under this mapping already."))
        read_what_is_due(delivery.feed, at=at)
        replayed = _replay(delivery, mapping, by=by, at=at)
        complete_with_what_waited(replayed, by=by)
        return replayed


def _replay(delivery: Delivery, mapping: Mapping, *, by: Person, at: datetime) -> Delivery:
    feed = delivery.feed
    later = building_on(feed, delivery.received_at).exclude(pk__in=readings_of_its_file(delivery))
    return take_in(
        feed,
        mapping,
        with_what_was_known(feed, replaying(delivery, mapping), standing_before(delivery)),
        earlier=standing_before(delivery) | readings_of_its_file(delivery),
        original=None,
        facts=_facts(delivery, usable_at=at, door=Door.REPLAY),
        by=by,
        within=lambda: later.update(reread_due=True),
    )


def read_what_is_due(feed: Feed, *, at: datetime) -> None:
    """Read files of a feed again that must be, the oldest first, before another one builds on them."""
    if merge_of(feed) is None:
        return
    while delivery := feed.deliveries.due(at).select_related("mapping", "replay_of").first():
        _read_again_or_mark(delivery, by=BY, at=at)


def read_again(delivery: Delivery, *, by: object, at: datetime) -> Delivery | None:
    """Take in what a delivery holds beyond those that stand before it.

    Of what it repeated, nothing was kept. So where the delivery that it repeated is withdrawn, its rows are read
    again, under the mapping that they were read under, and a receipt of their own holds what is missing. None if
    another worker has done so, or if the file can't be read.
    """
    with one_at_a_time(delivery.feed):
        if Delivery.objects.due(at).filter(pk=delivery.pk).exists():
            return _read_again_or_mark(delivery, by=by, at=at)
        return None


def _read_again_or_mark(delivery: Delivery, *, by: object, at: datetime) -> Delivery | None:
    """One whose file was lost or damaged is marked, so that it holds up no other; its earlier reading counts on."""
    try:
        return _read_again(delivery, by=by, at=at)
    except Exception as fault:
        if passes_by(fault):
            raise
        logger.exception("The file of delivery %s could not be read again.", delivery.pk)
        Delivery.objects.filter(pk=delivery.pk).update(reread_failed_at=at)
        return None


def _read_again(delivery: Delivery, *, by: object, at: datetime) -> Delivery:
    feed = delivery.feed
    known = standing_before(delivery) | readings_of_its_file(delivery)
    outcomes = with_what_was_known(feed, reading_of(delivery), standing_before(delivery))
    reread = take_in(
        feed,
        delivery.mapping,
        _without_rejected(outcomes, delivery),
        earlier=known,
        original=None,
        facts=_facts(delivery, usable_at=at, door=Door.REREAD),
        by=by,
        within=lambda: Delivery.objects.filter(pk=delivery.pk).update(
            reread_due=False, reread_failed_at=None
        ),
    )
    complete_with_what_waited(reread, by=by)
    return reread


def _rows_kept(delivery: Delivery) -> set[int]:
    readings = readings_of_its_file(delivery).values_list("pk", flat=True)
    return set().union(*(warehouse().rows(delivery.feed.key, str(pk)) for pk in readings))


def _without_rejected(outcomes: Reading, delivery: Delivery) -> Iterator[Event]:
    """What was set aside before, is; but an amendment is taken back where what it amended is gone."""
    kept = cache(partial(_rows_kept, delivery))  # few formats amend: most never ask
    for outcome in outcomes:
        if isinstance(outcome, Event):
            yield outcome
        elif isinstance(outcome, Amendment) and outcome.row in kept():
            yield replace(outcome.adds, deleted=True)


def _facts(delivery: Delivery, *, usable_at: datetime, door: Door) -> dict[str, Any]:
    return {
        "file_name": delivery.file_name,
        "file_sha256": delivery.file_sha256,
        "file_bytes": delivery.file_bytes,
        "received_at": delivery.received_at,
        "usable_at": _after_its_readings(delivery, usable_at),
        "door": door,
        "replay_of": delivery,
    }


def _after_its_readings(delivery: Delivery, at: datetime) -> datetime:
    """Of the readings of one file the last must count, also where history is brought in under earlier dates."""
    last = readings_of_its_file(delivery).aggregate(last=Max("usable_at"))["last"]
    return max(at, last + timedelta.resolution)
