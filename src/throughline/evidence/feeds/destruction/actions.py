"""Destroys what came through a feed, so that a kill at any instant leaves it whole, or unreadable and soon gone."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from throughline.evidence.agreements.models import Destruction
from throughline.evidence.feeds.destruction.queries import Obligation, certificate_of, obligation_of
from throughline.evidence.feeds.models import Feed
from throughline.evidence.feeds.queries import warehouse
from throughline.evidence.feeds.taking_in import names_of, one_at_a_time
from throughline.ledger.actions import record
from throughline.members.accounts.models import Person
from throughline.warehouse.files import StoredFile, stored, sync


def destroy_feed_data(*, feed: Feed, by: Person, at: datetime) -> Destruction:
    """Destroy every file that came through a feed whose agreements have all ended. Receipts stay: they count only.

    1. One transaction notes down each file with its digest, and takes all deliveries out of every count.
    2. The files are unlinked: what each delivery brought, what was read of it, and what could not be read.
    3. The certificate is closed with the instant at which the last file was gone.
    Killed after 1, `finish_destructions` does the rest. Raises ValidationError while an agreement lasts, where
    nothing is left, for strangers to the agreement, and while a file of the feed is on its way in.
    """
    try:
        with one_at_a_time(feed, wait=False):
            destruction = _begin(feed, by=by, at=at)
    except BlockingIOError as busy:
        raise ValidationError(_("A file of this feed is being read. Try again in a minute.")) from busy
    certify_destruction(destruction=destruction, by=by, at=at)
    return destruction


def finish_destructions(*, by: object, at: datetime) -> None:
    """Do the rest of what was cut off."""
    for destruction in Destruction.objects.filter(finished_at=None):
        certify_destruction(destruction=destruction, by=by, at=at)


def certify_destruction(*, destruction: Destruction, by: object, at: datetime) -> None:
    """Delete what is left of it, and close its certificate; what came after its beginning is not touched."""
    feed = Feed.objects.get(key=destruction.feed)
    with one_at_a_time(feed):
        destruction.refresh_from_db()
        if destruction.finished_at:  # another worker was faster
            return
        warehouse().sweep(feed.key, known=names_of(feed.deliveries.kept()))
        for path in _unread(feed, destruction.begun_at):
            path.unlink(missing_ok=True)
        if settings.INBOX_DIR.exists():
            sync(settings.INBOX_DIR)
        _close(destruction, by=by, at=at)


@transaction.atomic
def _begin(feed: Feed, *, by: Person, at: datetime) -> Destruction:
    obligation = obligation_of(feed, timezone.localdate(at))
    _require_allowed(feed, obligation, by)
    files = [asdict(file) for file in (*warehouse().holdings(feed.key), *_unread_files(feed, at))]
    destruction = Destruction.objects.create(
        agreement=obligation.agreement, feed=feed.key, files=files, begun_at=at, begun_by=by
    )
    gone = feed.deliveries.kept()
    gone.standing().update(
        withdrawn_at=at,
        withdrawn_by=by,
        withdrawal_reason=_("Destroyed: its agreements have ended."),
        reread_due=False,
        reread_failed_at=None,
    )
    gone.update(destruction=destruction)
    detail = {"agreement": obligation.agreement.pk, "files": len(files), "bytes": destruction.bytes}
    record("destroy_feed_data", by=by, at=at, subject=f"feed:{feed.key}", detail=detail)
    return destruction


def _require_allowed(feed: Feed, obligation: Obligation | None, by: Person) -> None:
    if obligation is None:
        raise ValidationError(
            _("Nothing of this feed has to be destroyed: an agreement lasts, or it is gone.")
        )
    if not obligation.agreement.concerns(by):
        raise ValidationError(
            _("Only a party to the agreement can destroy what came under it, or the backbone.")
        )
    if feed.intakes.filter(finished_at=None).exists():
        raise ValidationError(_("A file of this feed waits to be read. Try again in a minute."))


@transaction.atomic
def _close(destruction: Destruction, *, by: object, at: datetime) -> None:
    destruction.finished_at, destruction.certificate = at, certificate_of(destruction, at)
    destruction.save(update_fields=["finished_at", "certificate"])
    detail = {"certificate": destruction.certificate_hash, "files": len(destruction.files)}
    record("certify_destruction", by=by, at=at, subject=destruction, detail=detail)


def _unread(feed: Feed, until: datetime) -> list[Path]:
    """Files in the inbox that could not be read and were kept there to be tried again."""
    refused = feed.intakes.filter(delivery=None, handed_over_at__lte=until).exclude(refusal="")
    return [intake.file for intake in refused if intake.file.is_file()]


def _unread_files(feed: Feed, until: datetime) -> list[StoredFile]:
    paths = set(_unread(feed, until))
    if not paths:
        return []
    inbox = settings.INBOX_DIR
    return [file for file in stored(inbox, inbox) if inbox / file.name in paths]
