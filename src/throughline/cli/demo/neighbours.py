"""Tells the simulated city's neighbour, who runs an installation of its own, the months of ambulance runs."""

from datetime import date, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils import timezone

from throughline.city.feeds import ems
from throughline.city.organizations import HEALTH_DEPARTMENT
from throughline.evidence.exchange.actions import make_exchange_key, register_neighbour, send_counts
from throughline.evidence.exchange.keys import public_key_of
from throughline.members.organizations.models import Organization
from throughline.signals.queries import backbone_holder

BY = "system:demo"
MONTHS = 3


def tell_neighbour(*, until: date) -> None:
    """The last whole months of the city's life, on the day after it."""
    at = timezone.make_aware(datetime.combine(until + timedelta(days=1), datetime.min.time()))
    last = (until + timedelta(days=1)).replace(day=1) - timedelta(days=1)
    make_exchange_key(by=BY, at=at)
    neighbour = register_neighbour(
        organization=Organization.objects.get(name=HEALTH_DEPARTMENT),
        public_key=public_key_of(Ed25519PrivateKey.generate()),
        by=BY,
        at=at,
    )
    send_counts(
        neighbour=neighbour,
        feed=ems.FEED.key,
        indicator="overdoses",
        first=last - timedelta(days=31 * (MONTHS - 1)),
        last=last,
        by=backbone_holder("analyst", on=timezone.localdate(at)),
        at=at,
    )
