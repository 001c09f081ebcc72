"""The list of signals."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from throughline.members.access import Permission, requires
from throughline.signals.forms import SignalFilter

PER_PAGE = 50


@requires(Permission.VIEW_SIGNALS)
def signals(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    chosen = SignalFilter(request.GET)
    page = Paginator(chosen.signals(request.user, at), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "signals/signals.html", {"page_obj": page, "chosen": chosen, "at": at})
