"""What feeds put on the Today page."""

from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _

from throughline.evidence.feeds.clocks.queries import clocks_of
from throughline.evidence.feeds.models import Feed
from throughline.members.access import Permission, allows
from throughline.ui.panels import Panel, panel


@panel
def silent_feeds(request: HttpRequest, at: datetime) -> Panel | None:
    if not allows(request, Permission.VIEW_FEEDS):
        return None
    clocks = clocks_of(Feed.objects.select_related("steward"), at)
    waiting = sorted((clock for clock in clocks if clock.is_late), key=lambda clock: not clock.is_silent)
    if not waiting:
        return None
    return Panel(_("Late and silent feeds"), "feeds/_silent.html", {"clocks": waiting}, urgency=4)
