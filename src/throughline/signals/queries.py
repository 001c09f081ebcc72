"""Which signals wait, for whom, and who may answer them."""

from datetime import date, datetime

from django.db.models import Q

from throughline.members.access import Permission, permissions_of
from throughline.members.accounts.models import Person
from throughline.members.groups.models import Seat
from throughline.signals.models import Signal, SignalQuerySet


def backbone_holder(role: str, *, on: date) -> Person | None:
    """Who holds the backbone's seat of that role on that day."""
    seats = Seat.objects.filled(on).filter(group__kind="backbone", role=role).select_related("holder")
    seat = seats.order_by("pk").first()
    return seat.holder if seat else None


def signals_late_first(at: datetime) -> SignalQuerySet:
    """All signals with their owners: late, then open, then over or closed; the newest first in each."""
    is_done = Q(closed_at__isnull=False) | Q(over_at__isnull=False)
    late = Q(acknowledged_at__isnull=True, due_at__lt=at) & ~is_done
    return (
        Signal.objects.select_related("owner")
        .annotate(is_late=late, is_done=is_done)
        .order_by("-is_late", "is_done", "-raised_at", "-pk")
    )


def may_answer(person: Person, signal: Signal, *, on: date) -> bool:
    """The owner may act on a signal, and whoever sits in a seat that answers signals."""
    return signal.owner_id == person.pk or Permission.ANSWER_SIGNALS in permissions_of(person, on=on)
