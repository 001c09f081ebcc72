"""The pages that belong to no single part: Today, and what is shown when something is wrong."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from throughline.evidence.feeds.doors.api.answers import fault
from throughline.members.access import Permission, anonymous, requires
from throughline.ui.panels import panels_for


@requires(Permission.VIEW_COALITION)
def today(request: HttpRequest) -> HttpResponse:
    return render(request, "ui/today.html", {"panels": panels_for(request, timezone.now())})


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "ui/403.html", status=403)


@anonymous
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if _is_for_a_program(request):
        return fault(404, _("There is nothing at this address."))
    return render(request, "ui/404.html", status=404)


def failed(request: HttpRequest) -> HttpResponse:
    if _is_for_a_program(request):
        sentence = _("Something went wrong here, and was noted in the log. Send it again in a few minutes.")
        return fault(500, sentence)
    return render(request, "ui/500.html", status=500)


def _is_for_a_program(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")
