"""Completes records with rows that came before them, such as codes of a death whose certificate came later."""

from collections.abc import Iterable, Iterator
from typing import Any

from throughline.evidence.feeds.models import Delivery, Door
from throughline.evidence.feeds.queries import warehouse
from throughline.evidence.feeds.readings import (
    amendments,
    leaning_on,
    merge_of,
    superseded,
    with_what_was_known,
)
from throughline.evidence.feeds.taking_in import after_those_of, take_in
from throughline.formats.event import Event


def complete_with_what_waited(delivery: Delivery, *, by: object) -> list[Delivery]:
    """Take in the rows that were set aside because they add to a record which this delivery brought since.

    They count from right behind it, each file's with a receipt of their own. Nothing happens a second time.
    """
    if merge_of(delivery.feed) is None:
        return []
    waiting = {str(earlier.pk): earlier for earlier in _waiting_before(delivery)}
    rows = warehouse().waiting_rows(delivery.feed.key, list(waiting), str(delivery.pk)) if waiting else {}
    left = {pk: rows[pk] - _rows_taken_in(earlier) for pk, earlier in waiting.items() if pk in rows}
    return [_take_in(waiting[pk], rows, delivery, by=by) for pk, rows in left.items() if rows]


def _waiting_before(delivery: Delivery) -> list[Delivery]:
    earlier = delivery.feed.deliveries.standing().filter(
        received_at__lt=delivery.received_at, quarantined__gt=0
    )
    found = earlier.exclude(pk__in=superseded(delivery.feed)).order_by("received_at", "usable_at")
    return [one for one in found.select_related("mapping", "feed", "replay_of") if one.waits]


def _rows_taken_in(delivery: Delivery) -> set[int]:
    since = delivery.replays.standing().values_list("pk", flat=True)
    return set().union(*(warehouse().rows(delivery.feed.key, str(pk)) for pk in since))


def _take_in(waiting: Delivery, rows: set[int], brought: Delivery, *, by: object) -> Delivery:
    feed = waiting.feed
    received_at = after_those_of(feed, brought.received_at)
    earlier = feed.deliveries.standing().filter(received_at__lt=received_at)
    facts: dict[str, Any] = {
        "file_name": waiting.file_name,
        "file_sha256": waiting.file_sha256,
        "file_bytes": waiting.file_bytes,
        "received_at": received_at,
        "usable_at": max(brought.usable_at, received_at),
        "door": Door.WAITED,
        "replay_of": waiting,
        "waited_for": brought,
    }
    later = leaning_on(feed, received_at)
    reading = _completed(with_what_was_known(feed, amendments(waiting, rows), earlier))
    return take_in(
        feed,
        waiting.mapping,
        reading,
        earlier=earlier,
        original=None,
        facts=facts,
        by=by,
        within=lambda: later.update(reread_due=True),
    )


def _completed(outcomes: Iterable[Any]) -> Iterator[Event]:
    return (outcome for outcome in outcomes if isinstance(outcome, Event))
