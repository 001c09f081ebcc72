"""What feeds put on the Today page."""

from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _

from throughline.evidence.feeds.queries import feed_lines
from throughline.members.access import Permission, allows
from throughline.ui.panels import Panel, panel


@panel
def silent_feeds(request: HttpRequest, at: datetime) -> Panel | None:
    if not allows(request, Permission.VIEW_FEEDS):
        return None
    silent = [line for line in feed_lines(at) if line.is_silent]
    if not silent:
        return None
    return Panel(_("Silent feeds"), "feeds/_silent.html", {"lines": silent}, urgency=4)
