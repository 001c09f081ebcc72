"""What feeds add to pages: messages turned down, files that can't be read again, and evidence withdrawn since."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from throughline.evidence.feeds.doors.mllp.queries import kept_aside
from throughline.evidence.feeds.models import Delivery, DeliveryQuerySet, Feed
from throughline.evidence.feeds.queries import may_deliver
from throughline.signals.models import Signal
from throughline.ui.sections import Section, section


@section("feed")
def turned_down(request: Any, feed: Feed, at: datetime) -> Section | None:
    """Messages that a hospital's interface has to mend: why, and how many, for those who see refused files."""
    aside = kept_aside(feed) if may_deliver(request.user, feed) else []
    if not aside:
        return None
    return Section(
        _("Messages turned down"), "feeds/_kept_aside.html", {"feed": feed, "aside": aside}, order=0
    )


@section("feed")
def unreadable(request: Any, feed: Feed, at: datetime) -> Section | None:
    deliveries = feed.deliveries.unreadable().select_related("feed")
    if not deliveries:
        return None
    return Section(_("Can't be read again"), "feeds/_unreadable.html", {"deliveries": deliveries}, order=0)


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
