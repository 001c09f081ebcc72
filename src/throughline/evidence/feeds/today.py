"""What feeds put on the Today page."""

from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _

from throughline.evidence.feeds.clocks.queries import clocks_of
from throughline.evidence.feeds.doors.mllp.queries import kept_aside
from throughline.evidence.feeds.models import Feed
from throughline.evidence.feeds.queries import may_deliver
from throughline.formats import hl7
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


@panel
def turned_down_messages(request: HttpRequest, at: datetime) -> Panel | None:
    """For those whose business the feeds are: their interface engines have something to mend."""
    if not allows(request, Permission.DELIVER_FILES):
        return None
    feeds = [feed for feed in Feed.objects.filter(format=hl7.KEY) if may_deliver(request.user, feed)]
    aside = [(feed, kept) for feed in feeds if (kept := kept_aside(feed))]
    if not aside:
        return None
    return Panel(_("Messages turned down"), "feeds/_turned_down.html", {"lines": aside}, urgency=4)
