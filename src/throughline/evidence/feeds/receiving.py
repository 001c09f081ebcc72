"""How one file is taken in, whole or not at all."""

import fcntl
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from throughline.evidence.feeds.models import Delivery, Door, Feed, Mapping
from throughline.evidence.feeds.queries import committed_deliveries, gazetteer, warehouse
from throughline.formats.digest import file_sha256
from throughline.formats.event import Event
from throughline.formats.faults import Rejected, UnreadableFile
from throughline.formats.limits import Limits
from throughline.formats.mapping import parse_mapping
from throughline.formats.registry import known_formats
from throughline.formats.tabular import map_rows
from throughline.ledger.actions import record
from throughline.members.accounts.models import Person
from throughline.warehouse import Warehouse

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
    mapping = _mapping_in_use(feed)
    with _one_at_a_time(feed), _named(file_name):
        sha256 = file_sha256(path)
        known = feed.deliveries.standing().filter(file_sha256=sha256, mapping=mapping, replay_of=None).first()
        if known:
            return known, False
        reading = known_formats()[feed.format].read(
            path,
            parse_mapping(mapping.definition),
            gazetteer(),
            received_at=at,
            progress=progress,
            limits=Limits(file=settings.FEED_FILE_MAX_BYTES),
        )
        facts = {
            "file_name": file_name or path.name,
            "file_sha256": sha256,
            "file_bytes": path.stat().st_size,
            "received_at": at,
            "usable_at": usable_at or at,
            "door": door,
        }
        return _take_in(feed, mapping, reading, original=path, facts=facts, by=by), True


def replay_quarantine(*, delivery: Delivery, by: Person, at: datetime) -> Delivery:
    """Read the rows that were set aside again, under the mapping in use now; they get a receipt of their own."""
    feed = delivery.feed
    mapping = _mapping_in_use(feed)
    if mapping == delivery.mapping:
        raise ValidationError(_("These rows were read under the mapping in use. Save a new version first."))
    if delivery.withdrawn_at:
        raise ValidationError(_("This delivery was withdrawn."))
    if not delivery.quarantined:
        raise ValidationError(_("This delivery has no row in quarantine."))
    with _one_at_a_time(feed):
        if delivery.replays.standing().filter(mapping=mapping, door=Door.REPLAY).exists():
            raise ValidationError(_("These rows were replayed under this mapping already."))
        rejected = warehouse().quarantined(feed.key, str(delivery.pk))
        rows = ((row.row, row.raw) for row in rejected)
        reading = map_rows(
            rows, parse_mapping(mapping.definition), gazetteer(), received_at=delivery.received_at
        )
        facts = {
            "file_name": delivery.file_name,
            "file_sha256": delivery.file_sha256,
            "file_bytes": delivery.file_bytes,
            "received_at": delivery.received_at,
            "usable_at": at,
            "door": Door.REPLAY,
            "replay_of": delivery,
        }
        return _take_in(feed, mapping, reading, original=None, facts=facts, by=by)


def _mapping_in_use(feed: Feed) -> Mapping:
    mapping = feed.mapping
    if mapping is None:
        raise ValidationError(
            _("The feed “%(feed)s” has no mapping yet. Save one first.") % {"feed": feed.key}
        )
    return mapping


@contextmanager
def _one_at_a_time(feed: Feed) -> Iterator[None]:
    locks = Path(settings.WAREHOUSE_DIR) / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    with (locks / feed.key).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _named(file_name: str) -> Iterator[None]:
    """Faults name the file as the agency called it, not as the inbox does."""
    try:
        yield
    except UnreadableFile as fault:
        raise UnreadableFile(file_name or fault.file, fault.found, fault.expected) from None


def _take_in(
    feed: Feed,
    mapping: Mapping,
    reading: Reading,
    *,
    original: Path | None,
    facts: dict[str, Any],
    by: object,
) -> Delivery:
    store = warehouse()
    _sweep(store, feed)
    delivery_id = uuid.uuid4()
    tally = Tally(known=store.known_records(feed.key, committed_deliveries(feed)))
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
    known = [str(pk) for pk in feed.deliveries.values_list("pk", flat=True)]  # of withdrawn ones too
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
    stage.add(event)


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
