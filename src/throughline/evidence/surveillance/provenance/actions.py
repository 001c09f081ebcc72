"""Reads of records: granted, entered in the ledger, and only then shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from throughline.evidence.agreements.actions import grant_or_refuse
from throughline.evidence.case_definitions.queries import definition_of
from throughline.evidence.consents.queries import patients_shown
from throughline.evidence.feeds.models import Feed
from throughline.evidence.feeds.queries import committed_deliveries, warehouse
from throughline.evidence.surveillance.provenance.questions import (
    CountBehind,
    Reason,
    fields_of_record,
    fields_to_list,
)
from throughline.ledger.actions import record_read
from throughline.members.accounts.models import Person
from throughline.policy.notice import REDISCLOSURE, Notice
from throughline.policy.sharing import COARSEST, Grant
from throughline.warehouse import Chosen, Record, RecordReader, Size

PER_PAGE = 50
_TO_CHOOSE_BY = {name: how for name, how in COARSEST.items() if name != "place"} | {"occurred_at": "day"}
"""Records are chosen by day and place, so these must be known; the rest can be shown however roughly."""


@dataclass(frozen=True)
class Shown:
    """Records as far as `grant` reaches; `size` of all that the question is about."""

    records: list[Record]
    size: Size
    grant: Grant
    notice: Notice | None = None


def show_records(
    *, count: CountBehind, reason: Reason, by: Person, at: datetime, first: int = 0, number: int = PER_PAGE
) -> Shown:
    """Some records behind a count, by when they occurred. Raises Refused with the agreement's own words.

    Of treatment, only those of patients who consented: see `patients_shown`.

    What a case definition looks at must be granted as well, since it selects; it isn't shown for that.
    """
    definition = definition_of(count.feed, at=count.as_of or at)
    fields = fields_to_list(count, reason, reader=by.organization, on=timezone.localdate(at))
    needed = fields | (definition.needs if definition else set())
    grant = _grant(count.feed, reason, needed, by, at, precision=_TO_CHOOSE_BY)
    chosen = Chosen(
        count.start,
        count.end,
        timezone.get_default_timezone_name(),
        places=frozenset(count.places),
        where=count.indicator.selection(by_definition=definition is not None),
        definition=definition,
    )
    deliveries = {count.feed.key: committed_deliveries(count.feed, as_of=count.as_of)}
    with RecordReader.open(warehouse(), grant, deliveries, as_of=count.as_of) as events:
        _keep_to_consents(events, count.feed, reason, by, at)
        records, size = events.records(chosen, show=fields, first=first, count=number), events.size(chosen)
    detail = _detail(
        grant,
        indicator=count.indicator.key,
        places=list(count.places),
        days=[count.start.isoformat(), count.end.isoformat()],
        **_sent_along(count.feed),
    )
    record_read("show_records", by=by, at=at, subject=f"feed:{count.feed.key}", detail=detail)
    return Shown(records, size, grant, _notice(count.feed))


def show_history(*, feed: Feed, delivery: str, row: int, reason: Reason, by: Person, at: datetime) -> Shown:
    """Every revision of the record in this row of a delivery, the oldest first. Raises Refused.

    None of a record of treatment without the patient's consent.
    """
    fields = fields_of_record(feed, reason, reader=by.organization, on=timezone.localdate(at))
    grant = _grant(feed, reason, fields, by, at, precision=COARSEST)
    with RecordReader.open(warehouse(), grant, {feed.key: committed_deliveries(feed)}) as events:
        _keep_to_consents(events, feed, reason, by, at)
        revisions = events.revisions(feed=feed.key, delivery=delivery, row=row)
    found = len(revisions[:1])
    detail = _detail(grant, delivery=delivery, row=row, **_sent_along(feed))
    record_read("show_history", by=by, at=at, subject=f"feed:{feed.key}", detail=detail)
    return Shown(
        revisions,
        Size(found, quantity=sum(record.quantity for record in revisions[-1:])),
        grant,
        _notice(feed),
    )


def _keep_to_consents(events: RecordReader, feed: Feed, reason: Reason, by: Person, at: datetime) -> None:
    """Of treatment, who provides it sees all its own; others what patients consented to."""
    if feed.is_part2 and by.organization != feed.provider:
        shown = patients_shown(discloser=feed.provider, reader=by, purpose=reason.purpose, at=at)
        events.only_patients(shown)


def _notice(feed: Feed) -> Notice | None:
    return REDISCLOSURE if feed.is_part2 else None


def _sent_along(feed: Feed) -> dict[str, str]:
    notice = _notice(feed)
    return {"notice": notice.version} if notice else {}


def _grant(
    feed: Feed,
    reason: Reason,
    fields: frozenset[str],
    by: Person,
    at: datetime,
    *,
    precision: Mapping[str, str],
) -> Grant:
    return grant_or_refuse(
        feed=feed.key,
        provider=feed.provider,
        reader=by.organization,
        purpose=reason.purpose,
        fields=fields,
        by=by,
        at=at,
        precision=precision,
    )


def _detail(grant: Grant, **what: Any) -> dict[str, Any]:
    """What was asked, and not how much was found: who may read the ledger may not know small counts."""
    return {"purpose": grant.purpose.value, "fields": sorted(grant.fields), **what}
