"""What feeds add to a signal's page: that what it rests on was withdrawn since."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from throughline.evidence.feeds.models import Delivery, DeliveryQuerySet
from throughline.signals.models import Signal
from throughline.ui.sections import Section, section


@section("signal")
def withdrawn_since(request: Any, signal: Signal, at: datetime) -> Section | None:
    withdrawn = withdrawn_evidence(signal, at=at)
    if not withdrawn:
        return None
    return Section(_("Withdrawn since"), "feeds/_withdrawn_evidence.html", {"deliveries": withdrawn}, order=1)


def withdrawn_evidence(signal: Signal, *, at: datetime) -> DeliveryQuerySet:
    """Deliveries that counted when the signal was raised, tell of its days, and were withdrawn by `at`."""
    counted_at = parse_datetime(signal.evidence.get("as_of") or "") or signal.raised_at
    of_its_days = Q()
    if signal.begins_on and signal.ends_on:
        of_its_days = Q(last_occurred_at__date__gte=signal.begins_on) & Q(
            first_occurred_at__date__lte=signal.ends_on
        )
    counted = Delivery.objects.filter(feed__key__in=signal.evidence.get("feeds", [])).usable_by(counted_at)
    return counted.filter(of_its_days, withdrawn_at__lte=at)
