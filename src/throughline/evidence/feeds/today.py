"""What feeds put on the Today page."""

from datetime import datetime

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from throughline.evidence.feeds.clocks.queries import clocks_of
from throughline.evidence.feeds.doors.mllp.queries import kept_aside
from throughline.evidence.feeds.models import Delivery, Feed, FeedToken
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


@panel
def unreadable_files(request: HttpRequest, at: datetime) -> Panel | None:
    """For those who can put a lost file back, withdraw it, or send it again."""
    if not allows(request, Permission.VIEW_FEEDS):
        return None
    found = Delivery.objects.unreadable().select_related("feed")
    deliveries = [one for one in found if may_deliver(request.user, one.feed)]
    if not deliveries:
        return None
    return Panel(
        _("Files that can't be read again"), "feeds/_unreadable.html", {"deliveries": deliveries}, urgency=4
    )


@panel
def ending_tokens(request: HttpRequest, at: datetime) -> Panel | None:
    """For those who may make the next one, from 30 days before until the old one is revoked."""
    if not allows(request, Permission.VIEW_FEEDS):
        return None
    own = Q() if allows(request, Permission.MANAGE_FEEDS) else Q(feed__steward=request.user)
    today = timezone.localdate(at)
    tokens = FeedToken.objects.ending(today).filter(own).select_related("feed")
    if not tokens:
        return None
    context = {"tokens": tokens, "today": today}
    return Panel(_("Tokens that end soon"), "feeds/_ending_tokens.html", context, urgency=3)
