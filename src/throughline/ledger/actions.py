"""How entries come into the ledger."""

import hashlib
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from throughline.ledger.models import DailyRoot, Entry, Head, canonical_json
from throughline.ledger.proofs import tree_of


@transaction.atomic
def record(
    verb: str, *, by: object, at: datetime, subject: object = "", detail: dict[str, Any] | None = None
) -> Entry:
    """Append one entry; it stands or falls with the surrounding transaction, like the act it records."""
    head = _locked_head()
    entry = Entry(
        sequence=head.sequence + 1,
        at=at,
        actor=name_of(by),
        verb=verb,
        subject=name_of(subject),
        detail=detail or {},
        previous_hash=head.hash,
    )
    entry.hash = entry.computed_hash()
    entry.save(force_insert=True)
    head.sequence, head.hash = entry.sequence, entry.hash
    head.save()
    return entry


def record_read(
    verb: str, *, by: object, at: datetime, subject: object = "", detail: dict[str, Any] | None = None
) -> Entry:
    """Append an entry that stays even when the request fails: refuses to run inside a transaction.

    Its detail says what was asked; the fingerprint of that is the same whenever the same is asked again.
    """
    asked = detail or {}
    fingerprint = fingerprint_of(verb, name_of(subject), asked)
    with transaction.atomic(durable=True):
        return record(verb, by=by, at=at, subject=subject, detail=asked | {"fingerprint": fingerprint})


def fingerprint_of(verb: str, subject: str, asked: dict[str, Any]) -> str:
    """Hexadecimal SHA-256 of the request as one JSON object, without who asked and when."""
    request = {"verb": verb, "subject": subject, "asked": asked}
    return hashlib.sha256(canonical_json(request).encode()).hexdigest()


def close_day(*, on: date, by: object, at: datetime) -> DailyRoot | None:
    """Keep the Merkle root of a day that is over, once; None where the ledger holds nothing up to then.

    The tree is built before the lock is taken: what it covers doesn't change, and writers don't wait for it.
    The root is entered in the chain too, so that a root that is changed later shows there.
    """
    midnight = timezone.make_aware(datetime.combine(on + timedelta(days=1), time.min))
    if at < midnight:
        raise ValueError(f"{on} is not over yet at {at}")
    if kept := DailyRoot.objects.filter(on=on).first():
        return kept
    last = Entry.objects.filter(at__lt=midnight).order_by("-sequence").first()
    if last is None:
        return None
    root = tree_of(last.sequence).root(last.sequence)
    return _keep_root(DailyRoot(on=on, size=last.sequence, root=root), by=by, at=at)


@transaction.atomic
def _keep_root(root: DailyRoot, *, by: object, at: datetime) -> DailyRoot:
    _locked_head()
    if kept := DailyRoot.objects.filter(on=root.on).first():  # another worker was faster
        return kept
    root.save()
    record("close_day", by=by, at=at, subject=root, detail={"size": root.size, "root": root.root})
    return root


def _locked_head() -> Head:
    """Whoever appends waits here for the one before."""
    head, _is_new = Head.objects.select_for_update().get_or_create(id=1)
    return head


def name_of(thing: object) -> str:
    """`signal:12` for a row, the text itself for anything else (such as the actor `system:schedule`)."""
    meta = getattr(thing, "_meta", None)
    return f"{meta.model_name}:{thing.pk}" if meta else str(thing)  # type: ignore[attr-defined]
