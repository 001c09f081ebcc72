"""Says in words how a signal stands and how much time is left."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from throughline.signals.models import Signal

DAY = timedelta(days=1)
WEEK = timedelta(days=7)  # hours matter to nobody any more


@dataclass(frozen=True)
class Standing:
    label: str
    tone: str  # of ui's status tag


def time_left(due_at: datetime, at: datetime) -> str:
    """Such as "3 h 12 min left", "2 d 5 h left" or "40 min late"."""
    left = due_at - at
    words = _("%(span)s left") if left >= timedelta() else _("%(span)s late")
    return words % {"span": _span(abs(left))}


def standing(signal: Signal, at: datetime) -> Standing:
    if signal.closed_at:
        return Standing(signal.get_verdict_display(), "good" if signal.verdict == "worked" else "neutral")
    if signal.over_at:
        return Standing(_("Over"), "neutral")
    if signal.acknowledged_at:
        return Standing(_("Being answered"), "neutral")
    if signal.due_at < at:
        return Standing(_("Late"), "bad")
    return Standing(_("Waiting"), "warning")


def _span(span: timedelta) -> str:
    hours, minutes = divmod(span.seconds // 60, 60)
    if span >= WEEK:
        return ngettext("%(days)d day", "%(days)d days", span.days) % {"days": span.days}
    if span >= DAY:
        return _("%(days)d d %(hours)d h") % {"days": span.days, "hours": hours}
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    return _("%(minutes)d min") % {"minutes": minutes}
