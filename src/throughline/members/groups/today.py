"""What Today says about seats."""

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from throughline.members.access import Permission, allows
from throughline.members.groups.models import Seat
from throughline.ui.panels import Panel, panel


@panel
def seats_to_fill(request: HttpRequest, at: datetime) -> Panel | None:
    """For whoever fills seats: how many stand empty or have no deputy."""
    if not allows(request, Permission.MANAGE_MEMBERS):
        return None
    on = timezone.localdate(at)
    empty, alone = Seat.objects.empty(on).count(), Seat.objects.without_deputy(on).count()
    if not (empty or alone):
        return None
    context = {"empty": empty, "without_deputy": alone}
    return Panel(_("Seats to fill"), "groups/today_seats.html", context, urgency=7)
