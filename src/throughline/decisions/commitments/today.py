"""What of the promises belongs on Today."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from throughline.decisions.commitments.models import Commitment
from throughline.decisions.commitments.queries import (
    commitments_with_people,
    count_promises,
    manages_projects,
)
from throughline.members.access import Permission, allows
from throughline.ui.panels import Panel, panel

SHOWN = 8


@panel
def promises_of_yours(request: HttpRequest, at: datetime) -> Panel | None:
    """The overdue ones come first, since the list runs by due date."""
    mine = commitments_with_people().of(request.user).open()
    return _panel(_("What you promised"), mine, at, show="mine", urgency=2)


@panel
def overdue_promises(request: HttpRequest, at: datetime) -> Panel | None:
    """For those who follow everybody's promises."""
    on = timezone.localdate(at)
    if not manages_projects(request.user, on=on):
        return None
    overdue = commitments_with_people().overdue(on)
    return _panel(_("Overdue commitments"), overdue, at, show="overdue", urgency=3)


@panel
def promises_so_far(request: HttpRequest, at: datetime) -> Panel | None:
    """For everyone: whether the coalition does what it says."""
    if not allows(request, Permission.VIEW_COALITION):
        return None
    count = count_promises(Commitment.objects.all(), on=timezone.localdate(at))
    context = {"count": count}
    return Panel(_("The coalition's promises so far"), "commitments/promises_so_far.html", context, urgency=8)


def _panel(
    title: Any, promises: QuerySet[Commitment], at: datetime, *, show: str, urgency: int
) -> Panel | None:
    found = list(promises[: SHOWN + 1])
    context = {"commitments": found[:SHOWN], "more": len(found) > SHOWN, "show": show, "at": at}
    return Panel(title, "commitments/today.html", context, urgency) if found else None
