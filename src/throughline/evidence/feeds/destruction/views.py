"""Pages on what must be destroyed, and the certificates of what was."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from throughline.evidence.agreements.models import Destruction
from throughline.evidence.feeds.destruction.actions import destroy_feed_data
from throughline.evidence.feeds.destruction.forms import DestructionForm
from throughline.evidence.feeds.destruction.queries import obligations
from throughline.evidence.feeds.models import Feed
from throughline.members.access import Permission, requires


@requires(Permission.VIEW_AGREEMENTS)
def destructions(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
@requires(Permission.MANAGE_AGREEMENTS)
def destroy(request: HttpRequest, key: str) -> HttpResponse:
    feed, form = get_object_or_404(Feed, key=key), DestructionForm(request.POST)
    if not form.is_valid():
        return _page(request, faults=form.errors["confirmed"])
    try:
        destroyed = destroy_feed_data(feed=feed, by=request.user, at=timezone.now())
    except ValidationError as fault:
        return _page(request, faults=fault.messages)
    return redirect("destruction", pk=destroyed.pk)


@requires(Permission.VIEW_AGREEMENTS)
def destruction(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Destruction.objects.select_related("agreement", "begun_by"), pk=pk)
    return render(request, "feeds/destruction.html", {"destruction": found})


@requires(Permission.VIEW_AGREEMENTS)
def certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """The bytes that the certificate's hash is of."""
    found = get_object_or_404(Destruction.objects.exclude(finished_at=None), pk=pk)
    return HttpResponse(
        found.certificate.encode(),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="destruction-{pk}.json"'},
    )


def _page(request: HttpRequest, faults: list[str] | None = None) -> HttpResponse:
    today = timezone.localdate()
    context = {
        "today": today,
        "obligations": obligations(today),
        "destructions": Destruction.objects.select_related("agreement"),
        "faults": faults,
    }
    return render(request, "feeds/destructions.html", context, status=400 if faults else 200)
