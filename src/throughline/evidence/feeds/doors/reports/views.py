"""The pages on which one overdose is reported, and on which its reporter corrects or takes back the report."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from throughline.evidence.feeds.actions import hand_over_file
from throughline.evidence.feeds.doors.reports.forms import ReportForm
from throughline.evidence.feeds.doors.reports.own import answers_of, own_reports
from throughline.evidence.feeds.doors.reports.table import (
    can_be_taken_back,
    file_name,
    table_of,
    takes_reports,
)
from throughline.evidence.feeds.models import Door, Feed
from throughline.evidence.feeds.queries import may_deliver
from throughline.members.access import Permission, requires


@requires(Permission.DELIVER_FILES)
def report(request: HttpRequest, key: str) -> HttpResponse:
    feed = _find_feed(request, key)
    at = timezone.now()
    form = ReportForm(request.POST or None, now=at)
    if form.is_valid():
        return _hand_over(request, feed, form.report(), file_name(at), at)
    context = {"feed": feed, "form": form, "own": own_reports(feed, request.user)}
    return render(request, "feeds/report.html", context)


@requires(Permission.DELIVER_FILES)
def own_report(request: HttpRequest, key: str, pk: UUID) -> HttpResponse:
    """A report of one's own: sent again under its id, the new answers count, or none does; the old ones are kept."""
    feed = _find_feed(request, key)
    sent = next((one for one in own_reports(feed, request.user) if one.pk == pk), None)
    if sent is None:
        raise Http404
    at, answers = timezone.now(), answers_of(sent)
    may_take_back = can_be_taken_back(feed)
    if may_take_back and "take_back" in request.POST:
        return _hand_over(request, feed, answers | {"taken_back": "yes"}, sent.file_name, at)
    form = ReportForm(request.POST or None, now=at, initial=answers)
    if form.is_valid():
        corrected = form.report() | {"entry_id": answers["entry_id"]}
        return _hand_over(request, feed, corrected, sent.file_name, at)
    context = {
        "feed": feed,
        "form": form,
        "sent": sent,
        "is_taken_back": answers.get("taken_back") == "yes",
        "may_take_back": may_take_back,
    }
    return render(request, "feeds/own_report.html", context)


def _find_feed(request: HttpRequest, key: str) -> Feed:
    feed = get_object_or_404(Feed, key=key)
    if not may_deliver(request.user, feed):
        raise PermissionDenied
    if not takes_reports(feed):
        raise Http404
    return feed


def _hand_over(
    request: HttpRequest, feed: Feed, answers: dict[str, object], name: str, at: datetime
) -> HttpResponse:
    intake = hand_over_file(
        feed=feed, file=[table_of(answers, at=at)], file_name=name, by=request.user, at=at, door=Door.FORM
    )
    return redirect("intake", pk=intake.pk)
