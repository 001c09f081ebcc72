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
    """All signals with their owners: late ones, then open ones, then closed ones, the newest first in each."""
    late = Q(acknowledged_at__isnull=True, closed_at__isnull=True, due_at__lt=at)
    return (
        Signal.objects.select_related("owner")
        .annotate(is_late=late, is_closed=Q(closed_at__isnull=False))
        .order_by("-is_late", "is_closed", "-raised_at", "-pk")
    )


def may_answer(person: Person, signal: Signal, *, on: date) -> bool:
    """The owner may act on a signal, and whoever sits in a seat that answers signals."""
    return signal.owner_id == person.pk or Permission.ANSWER_SIGNALS in permissions_of(person, on=on)
