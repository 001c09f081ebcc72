"""Withdraws deliveries, and reads again what had repeated them."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from throughline.evidence.feeds.models import Delivery, DeliveryQuerySet, Door
from throughline.evidence.feeds.readings import leaning_on
from throughline.evidence.feeds.rereading import BY, read_again
from throughline.evidence.feeds.taking_in import one_at_a_time
from throughline.ledger.actions import record
from throughline.members.accounts.models import Person


def withdraw_delivery(*, delivery: Delivery, reason: str, by: Person, at: datetime) -> None:
    """From now on its events, and those of its replays, don't count; what was known before stays as it was known.

    Files are read again where they had repeated, or built on, what it said. The same file can be received
    anew. Raises ValidationError without a reason, for what was withdrawn already, for a file's rereading, and
    while a file of the feed is being taken in: that one may be repeating this one.
    """
    if not reason.strip():
        raise ValidationError(_("Say why, for those who look at the numbers later."))
    if delivery.door == Door.REREAD:
        raise ValidationError(_("This is part of an earlier delivery. Withdraw that one."))
    try:
        with one_at_a_time(delivery.feed, wait=False):
            _withdraw(delivery, reason.strip(), by=by, at=at)
    except BlockingIOError as busy:
        raise ValidationError(_("A file of this feed is being read. Try again in a minute.")) from busy


@transaction.atomic
def _withdraw(delivery: Delivery, reason: str, *, by: Person, at: datetime) -> None:
    gone = list(_with_what_came_of_it(delivery).values_list("pk", flat=True))
    if delivery.pk not in gone:
        raise ValidationError(_("This delivery was withdrawn already."))
    Delivery.objects.filter(pk__in=gone).update(
        withdrawn_at=at,
        withdrawn_by=by,
        withdrawal_reason=reason,
        reread_due=False,
        reread_failed_at=None,
    )
    leaning = leaning_on(delivery.feed, delivery.received_at).update(reread_due=True)
    detail = {"feed": delivery.feed.key, "reason": reason, "receipts": len(gone), "reread": leaning}
    record("withdraw_delivery", by=by, at=at, subject=delivery, detail=detail)


def reread_next(*, at: datetime) -> Delivery | None:
    """Read the earliest of the files again that a withdrawal leaves to be read, unless there is none."""
    first = Delivery.objects.due(at).select_related("feed", "mapping", "replay_of").first()
    return read_again(first, by=BY, at=at) if first else None


def _with_what_came_of_it(delivery: Delivery) -> DeliveryQuerySet:
    """It, what was read again of it, what had waited for its records, and what was read again of these."""
    came = Q(pk=delivery.pk) | Q(replay_of=delivery) | Q(waited_for=delivery)
    of_these = Q(replay_of__replay_of=delivery) | Q(replay_of__waited_for=delivery)
    of_its_readings = Q(waited_for__replay_of=delivery) | Q(replay_of__waited_for__replay_of=delivery)
    return Delivery.objects.standing().filter(came | of_these | of_its_readings)
