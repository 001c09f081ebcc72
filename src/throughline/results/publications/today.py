"""What of the publications belongs on Today."""

from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from throughline.members.access import Permission, allows
from throughline.results.publications.models import Publication
from throughline.ui.panels import Panel, panel

SHOWN = 5


@panel
def published_lately(request: HttpRequest, at: datetime) -> Panel | None:
    """For everyone: what came of it, successes and failures alike."""
    if not allows(request, Permission.VIEW_COALITION):
        return None
    publications = Publication.objects.select_related("effect")[:SHOWN]
    if not publications:
        return None
    return Panel(_("What came of it"), "publications/today.html", {"publications": publications}, urgency=9)
