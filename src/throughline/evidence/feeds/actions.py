"""What happens to feeds besides receiving: set up, mapped, handed files."""

import fcntl
import logging
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from throughline.evidence.agreements.actions import grant_or_refuse
from throughline.evidence.feeds.inbox import kept, name_to_keep
from throughline.evidence.feeds.models import Delivery, Feed, Intake, Mapping
from throughline.evidence.feeds.queries import warehouse
from throughline.evidence.feeds.receiving import Progress, receive_delivery
from throughline.evidence.feeds.taking_in import passes_by
from throughline.formats.faults import Reason, Rejected, UnreadableFile
from throughline.formats.mapping import MappingError, parse_mapping
from throughline.formats.registry import known_formats
from throughline.formats.shipped import in_time_zone
from throughline.indicators import INDICATORS
from throughline.ledger.actions import name_of, record, record_read
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization
from throughline.policy.sharing import Purpose

logger = logging.getLogger(__name__)

BY_ITSELF = "system:formats"  # saves the mapping that a standard's format brings
# Whoever mends a mapping must see the code that it lacks.
MENDED_BY_MAPPING = {Reason.UNKNOWN_CODE, Reason.UNKNOWN_PLACE}


@transaction.atomic
def add_feed(
    *,
    key: str,
    name: str,
    provider: Organization,
    by: object,
    at: datetime,
    format: str = "tabular",
    steward: Person | None = None,
    expected_every_days: int | None = None,
    counts_for: Iterable[str] = (),
    is_part2: bool = False,
) -> Feed:
    """Set a feed up. One of a standard's format begins with the format's own mapping as its first version."""
    feed = Feed(
        key=key,
        name=name,
        provider=provider,
        format=format,
        steward=steward,
        expected_every_days=expected_every_days,
        counts_for=sorted(set(counts_for)),
        is_part2=is_part2,
    )
    _check_known(_("Unknown format: %(unknown)s. Expected some of: %(known)s."), [format], known_formats())
    _check_known(
        _("Unknown indicator: %(unknown)s. Expected some of: %(known)s."), feed.counts_for, INDICATORS
    )
    feed.full_clean()
    feed.save()
    record("add_feed", by=by, at=at, subject=feed, detail={"key": key, "format": format})
    if (standard := known_formats()[format].MAPPING) is not None:
        definition = in_time_zone(standard, settings.TIME_ZONE)
        save_mapping(feed=feed, definition=definition, by=BY_ITSELF, at=at)
    return feed


def _check_known(message: str, keys: Iterable[str], known: Collection[str]) -> None:
    if unknown := [key for key in keys if key not in known]:
        listed = {"unknown": ", ".join(unknown), "known": ", ".join(sorted(known))}
        raise ValidationError(message % listed)


@transaction.atomic
def save_mapping(*, feed: Feed, definition: dict[str, Any], by: object, at: datetime) -> Mapping:
    """Add a version; the one in use stays where nothing changed. Raises ValidationError with every fault."""
    try:
        parse_mapping(definition)
    except MappingError as error:
        raise ValidationError([*error.faults]) from error
    Feed.objects.select_for_update().get(pk=feed.pk)
    newest = feed.mapping
    if newest and newest.definition == definition:
        return newest
    mapping = feed.mappings.create(
        version=newest.version + 1 if newest else 1,
        definition=definition,
        saved_at=at,
        saved_by=by if isinstance(by, Person) else None,
    )
    record("save_mapping", by=by, at=at, subject=feed, detail={"version": mapping.version})
    return mapping


@transaction.atomic
def mark_treatment_records(*, feed: Feed, by: object, at: datetime) -> None:
    """Show its records to others only with consent from now on (42 CFR Part 2). There is no way back on a page."""
    feed.is_part2 = True
    feed.save(update_fields=["is_part2"])
    record("mark_treatment_records", by=by, at=at, subject=feed)


def hand_over_file(
    *,
    feed: Feed,
    file: Iterable[bytes],
    file_name: str,
    by: object,
    at: datetime,
    door: str,
    intake_id: UUID | None = None,
) -> Intake:
    """Keep a file in the inbox, for a worker to receive; a crash leaves all of it there, noted down, or nothing.

    `file` comes in chunks: of an upload, a request's body, an open file. `by` is a person, or whatever the ledger
    takes. Raises ValidationError where the file is too large.
    """
    person = by if isinstance(by, Person) else None
    intake = Intake(
        id=intake_id or uuid4(),
        feed=feed,
        file_name=name_to_keep(file_name),
        handed_over_at=at,
        handed_over_by=person,
        handed_over_as="" if person else name_of(by),
        door=door,
    )
    with kept(file) as (intake.path, size), transaction.atomic():
        intake.save(force_insert=True)
        detail = {"feed": feed.key, "door": door, "bytes": size}
        record("hand_over_file", by=by, at=at, subject=intake, detail=detail)
    return intake


def receive_next(*, at: datetime) -> Intake | None:
    """Receive the file that has waited longest, unless another worker is at it."""
    for intake in Intake.objects.filter(finished_at=None).order_by("handed_over_at"):
        with _claimed(intake) as mine:
            if mine:
                return _receive_intake(intake, at=at)
    return None


@transaction.atomic
def try_again(*, intake: Intake, by: Person, at: datetime) -> None:
    """Put a refused file back in the queue, after its mapping was mended."""
    if not intake.file.exists():
        raise ValidationError(_("The file is gone. Hand it over again."))
    refused = Intake.objects.filter(pk=intake.pk).exclude(refusal="")
    if refused.update(finished_at=None, refusal="", share_read=0) == 1:
        record("try_file_again", by=by, at=at, subject=intake)


def discard_file(*, intake: Intake, by: Person, at: datetime) -> None:
    """Remove a refused file for good; the intake stays, to say that it came."""
    if not intake.refusal:
        raise ValidationError(_("Only a file that was refused can be discarded."))
    with transaction.atomic():
        record("discard_file", by=by, at=at, subject=intake)
    intake.file.unlink(missing_ok=True)


def read_quarantine(
    *, delivery: Delivery, by: Person, at: datetime, start: int = 0, count: int = 50
) -> list[Rejected]:
    """Some rows that were set aside: all of them for the provider's own people, else what a mapping needs.

    Others need an agreement on data quality (Refused is raised without one) and see values of codes and places
    only, since a value may be anything that stood in the file. The look is in the ledger either way.
    """
    feed = delivery.feed
    rows = islice(warehouse().quarantined(feed.key, str(delivery.pk)), start, start + count)
    if by.organization_id == feed.provider_id:
        record_read("read_own_quarantine", by=by, at=at, subject=delivery)
        return list(rows)
    grant_or_refuse(
        feed=feed.key,
        provider=feed.provider,
        reader=by.organization,
        purpose=Purpose.QUALITY,
        fields=["record_id"],
        by=by,
        at=at,
    )
    return [_for_others(row) for row in rows]


def _for_others(row: Rejected) -> Rejected:
    shown = row.value if row.reason in MENDED_BY_MAPPING else _("withheld")
    return replace(row, value=shown, raw={})


@contextmanager
def _claimed(intake: Intake) -> Iterator[bool]:
    """Whether the file is ours to receive: a lock that the operating system drops if the worker is killed."""
    try:
        with intake.file.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield Intake.objects.filter(pk=intake.pk, finished_at=None).exists()
    except (BlockingIOError, FileNotFoundError):
        yield False


def _receive_intake(intake: Intake, *, at: datetime) -> Intake:
    try:
        delivery, _is_new = receive_delivery(
            feed=intake.feed,
            path=intake.file,
            file_name=intake.file_name,
            by=intake.by,
            at=intake.handed_over_at,
            usable_at=at,
            door=intake.door,
            progress=_reporter(intake),
        )
    except (UnreadableFile, ValidationError) as fault:
        return _finish(intake, at=at, refusal=_sentence(fault))
    except Exception as fault:
        if passes_by(fault):
            raise
        # A file that the program fails on must not hold up all others behind it.
        logger.exception("The file of intake %s could not be received.", intake.pk)
        refusal = _("The program failed on this file; its log says why. Nothing of it was stored.")
        return _finish(intake, at=at, refusal=refusal)
    intake = _finish(intake, at=at, delivery=delivery)
    # The warehouse holds the original now; a refused file stays in the inbox, to be tried again.
    intake.file.unlink(missing_ok=True)
    return intake


def _reporter(intake: Intake) -> Progress:
    """Writes progress down about twenty times a file: pages poll it."""
    total = max(intake.file.stat().st_size, 1)
    written = 0.0

    def report(bytes_read: int) -> None:
        nonlocal written
        if bytes_read / total - written >= 0.05:
            written = bytes_read / total
            Intake.objects.filter(pk=intake.pk).update(share_read=written)

    return report


@transaction.atomic
def _finish(intake: Intake, *, at: datetime, delivery: Delivery | None = None, refusal: str = "") -> Intake:
    intake.finished_at, intake.delivery, intake.refusal = at, delivery, refusal
    intake.share_read = 1
    intake.save()
    if refusal:
        record("refuse_file", by=intake.by, at=at, subject=intake, detail={"feed": intake.feed.key})
    return intake


def _sentence(fault: UnreadableFile | ValidationError) -> str:
    return " ".join(fault.messages) if isinstance(fault, ValidationError) else str(fault)
