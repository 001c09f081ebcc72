"""Keeps what is read as one delivery: all of it, or nothing."""

import errno
import fcntl
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from throughline.evidence.feeds.models import Delivery, DeliveryQuerySet, Feed, Mapping
from throughline.evidence.feeds.queries import warehouse
from throughline.formats.event import Event
from throughline.formats.faults import Rejected
from throughline.ledger.actions import record
from throughline.members.accounts.models import Person
from throughline.warehouse import Known, KnownRecords, Warehouse

_BATCH = 10_000
_FOR_A_MOMENT = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
_AT_ONCE = timedelta(milliseconds=10)  # room for ten thousand files

Reading = Iterable[Event | Rejected]


@dataclass
class Tally:
    """What has been read so far."""

    accepted: int = 0
    revisions: int = 0
    deleted: int = 0
    duplicates: int = 0
    repeated: int = 0
    quarantined: int = 0
    unplaced: int = 0
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    methods: Counter[str] = field(default_factory=Counter)

    @property
    def rows(self) -> int:
        return self.accepted + self.duplicates + self.quarantined


@contextmanager
def one_at_a_time(feed: Feed, *, wait: bool = True) -> Iterator[None]:
    """Nobody else takes in a file of this feed meanwhile; without waiting, BlockingIOError while somebody does."""
    locks = Path(settings.WAREHOUSE_DIR) / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    with (locks / feed.key).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def take_in(
    feed: Feed,
    mapping: Mapping,
    reading: Reading,
    *,
    earlier: DeliveryQuerySet,
    original: Path | None,
    facts: dict[str, Any],
    by: object,
    within: Callable[[], object] = lambda: None,
) -> Delivery:
    """Keep what differs from what the `earlier` deliveries say last of each record.

    `within` runs in the transaction that makes the delivery count.
    """
    store = warehouse()
    _sweep(store, feed)
    delivery_id = uuid.uuid4()
    tally = Tally()
    with (
        store.known_records(feed.key, names_of(earlier)) as known,
        store.stage(
            feed.key,
            str(delivery_id),
            received_at=facts["received_at"],
            usable_at=facts["usable_at"],
            mapping_version=mapping.version,
        ) as stage,
    ):
        _sort_out(reading, known, stage, tally)
        staged = stage.finish(original=original)
    with transaction.atomic():
        within()
        return _commit(feed, mapping, delivery_id, tally, staged, facts=facts, by=by)


def _sweep(store: Warehouse, feed: Feed) -> None:
    """Remove what a crash left, which is one delivery at most; more than that are those of a newer database."""
    known = names_of(feed.deliveries.all())  # withdrawn ones keep their files
    orphans = store.orphans(feed.key, known=known)
    if len(orphans) > 1:
        message = _(
            "The warehouse holds %(count)d deliveries of “%(feed)s” that the database does not know. Was an older "
            "copy of the database restored? Restore the newer one, or move these folders away: %(names)s."
        )
        raise ValidationError(message % {"count": len(orphans), "feed": feed, "names": ", ".join(orphans)})
    store.sweep(feed.key, known=known)


def _sort_out(reading: Reading, known: KnownRecords, stage: Any, tally: Tally) -> None:
    """Batch by batch, since one question for many records costs little more than one for a single record."""
    outcomes = iter(reading)
    while batch := list(islice(outcomes, _BATCH)):
        before = known.of({outcome.record_id for outcome in batch if isinstance(outcome, Event)})
        told: dict[str, str] = {}
        for outcome in batch:
            if isinstance(outcome, Rejected):
                _set_aside(outcome, stage, tally)
            else:
                _keep_or_skip(outcome, before, told, stage, tally)
        known.tell(told)


def _set_aside(rejected: Rejected, stage: Any, tally: Tally) -> None:
    tally.quarantined += 1
    tally.reasons[rejected.field, str(rejected.reason)] += 1
    stage.reject(rejected)


def _keep_or_skip(
    event: Event, before: dict[str, Known], told: dict[str, str], stage: Any, tally: Tally
) -> None:
    """Notes down in `before` and `told` what the row says of its record."""
    content = event.content_hash
    previous = before.get(event.record_id)
    if previous and previous.content_hash == content:
        tally.duplicates += 1
        tally.repeated += previous.told_now
        return
    before[event.record_id] = Known(content, told_now=True)
    told[event.record_id] = content
    tally.accepted += 1
    tally.revisions += previous is not None
    tally.deleted += event.deleted
    tally.unplaced += event.place is None
    tally.methods[event.place_method] += 1
    stage.add(event, content)


@transaction.atomic
def _commit(
    feed: Feed,
    mapping: Mapping,
    delivery_id: uuid.UUID,
    tally: Tally,
    staged: Any,
    *,
    facts: dict[str, Any],
    by: object,
) -> Delivery:
    delivery = Delivery.objects.create(
        id=delivery_id,
        feed=feed,
        mapping=mapping,
        received_by=by if isinstance(by, Person) else None,
        rows=tally.rows,
        accepted=tally.accepted,
        revisions=tally.revisions,
        deleted=tally.deleted,
        duplicates=tally.duplicates,
        repeated=tally.repeated,
        quarantined=tally.quarantined,
        unplaced=tally.unplaced,
        reasons=[
            {"field": name, "reason": reason, "rows": rows}
            for (name, reason), rows in tally.reasons.most_common()
        ],
        place_methods=dict(tally.methods),
        first_occurred_at=staged.first_occurred_at,
        last_occurred_at=staged.last_occurred_at,
        **facts,
    )
    record(
        "receive_delivery",
        by=by,
        at=facts["usable_at"],
        subject=delivery,
        detail={"feed": feed.key, "files": staged.sha256},
    )
    return delivery


def after_those_of(feed: Feed, at: datetime) -> datetime:
    """The same instant, or the next after that of files handed over at once: of two versions the second must count."""
    at_once = feed.deliveries.filter(received_at__gte=at, received_at__lt=at + _AT_ONCE)
    last = at_once.aggregate(last=Max("received_at"))["last"]
    return last + timedelta.resolution if last else at


def passes_by(fault: Exception) -> bool:
    """Whether the database is away or the disk is full: then the file waits, and nothing is wrong with it."""
    return isinstance(fault, OperationalError) or getattr(fault, "errno", None) in _FOR_A_MOMENT


def names_of(deliveries: DeliveryQuerySet) -> list[str]:
    """As the warehouse calls them."""
    return [str(pk) for pk in deliveries.values_list("pk", flat=True)]
