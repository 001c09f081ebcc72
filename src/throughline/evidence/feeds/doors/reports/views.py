"""The page on which one overdose is reported."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from throughline.evidence.feeds.actions import hand_over_file
from throughline.evidence.feeds.doors.reports.forms import ReportForm
from throughline.evidence.feeds.doors.reports.table import file_name, table_of, takes_reports
from throughline.evidence.feeds.models import Door, Feed
from throughline.evidence.feeds.queries import may_deliver
from throughline.members.access import Permission, requires


@requires(Permission.DELIVER_FILES)
def report(request: HttpRequest, key: str) -> HttpResponse:
    feed = get_object_or_404(Feed, key=key)
    if not may_deliver(request.user, feed):
        raise PermissionDenied
    if not takes_reports(feed):
        raise Http404
    at = timezone.now()
    form = ReportForm(request.POST or None, now=at)
    if form.is_valid():
        intake = hand_over_file(
            feed=feed,
            file=[table_of(form.report())],
            file_name=file_name(at),
            by=request.user,
            at=at,
            door=Door.FORM,
        )
        return redirect("intake", pk=intake.pk)
    return render(request, "feeds/report.html", {"feed": feed, "form": form})
