"""The page that says what an organization could read of a feed, and which sentence forbids the rest."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from throughline.evidence.feeds.access.forms import AccessForm
from throughline.members.access import Permission, requires
from throughline.policy.sharing import OWN


@requires(Permission.VIEW_AGREEMENTS)
def access(request: HttpRequest) -> HttpResponse:
    """It opens nothing, and so leaves no entry in the ledger."""
    begun = {"organization", "purpose"} & request.GET.keys()
    form = AccessForm(request.GET) if begun else AccessForm(initial=request.GET.dict())
    answer = form.access(today=timezone.localdate()) if form.is_valid() else None
    return render(request, "feeds/access.html", {"form": form, "access": answer, "own": OWN})
