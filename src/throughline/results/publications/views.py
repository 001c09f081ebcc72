"""Pages of publications: the register, one version's manifest, and publishing after a preview."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from throughline.members.access import Permission, allows, requires
from throughline.results.evaluation.models import Effect
from throughline.results.publications import actions, folder
from throughline.results.publications.drafts import draft_page
from throughline.results.publications.forms import PublicationForm
from throughline.results.publications.models import Publication
from throughline.results.publications.showing import page_context


@requires(Permission.VIEW_COALITION)
def publications(request: HttpRequest) -> HttpResponse:
    rows = Publication.objects.select_related("published_by", "effect")
    page_obj = Paginator(rows, 50).get_page(request.GET.get("page"))
    return render(
        request,
        "publications/publications.html",
        {"page_obj": page_obj, "may_publish": allows(request, Permission.PUBLISH)},
    )


@requires(Permission.VIEW_COALITION)
def publication(request: HttpRequest, pk: int) -> HttpResponse:
    chosen = get_object_or_404(Publication.objects.select_related("published_by", "effect"), pk=pk)
    context: dict[str, Any] = {"publication": chosen}
    try:
        manifest = folder.read_manifest(chosen.slug, chosen.version, manifest_sha256=chosen.manifest_sha256)
        context |= {"manifest": manifest, "manifest_text": json.dumps(manifest, ensure_ascii=False, indent=2)}
    except folder.Unreadable as error:
        context["unreadable"] = str(error)
    context["faults"] = folder.faults_of(chosen.slug, chosen.version, chosen.manifest_sha256)
    return render(request, "publications/publication.html", context)


@requires(Permission.PUBLISH)
def publish(request: HttpRequest, effect_pk: int) -> HttpResponse:
    """First the words, then a look at exactly what would be released, then the release."""
    effect = get_object_or_404(Effect.objects.select_related("response__signal"), pk=effect_pk)
    form = PublicationForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "effect": effect}
    if form.is_valid():
        words = {"effect": effect, "by": request.user, "at": timezone.now(), **form.cleaned_data}
        try:
            if "publish" in request.POST:
                return redirect("publication", actions.publish_effect(**words).pk)
            context |= page_context(draft_page(**words).page)
        except ValidationError as error:
            form.add_error(None, error)
    return render(request, "publications/publish.html", context)
