"""Addresses for programs: hand a file over, and ask what became of it."""

from collections.abc import Iterable
from datetime import datetime

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from throughline.evidence.feeds.actions import hand_over_file
from throughline.evidence.feeds.doors.api.access import by_token
from throughline.evidence.feeds.doors.api.answers import fault, handed_over, state_of
from throughline.evidence.feeds.doors.api.body import file_in
from throughline.evidence.feeds.doors.api.report import report_in
from throughline.evidence.feeds.doors.reports.table import file_name, table_of, takes_reports
from throughline.evidence.feeds.doors.tokens import sends_too_much
from throughline.evidence.feeds.models import Door, FeedToken, Intake


@by_token("POST")
def deliveries(request: HttpRequest, token: FeedToken) -> HttpResponse:
    """Hand a file over; it is received by the worker, once, however often it is sent."""
    at = timezone.now()
    return _turned_away(token, at) or _hand_over(request, token, *file_in(request), at=at)


@by_token("POST")
def reports(request: HttpRequest, token: FeedToken) -> HttpResponse:
    """Report one overdose as JSON, with the same answers as on the form."""
    at = timezone.now()
    if turned_away := _turned_away(token, at):
        return turned_away
    if not takes_reports(token.feed):
        return fault(409, _("This feed's mapping reads other columns than those of a report."))
    return _hand_over(request, token, file_name(at), [table_of(report_in(request, now=at), at=at)], at=at)


@by_token("GET")
def delivery(request: HttpRequest, token: FeedToken, pk: str) -> HttpResponse:
    """What became of a file of this feed, whichever door it came through."""
    intake = Intake.objects.filter(feed=token.feed, pk=pk).select_related("delivery__mapping").first()
    if intake is None:
        return fault(404, _("No file of this feed has this id."))
    return JsonResponse(state_of(intake))


def _turned_away(token: FeedToken, at: datetime) -> HttpResponse | None:
    if sends_too_much(token, at=at):
        return fault(429, _("Too many files within a minute. Wait a minute."), **{"Retry-After": "60"})
    if token.feed.mapping is None:
        return fault(409, _("This feed has no mapping yet, so that no file of it can be read."))
    return None


def _hand_over(
    request: HttpRequest, token: FeedToken, name: str, content: Iterable[bytes], *, at: datetime
) -> HttpResponse:
    intake = hand_over_file(feed=token.feed, file=content, file_name=name, by=token, at=at, door=Door.API)
    return handed_over(request, intake)
