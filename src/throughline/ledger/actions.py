"""How entries come into the ledger."""

from datetime import datetime
from typing import Any

from django.db import transaction

from throughline.ledger.models import Entry, Head


@transaction.atomic
def record(
    verb: str, *, by: object, at: datetime, subject: object = "", detail: dict[str, Any] | None = None
) -> Entry:
    """Append one entry; it stands or falls with the surrounding transaction, like the act it records."""
    head, _ = Head.objects.select_for_update().get_or_create(id=1)
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
    """Append an entry that stays even when the request fails: refuses to run inside a transaction."""
    with transaction.atomic(durable=True):
        return record(verb, by=by, at=at, subject=subject, detail=detail)


def name_of(thing: object) -> str:
    """`signal:12` for a row, the text itself for anything else (such as the actor `system:schedule`)."""
    meta = getattr(thing, "_meta", None)
    return f"{meta.model_name}:{thing.pk}" if meta else str(thing)  # type: ignore[attr-defined]
