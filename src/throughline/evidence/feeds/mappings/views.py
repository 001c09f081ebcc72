"""The pages of a feed's mapping: the version in use, and the next one tried out on a file."""

import json
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from throughline.evidence.feeds.actions import save_mapping
from throughline.evidence.feeds.mappings.actions import preview_file, receive_draft
from throughline.evidence.feeds.mappings.changing import changed_definition
from throughline.evidence.feeds.mappings.drafts import Draft, change_draft, find_draft
from throughline.evidence.feeds.mappings.editor import MappingEditor
from throughline.evidence.feeds.mappings.forms import MappingForm, TryOutForm
from throughline.evidence.feeds.mappings.preview import preview_of
from throughline.evidence.feeds.mappings.wording import said
from throughline.evidence.feeds.models import Feed, Mapping
from throughline.evidence.feeds.queries import gazetteer, may_deliver
from throughline.formats.proposal import propose_mapping
from throughline.members.access import Permission, allows, requires


@requires(Permission.MANAGE_FEEDS)
def mapping(request: HttpRequest, key: str) -> HttpResponse:
    """The mapping in use, to be read, replaced by a new version, or proposed from a file."""
    found = get_object_or_404(Feed, key=key)
    form = MappingForm(request.POST or None, initial=_in_use(found))
    if form.is_valid():
        try:
            saved = save_mapping(feed=found, **form.cleaned_data, by=request.user, at=timezone.now())
            messages.success(request, _saved(saved))
            return redirect("feed", key=key)
        except ValidationError as fault:
            form.add_error("definition", fault.messages)
    return _mapping_page(request, found, form, TryOutForm())


@require_POST
@requires(Permission.MANAGE_FEEDS)
def mapping_propose(request: HttpRequest, key: str) -> HttpResponse:
    """Look at a file's columns, and propose how they are read."""
    found = _find_feed(request, key)
    form = TryOutForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            draft = preview_file(
                feed=found,
                chunks=file.chunks(),
                file_name=file.name,
                time_zone=form.cleaned_data["time_zone"],
                by=request.user,
                at=timezone.now(),
            )
            return redirect("mapping_draft", key=key, pk=draft.id)
        except ValidationError as fault:
            form.add_error("file", fault.messages)
    return _mapping_page(request, found, MappingForm(initial=_in_use(found)), form, status=400)


@requires(Permission.MANAGE_FEEDS)
def mapping_draft(request: HttpRequest, key: str, pk: UUID) -> HttpResponse:
    """The proposal field by field, with what the first rows would become; each change is tried out at once."""
    found = _find_feed(request, key)
    draft = _find_draft(request, found, pk)
    proposal = propose_mapping(draft.file, gazetteer(), time_zone=draft.time_zone)
    form = MappingEditor(request.POST or None, sample=proposal.sample, definition=draft.definition)
    if form.is_valid():
        draft = change_draft(draft, changed_definition(form, gazetteer()))
    context = {
        "feed": found,
        "draft": draft,
        "form": form,
        "groups": form.groups(proposal.findings),
        "questions": [said(finding) for finding in proposal.questions],
        "stale_codes": form.stale_codes(),
        "preview": preview_of(draft.file, draft.definition, file_name=draft.file_name, at=timezone.now()),
        "definition": json.dumps(draft.definition, indent=2, ensure_ascii=False),
        "in_use": found.mapping and found.mapping.definition == draft.definition,
    }
    template = "feeds/_mapping_preview.html" if request.htmx else "feeds/mapping_draft.html"
    # htmx shows answers only that are no errors; the preview says what is wrong.
    return render(request, template, context, status=400 if form.errors and not request.htmx else 200)


@require_POST
@requires(Permission.MANAGE_FEEDS)
def mapping_draft_save(request: HttpRequest, key: str, pk: UUID) -> HttpResponse:
    """Add the mapping, as the form has it, as a new version."""
    found = _find_feed(request, key)
    draft = _find_draft(request, found, pk)
    sample = propose_mapping(draft.file, gazetteer()).sample
    form = MappingEditor(request.POST, sample=sample, definition=draft.definition)
    if not form.is_valid():
        return mapping_draft(request, key, pk)
    draft = change_draft(draft, changed_definition(form, gazetteer()))
    try:
        saved = save_mapping(feed=found, definition=draft.definition, by=request.user, at=timezone.now())
        messages.success(request, _saved(saved))
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
        return redirect("mapping_draft", key=key, pk=pk)
    return redirect(reverse("mapping_draft", args=[key, pk]) + "#preview")  # where the file can be received


@require_POST
@requires(Permission.MANAGE_FEEDS)
def mapping_draft_receive(request: HttpRequest, key: str, pk: UUID) -> HttpResponse:
    """Receive the very file that the mapping was tried out on."""
    found = _find_feed(request, key)
    draft = _find_draft(request, found, pk)
    if found.mapping is None or found.mapping.definition != draft.definition:
        messages.error(request, _("Save the mapping first: another one is in use."))
        return redirect("mapping_draft", key=key, pk=pk)
    intake = receive_draft(feed=found, draft=draft, by=request.user, at=timezone.now())
    return redirect("intake", pk=intake.pk)


@require_POST
@requires(Permission.MANAGE_FEEDS)
def mapping_draft_discard(request: HttpRequest, key: str, pk: UUID) -> HttpResponse:
    """Delete the file, and what became of its mapping."""
    found = _find_feed(request, key)
    _find_draft(request, found, pk).delete()
    messages.success(request, _("The file and its preview are deleted."))
    return redirect("mapping", key=key)


def _in_use(found: Feed) -> dict[str, str]:
    mapping = found.mapping
    return {"definition": json.dumps(mapping.definition, indent=2, ensure_ascii=False) if mapping else ""}


def _saved(mapping: Mapping) -> str:
    said = _("Version %d of the mapping is in use.") % mapping.version
    if not mapping.feed.deliveries.standing().filter(quarantined__gt=0).exists():
        return said
    return f"{said} " + _("Rows that were set aside can be read again, on the receipt of their file.")


def _mapping_page(
    request: HttpRequest, found: Feed, form: MappingForm, try_out: TryOutForm, status: int = 200
) -> HttpResponse:
    context = {
        "feed": found,
        "mapping": found.mapping,
        "form": form,
        "try_out": try_out if found.format == "tabular" and _may_try_out(request, found) else None,
    }
    return render(request, "feeds/mapping.html", context, status=status)


def _may_try_out(request: HttpRequest, found: Feed) -> bool:
    """Rows as they were delivered are shown, so that the files must be this person's business."""
    return allows(request, Permission.DELIVER_FILES) and may_deliver(request.user, found)


def _find_feed(request: HttpRequest, key: str) -> Feed:
    found = get_object_or_404(Feed, key=key, format="tabular")
    if not _may_try_out(request, found):
        raise PermissionDenied
    return found


def _find_draft(request: HttpRequest, found: Feed, pk: UUID) -> Draft:
    draft = find_draft(pk, feed=found, owner=request.user)
    if draft is None:
        raise Http404(_("The preview is gone. Choose the file again."))
    return draft
