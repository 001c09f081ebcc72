"""The pages of a feed's quality: its scorecard, and the letter to print."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from throughline.evidence.feeds.models import Feed
from throughline.evidence.quality.letter import ANSWER_WITHIN, letter_about
from throughline.evidence.quality.periods import Period, latest_period, period_named
from throughline.evidence.quality.scorecard import scorecard_of
from throughline.members.access import Permission, allows, requires


@requires(Permission.VIEW_FEEDS)
def quality(request: HttpRequest, key: str) -> HttpResponse:
    feed, at = _feed(key), timezone.now()
    period = _period(request, feed)
    if period is None:
        return render(request, "quality/nothing_yet.html", {"feed": feed})
    context = {
        "feed": feed,
        "card": scorecard_of(feed, period, by=request.user, at=at),
        "is_latest": period == latest_period(feed, at),
        "look_by": timezone.localdate(at) + ANSWER_WITHIN,
    }
    return render(request, "quality/scorecard.html", context)


@requires(Permission.VIEW_FEEDS)
def quality_letter(request: HttpRequest, key: str) -> HttpResponse:
    feed, at = _feed(key), timezone.now()
    period = _period(request, feed)
    if period is None:
        return render(request, "quality/nothing_yet.html", {"feed": feed})
    card = scorecard_of(feed, period, by=request.user, at=at)
    with_rows = allows(request, Permission.VIEW_QUARANTINE)
    letter = letter_about(card, by=request.user, at=at, with_rows=with_rows)
    return render(request, "quality/letter.html", {"feed": feed, "card": card, "letter": letter})


def _feed(key: str) -> Feed:
    return get_object_or_404(Feed.objects.select_related("provider", "steward"), key=key)


def _period(request: HttpRequest, feed: Feed) -> Period | None:
    """The month in the address, such as ?month=2026-02; else the last one that is over."""
    return period_named(request.GET.get("month", "")) or latest_period(feed, timezone.now())
