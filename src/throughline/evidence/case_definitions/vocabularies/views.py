"""Pages of the code lists that definitions name: which are in force, and what a newer one would do."""

import csv
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from throughline.evidence.case_definitions.actions import adopt_vocabulary
from throughline.evidence.case_definitions.forms import PreviewedVocabularyForm, VocabularyForm
from throughline.evidence.case_definitions.preview import vocabulary_changes
from throughline.evidence.case_definitions.queries import definitions_with, vocabulary_lines
from throughline.evidence.case_definitions.vocabularies.queries import (
    VocabularyEdition,
    proposed_vocabulary,
    vocabulary_editions,
)
from throughline.members.access import Permission, requires

ROWS = 100  # on a page


@requires(Permission.VIEW_FEEDS)
def vocabularies(request: HttpRequest) -> HttpResponse:
    return render(
        request, "case_definitions/vocabularies.html", {"lines": vocabulary_lines(at=timezone.now())}
    )


@requires(Permission.VIEW_FEEDS)
def vocabulary(request: HttpRequest, key: str) -> HttpResponse:
    """The list in force with its rows, its versions, and the definitions that name it."""
    editions = _editions(key)
    listed = editions[0].vocabulary
    page = Paginator(listed.rows, ROWS).get_page(request.GET.get("page"))
    context = {
        "edition": editions[0],
        "editions": editions,
        "definitions": [edition.definition for edition in definitions_with(key, at=timezone.now())],
        "page_obj": page,
        "rows": [[(column, row[column]) for column in listed.columns] for row in page],
    }
    return render(request, "case_definitions/vocabulary.html", context)


@requires(Permission.VIEW_FEEDS)
def vocabulary_file(request: HttpRequest, key: str) -> HttpResponse:
    """The list in force as the CSV that a newer one has to be like."""
    listed = _editions(key)[0].vocabulary
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{key}.csv"'},
    )
    writer = csv.DictWriter(response, listed.columns)
    writer.writeheader()
    writer.writerows(listed.rows)
    return response


@requires(Permission.MANAGE_FEEDS)
def vocabulary_change(request: HttpRequest, key: str) -> HttpResponse:
    """Count what a newer list would do, before it can be adopted."""
    form = VocabularyForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"edition": _editions(key)[0], "form": form}
    if form.is_valid():
        try:
            context |= _preview(request, key, form.cleaned_data)
        except ValidationError as fault:
            form.add_error("file", fault.messages)
    return render(request, "case_definitions/vocabulary_change.html", context)


@require_POST
@requires(Permission.MANAGE_FEEDS)
def vocabulary_adopt(request: HttpRequest, key: str) -> HttpResponse:
    """Adopt the list that was previewed."""
    form = PreviewedVocabularyForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError(_("Choose the file again."))
        adopted = adopt_vocabulary(key=key, **form.cleaned_data, by=request.user, at=timezone.now())
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
        return redirect("vocabulary_change", key=key)
    messages.success(request, _("Version %(version)d is in force.") % {"version": adopted.version})
    return redirect("vocabulary", key=key)


def _editions(key: str) -> list[VocabularyEdition]:
    if not (editions := vocabulary_editions(key, at=timezone.now())):
        raise Http404
    return editions


def _preview(request: HttpRequest, key: str, given: dict[str, Any]) -> dict[str, Any]:
    now, name = timezone.now(), given["file"].name
    proposed = proposed_vocabulary(key, given["text"], file=name, at=now)
    known = vocabulary_editions(key, at=now)[0].vocabulary
    return {
        "proposed": proposed,
        "new_codes": sorted(proposed.codes() - known.codes()),
        "lost_codes": sorted(known.codes() - proposed.codes()),
        "found": vocabulary_changes(proposed, by=request.user, at=now),
        "confirm": PreviewedVocabularyForm(initial=given | {"file": name}, auto_id=False),
    }
