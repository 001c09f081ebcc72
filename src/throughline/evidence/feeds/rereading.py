"""Reads again what was read before: rows that were set aside, and files that repeated a withdrawn delivery."""

from collections.abc import Container, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from throughline.evidence.feeds.models import Delivery, DeliveryQuerySet, Door
from throughline.evidence.feeds.queries import gazetteer, warehouse
from throughline.evidence.feeds.receiving import (
    Reading,
    mapping_in_use,
    names_of,
    one_at_a_time,
    read_file,
    take_in,
    with_what_was_known,
)
from throughline.formats.amendment import Amendment
from throughline.formats.event import Event
from throughline.formats.mapping import parse_mapping
from throughline.formats.tabular import map_rows
from throughline.members.accounts.models import Person


def replay_quarantine(*, delivery: Delivery, by: Person, at: datetime) -> Delivery:
    """Read the rows that were set aside again, under the mapping in use now; they get a receipt of their own."""
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
        rows = _rows_set_aside(delivery, mapping.definition)
        reading = with_what_was_known(delivery.feed, rows, delivery.feed.deliveries.standing())
        facts = _facts(delivery, usable_at=at, door=Door.REPLAY)
        return take_in(delivery.feed, mapping, reading, original=None, facts=facts, by=by)


def read_again(delivery: Delivery, *, by: object, at: datetime) -> Delivery | None:
    """Take in what a delivery holds beyond those that stand before it; None if another worker has done so.

    Of what it repeated, nothing was kept. So where the delivery that it repeated is withdrawn, its rows are read
    again, under the mapping that they were read under, and a receipt of their own holds what is missing.
    """
    feed = delivery.feed
    with one_at_a_time(feed):
        due = Delivery.objects.standing().filter(pk=delivery.pk, reread_due=True)
        if not due.exists():
            return None
        earlier = standing_before(delivery)
        own = feed.deliveries.standing().filter(Q(pk=delivery.pk) | Q(replay_of=delivery))
        known = warehouse().known_records(feed.key, names_of(earlier | own))
        outcomes = with_what_was_known(feed, _reading_of(delivery), earlier)
        reading = _without_rejected(outcomes, known)
        facts = _facts(delivery, usable_at=at, door=Door.REREAD)
        reread = take_in(feed, delivery.mapping, reading, original=None, facts=facts, by=by, known=known)
        due.update(reread_due=False)  # cut off before this, it is read once more, and adds nothing
        return reread


def standing_before(delivery: Delivery) -> DeliveryQuerySet:
    """The deliveries that count and whose events this one's replace."""
    earlier = Q(received_at__lt=delivery.received_at)
    sooner = Q(received_at=delivery.received_at, usable_at__lt=delivery.usable_at)
    return delivery.feed.deliveries.standing().filter(earlier | sooner).exclude(replay_of=delivery)


def _reading_of(delivery: Delivery) -> Reading:
    if delivery.replay_of:
        return _rows_set_aside(delivery.replay_of, delivery.mapping.definition)
    path = warehouse().original(delivery.feed.key, str(delivery.pk))
    return read_file(delivery.feed, delivery.mapping, path, received_at=delivery.received_at)


def _rows_set_aside(delivery: Delivery, definition: Any) -> Reading:
    rejected = warehouse().quarantined(delivery.feed.key, str(delivery.pk))
    rows = ((row.row, row.raw) for row in rejected)
    return map_rows(rows, parse_mapping(definition), gazetteer(), received_at=delivery.received_at)


def _without_rejected(outcomes: Reading, known: Container[str]) -> Iterator[Event]:
    """What was set aside before, is; but an amendment is taken back where what it amended is gone."""
    for outcome in outcomes:
        if isinstance(outcome, Event):
            yield outcome
        elif isinstance(outcome, Amendment) and outcome.adds.record_id in known:
            yield replace(outcome.adds, deleted=True)


def _facts(delivery: Delivery, *, usable_at: datetime, door: Door) -> dict[str, Any]:
    return {
        "file_name": delivery.file_name,
        "file_sha256": delivery.file_sha256,
        "file_bytes": delivery.file_bytes,
        "received_at": delivery.received_at,
        "usable_at": usable_at,
        "door": door,
        "replay_of": delivery,
    }
