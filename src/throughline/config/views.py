"""The pages that belong to no single part: Today, and what is shown when something is wrong."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from throughline.members.access import Permission, anonymous, requires
from throughline.ui.panels import panels_for


@requires(Permission.VIEW_COALITION)
def today(request: HttpRequest) -> HttpResponse:
    return render(request, "ui/today.html", {"panels": panels_for(request, timezone.now())})


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "ui/403.html", status=403)


@anonymous
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "ui/404.html", status=404)


def failed(request: HttpRequest) -> HttpResponse:
    return render(request, "ui/500.html", status=500)
