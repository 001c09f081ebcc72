"""The pages of places."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from throughline.members.access import Permission, requires
from throughline.members.places.models import Place
from throughline.members.places.queries import children_of, listed, path_to
from throughline.ui.sections import sections_for

PER_PAGE = 50


@requires(Permission.VIEW_COALITION)
def places(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    page = Paginator(listed(query), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "places/places.html", {"page_obj": page, "query": query})


@requires(Permission.VIEW_COALITION)
def place(request: HttpRequest, code: str) -> HttpResponse:
    shown = get_object_or_404(Place.objects.defer("boundary").select_related("parent__parent"), code=code)
    context = {
        "place": shown,
        "path": path_to(shown),
        "strata": shown.strata.order_by("dimension", "value"),
        "organizations": shown.organizations.all(),
        "page_obj": Paginator(children_of(shown), PER_PAGE).get_page(request.GET.get("page")),
        "sections": sections_for("place", request, shown, timezone.now()),
    }
    return render(request, "places/place.html", context)
