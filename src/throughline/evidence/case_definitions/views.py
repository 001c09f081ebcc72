"""Pages of case definitions: what is in use, what a change would do, and which feeds they count."""

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from throughline.evidence.case_definitions.actions import adopt_definition, choose_definition
from throughline.evidence.case_definitions.forms import ChoiceForm, DefinitionForm
from throughline.evidence.case_definitions.preview import changes
from throughline.evidence.case_definitions.queries import (
    Edition,
    chosen_keys,
    definition_lines,
    editions,
    in_use,
    numbered_document,
    proposed_definition,
)
from throughline.evidence.case_definitions.wording import criteria_in_words
from throughline.evidence.feeds.models import Feed
from throughline.members.access import Permission, requires

EXAMPLE = {
    "id": "ed-local-overdose",
    "name": "ED: overdose, local",
    "description": "",
    "source": "",
    "any": [
        {
            "name": "discharge diagnosis",
            "all": [{"codes": ["diagnosis"], "dots": "drop", "prefixes": ["T401"]}],
        }
    ],
}


@requires(Permission.VIEW_FEEDS)
def definitions(request: HttpRequest) -> HttpResponse:
    return render(
        request, "case_definitions/definitions.html", {"lines": definition_lines(at=timezone.now())}
    )


@requires(Permission.VIEW_FEEDS)
def definition(request: HttpRequest, key: str) -> HttpResponse:
    """A definition in words, its versions, and the feeds that it counts."""
    now = timezone.now()
    found = editions(key, at=now)
    if not found:
        raise Http404
    feeds = list(Feed.objects.order_by("name"))
    chosen = chosen_keys(feeds, at=now)
    context = {
        "edition": found[0],
        "document": _in_lines(found[0].document),
        "editions": found,
        "criteria": criteria_in_words(found[0].definition),
        "feeds": [feed for feed in feeds if chosen.get(feed.pk) == key],
        "others": [feed for feed in feeds if chosen.get(feed.pk) != key],
    }
    return render(request, "case_definitions/definition.html", context)


@requires(Permission.MANAGE_FEEDS)
def definition_new(request: HttpRequest) -> HttpResponse:
    return _editor(request, None, EXAMPLE)


@requires(Permission.MANAGE_FEEDS)
def definition_change(request: HttpRequest, key: str) -> HttpResponse:
    edition = in_use(key, at=timezone.now())
    if edition is None:
        raise Http404
    return _editor(request, edition, edition.document)


@require_POST
@requires(Permission.MANAGE_FEEDS)
def definition_feed(request: HttpRequest, key: str) -> HttpResponse:
    """Let a definition count a feed, or no longer."""
    form = ChoiceForm(request.POST)
    if form.is_valid():
        chosen = "" if "stop" in request.POST else key
        try:
            choose_definition(feed=form.cleaned_data["feed"], key=chosen, by=request.user, at=timezone.now())
        except ValidationError as fault:
            messages.error(request, " ".join(fault.messages))
    else:
        messages.error(request, _("Choose a feed."))
    return redirect("definition", key=key)


def _editor(request: HttpRequest, edition: Edition | None, document: Mapping[str, Any]) -> HttpResponse:
    """The document as it would be; what it would do is counted before it can be adopted."""
    shown = {name: value for name, value in document.items() if name != "version"}
    form = DefinitionForm(request.POST or None, initial={"document": _in_lines(shown)})
    context: dict[str, Any] = {"form": form, "edition": edition}
    if form.is_valid():
        try:
            if "adopt" in request.POST:
                return _adopt(request, edition, form)
            context |= _preview(request, edition, form.cleaned_data["document"])
        except ValidationError as fault:
            form.add_error("document", fault.messages)
    return render(request, "case_definitions/definition_change.html", context)


def _in_lines(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False)


def _adopt(request: HttpRequest, edition: Edition | None, form: DefinitionForm) -> HttpResponse:
    document, note = form.cleaned_data["document"], form.cleaned_data["note"].strip()
    if not note:
        raise ValidationError(_("Say why before you adopt it."))
    _check_same(edition, document)
    adopted = adopt_definition(document=document, note=note, by=request.user, at=timezone.now())
    messages.success(request, _("Version %(version)d is in use.") % {"version": adopted.version})
    return redirect("definition", key=adopted.key)


def _preview(request: HttpRequest, edition: Edition | None, document: dict[str, Any]) -> dict[str, Any]:
    _check_same(edition, document)
    now = timezone.now()
    proposed = proposed_definition(numbered_document(document, at=now), at=now)
    found, start, end = changes(edition and edition.definition, proposed, by=request.user, at=now)
    return {"changes": found, "start": start, "end": end, "criteria": criteria_in_words(proposed)}


def _check_same(edition: Edition | None, document: dict[str, Any]) -> None:
    """A version has its definition's id; a new definition has one that isn't taken."""
    key = document.get("id")
    if edition and key != edition.definition.id:
        raise ValidationError(_("The id must stay %(key)s.") % {"key": edition.definition.id})
    if edition is None and isinstance(key, str) and in_use(key, at=timezone.now()):
        raise ValidationError(_("There is a definition %(key)s already; change that one.") % {"key": key})
