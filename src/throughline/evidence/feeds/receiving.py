"""How one file is taken in, whole or not at all."""

import fcntl
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from throughline.evidence.feeds.completing import completed
from throughline.evidence.feeds.models import Delivery, DeliveryQuerySet, Door, Feed, Mapping
from throughline.evidence.feeds.queries import committed_deliveries, gazetteer, warehouse
from throughline.formats.digest import file_sha256
from throughline.formats.event import Event
from throughline.formats.faults import Rejected, UnreadableFile
from throughline.formats.limits import Limits
from throughline.formats.mapping import parse_mapping
from throughline.formats.registry import known_formats
from throughline.ledger.actions import record
from throughline.members.accounts.models import Person
from throughline.warehouse import Warehouse

_AT_ONCE = timedelta(milliseconds=10)  # room for ten thousand files

Progress = Callable[[int], None]
Reading = Iterable[Event | Rejected]


@dataclass
class Tally:
    """What has been read so far. `known` holds each record's latest content, of earlier deliveries and of this one."""

    known: dict[str, str]
    accepted: int = 0
    revisions: int = 0
    deleted: int = 0
    duplicates: int = 0
    quarantined: int = 0
    unplaced: int = 0
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    methods: Counter[str] = field(default_factory=Counter)

    @property
    def rows(self) -> int:
        return self.accepted + self.duplicates + self.quarantined


def receive_delivery(
    *,
    feed: Feed,
    path: Path,
    by: object,
    at: datetime,
    usable_at: datetime | None = None,
    file_name: str = "",
    door: str = Door.CLI,
    progress: Progress | None = None,
) -> tuple[Delivery, bool]:
    """Take a file in; the receipt, and whether it is new (the same file again changes nothing).

    1. One delivery of a feed at a time: a lock that the operating system drops even when the process is killed.
    2. A file that was received under this mapping before is answered with its receipt.
    3. What a crash left behind is swept away: files that no receipt lists.
    4. Events and rejected rows are written to files that nobody can see yet.
    5. One database transaction adds the receipt and its ledger entry. This commit makes the events visible; killed
       before it, nothing has happened.

    `at` is when the agency handed the file over, `usable_at` when its events could be counted: the same instant
    unless told. Raises UnreadableFile when the file as a whole can't be read, ValidationError without a mapping.
    """
    mapping = mapping_in_use(feed)
    with one_at_a_time(feed), _named(file_name):
        sha256 = file_sha256(path)
        known = feed.deliveries.standing().filter(file_sha256=sha256, mapping=mapping, replay_of=None).first()
        if known:
            return known, False
        at = _after_those_of(feed, at)
        reading = read_file(feed, mapping, path, received_at=at, progress=progress)
        reading = with_what_was_known(feed, reading, feed.deliveries.standing())
        facts = {
            "file_name": file_name or path.name,
            "file_sha256": sha256,
            "file_bytes": path.stat().st_size,
            "received_at": at,
            "usable_at": max(usable_at or at, at),
            "door": door,
        }
        return take_in(feed, mapping, reading, original=path, facts=facts, by=by), True


def _after_those_of(feed: Feed, at: datetime) -> datetime:
    """The same instant, or the next after that of files handed over at once: of two versions the second must count."""
    at_once = feed.deliveries.filter(received_at__gte=at, received_at__lt=at + _AT_ONCE)
    last = at_once.aggregate(last=Max("received_at"))["last"]
    return last + timedelta.resolution if last else at


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
    look_up = partial(warehouse().latest_events, feed.key, names_of(earlier))
    return completed(reading, look_up=look_up, merge=getattr(known_formats()[feed.format], "MERGE", None))


def names_of(deliveries: DeliveryQuerySet) -> list[str]:
    """As the warehouse calls them."""
    return [str(pk) for pk in deliveries.values_list("pk", flat=True)]


def mapping_in_use(feed: Feed) -> Mapping:
    mapping = feed.mapping
    if mapping is None:
        raise ValidationError(
            _("The feed “%(feed)s” has no mapping yet. Save one first.") % {"feed": feed.key}
        )
    return mapping


@contextmanager
def one_at_a_time(feed: Feed, *, wait: bool = True) -> Iterator[None]:
    """Nobody else takes in a file of this feed meanwhile; without waiting, BlockingIOError while somebody does."""
    locks = Path(settings.WAREHOUSE_DIR) / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    with (locks / feed.key).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


@contextmanager
def _named(file_name: str) -> Iterator[None]:
    """Faults name the file as the agency called it, not as the inbox does."""
    try:
        yield
    except UnreadableFile as fault:
        raise UnreadableFile(file_name or fault.file, fault.found, fault.expected) from None


def take_in(
    feed: Feed,
    mapping: Mapping,
    reading: Reading,
    *,
    original: Path | None,
    facts: dict[str, Any],
    by: object,
    known: dict[str, str] | None = None,
) -> Delivery:
    """Keep what differs from the `known` content of each record: the latest, unless told."""
    store = warehouse()
    _sweep(store, feed)
    if known is None:
        known = store.known_records(feed.key, committed_deliveries(feed))
    delivery_id = uuid.uuid4()
    tally = Tally(known=known)
    with store.stage(
        feed.key,
        str(delivery_id),
        received_at=facts["received_at"],
        usable_at=facts["usable_at"],
        mapping_version=mapping.version,
    ) as stage:
        _sort_out(reading, stage, tally)
        staged = stage.finish(original=original)
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


def _sort_out(reading: Reading, stage: Any, tally: Tally) -> None:
    for outcome in reading:
        if isinstance(outcome, Rejected):
            tally.quarantined += 1
            tally.reasons[outcome.field, str(outcome.reason)] += 1
            stage.reject(outcome)
        else:
            _keep_or_skip(outcome, stage, tally)


def _keep_or_skip(event: Event, stage: Any, tally: Tally) -> None:
    content = event.content_hash
    previous = tally.known.get(event.record_id)
    if previous == content:
        tally.duplicates += 1
        return
    tally.known[event.record_id] = content
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
        detail={"feed": feed.key, "rows": tally.rows, "accepted": tally.accepted, "files": staged.sha256},
    )
    return delivery
