"""The page of a feed's clocks: when files should come, how large they are, how late events are."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from throughline.evidence.feeds.clocks.actions import promise_rhythm
from throughline.evidence.feeds.clocks.as_of import AsOf
from throughline.evidence.feeds.clocks.charts import size_chart
from throughline.evidence.feeds.clocks.forms import PromiseForm
from throughline.evidence.feeds.clocks.queries import clock_of
from throughline.evidence.feeds.clocks.timeliness import month_chart, read_lateness, share_chart
from throughline.evidence.feeds.models import Feed
from throughline.members.access import Permission, requires
from throughline.policy.sharing import Refused


@requires(Permission.VIEW_FEEDS)
def feed_clocks(request: HttpRequest, key: str) -> HttpResponse:
    found = get_object_or_404(Feed.objects.select_related("provider"), key=key)
    return _page(request, found, PromiseForm(initial={"days": found.expected_every_days}))


@require_POST
@requires(Permission.MANAGE_FEEDS)
def feed_promise(request: HttpRequest, key: str) -> HttpResponse:
    found = get_object_or_404(Feed.objects.select_related("provider"), key=key)
    form = PromiseForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=400)
    promise_rhythm(feed=found, **form.cleaned_data, by=request.user, at=timezone.now())
    messages.success(request, _("Noted."))
    return redirect("feed_clocks", key)


def _page(request: HttpRequest, found: Feed, form: PromiseForm, status: int = 200) -> HttpResponse:
    as_of = AsOf.of(request, now=timezone.now())
    clock = clock_of(found, as_of.at)
    context = {
        "feed": found,
        "clock": clock,
        "size_chart": size_chart(clock) if clock.arrivals else None,
        "promise_form": form,
        "as_of": as_of,
        **_lateness(request, found, as_of),
    }
    return render(request, "feeds/clocks.html", context, status=status)


def _lateness(request: HttpRequest, found: Feed, as_of: AsOf) -> dict[str, Any]:
    """How late events are, or the sentence that says why it can't be told."""
    try:
        lateness = read_lateness(feed=found, by=request.user, at=timezone.now(), as_of=as_of.at)
    except Refused as refused:
        return {"refusal": refused.refusal}
    if lateness is None:
        return {}
    return {
        "lateness": lateness,
        "share_chart": share_chart(lateness),
        "month_chart": month_chart(lateness),
    }
