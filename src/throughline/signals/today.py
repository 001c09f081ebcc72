"""What of the signals belongs on Today."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from throughline.members.access import Permission, allows
from throughline.signals.models import SignalQuerySet
from throughline.signals.queries import signals_late_first
from throughline.ui.panels import Panel, panel

SHOWN = 8


@panel
def signals_that_wait_for_you(request: HttpRequest, at: datetime) -> Panel | None:
    if not allows(request, Permission.VIEW_SIGNALS):
        return None
    mine = signals_late_first(at).waiting().owned_by(request.user)
    return _panel(_("Signals that wait for you"), mine, at, show="mine", urgency=0)


@panel
def signals_nobody_owns(request: HttpRequest, at: datetime) -> Panel | None:
    if not allows(request, Permission.ANSWER_SIGNALS):
        return None
    unowned = signals_late_first(at).waiting().filter(owner__isnull=True)
    return _panel(_("Signals nobody owns"), unowned, at, show="unowned", urgency=1)


@panel
def signals_nobody_took(request: HttpRequest, at: datetime) -> Panel | None:
    """For those who run the response: what others own and have not acknowledged."""
    if not allows(request, Permission.RUN_DETECTION):
        return None
    waiting = signals_late_first(at).unacknowledged().exclude(owner=None).exclude(owner=request.user)
    return _panel(_("Signals that wait for others"), waiting, at, show="all", urgency=2)


def _panel(title: Any, signals: SignalQuerySet, at: datetime, *, show: str, urgency: int) -> Panel | None:
    found = list(signals[: SHOWN + 1])
    context = {"signals": found[:SHOWN], "more": len(found) > SHOWN, "show": show, "at": at}
    return Panel(title, "signals/today.html", context, urgency) if found else None
