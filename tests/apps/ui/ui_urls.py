"""Only what the base page links to, so that its tests do not depend on the parts above it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from throughline.config import views


def page(request: HttpRequest, **_address: Any) -> HttpResponse:
    return render(request, "ui/today.html", {"panels": []})


def guarded(request: HttpRequest) -> HttpResponse:
    return page(request)


guarded.permission = "view_feeds"

NAMES = [
    "signals",
    "commitments",
    "agreements",
    "groups",
    "organizations",
    "people",
    "places",
    "publications",
]

urlpatterns = [
    path("", page, name="today"),
    path("feeds/", guarded, name="feeds"),
    path("responses/signals/<int:pk>/", page, name="signal"),
    path("people/<int:pk>/", page, name="person"),
    path("public/", page, name="public_home"),
    path("gallery/", include("throughline.ui.urls")),
    path("account/", include("allauth.urls")),
    path("language/", include("django.conf.urls.i18n")),
    *(path(f"{name}/", page, name=name) for name in NAMES),
]
handler404 = views.not_found
handler500 = views.failed
