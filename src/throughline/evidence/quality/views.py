"""The pages of a feed's quality: its scorecard, and the letter to print."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from throughline.evidence.feeds.models import Feed
from throughline.evidence.quality.letter import ANSWER_WITHIN, letter_about
from throughline.evidence.quality.periods import latest_period, period_named
from throughline.evidence.quality.scorecard import Scorecard, scorecard_of
from throughline.members.access import Permission, allows, requires


@requires(Permission.VIEW_FEEDS)
def quality(request: HttpRequest, key: str) -> HttpResponse:
    return _about(request, key, "quality/scorecard.html", _steps)


@requires(Permission.VIEW_FEEDS)
def quality_letter(request: HttpRequest, key: str) -> HttpResponse:
    return _about(request, key, "quality/letter.html", _letter)


def _about(
    request: HttpRequest,
    key: str,
    template: str,
    more: Callable[[HttpRequest, Scorecard, datetime], dict[str, Any]],
) -> HttpResponse:
    """A page about the month in the address, such as ?month=2026-02; else about the last one that is over."""
    feed, at = get_object_or_404(Feed.objects.select_related("provider", "steward"), key=key), timezone.now()
    period = period_named(request.GET.get("month", ""), at) or latest_period(feed, at)
    if period is None:
        return render(request, "quality/nothing_yet.html", {"feed": feed})
    card = scorecard_of(feed, period, by=request.user, at=at)
    return render(request, template, {"feed": feed, "card": card, **more(request, card, at)})


def _steps(_request: HttpRequest, card: Scorecard, at: datetime) -> dict[str, Any]:
    return {
        "is_last": card.period.later.starts_on > timezone.localdate(at),
        "look_by": timezone.localdate(at) + ANSWER_WITHIN,
    }


def _letter(request: HttpRequest, card: Scorecard, at: datetime) -> dict[str, Any]:
    with_rows = allows(request, Permission.VIEW_QUARANTINE)
    return {"letter": letter_about(card, by=request.user, at=at, with_rows=with_rows)}
