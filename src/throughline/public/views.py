"""The anonymous pages: read from published files, without a database, a session or a cookie."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_cache_control, set_response_etag
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from throughline.members.access import anonymous
from throughline.policy.sharing import Purpose
from throughline.results.evaluation.wording import LABELS, TONES
from throughline.results.publications import folder
from throughline.results.publications.pages import Entry, Listed
from throughline.results.publications.showing import page_context
from throughline.results.publications.uses import Uses, uses_csv

View = Callable[..., HttpResponse]
LANGUAGES = {"en": "English", "es": "Español"}
CONTENT_TYPES = {
    folder.TABLE: "text/csv; charset=utf-8",
    folder.DICTIONARY: "text/csv; charset=utf-8",
    folder.MANIFEST: "application/json",
    folder.PAGE: "application/json",
}
PURPOSES = {
    Purpose.SURVEILLANCE: gettext_lazy("watching for overdoses and where they happen"),
    Purpose.RESPONSE: gettext_lazy("answering a signal"),
    Purpose.EVALUATION: gettext_lazy("measuring whether an answer helped"),
    Purpose.PUBLICATION: gettext_lazy("publishing counts"),
    Purpose.QUALITY: gettext_lazy("checking the quality of the data received"),
    Purpose.RESEARCH: gettext_lazy("research"),
    Purpose.LAW_ENFORCEMENT: gettext_lazy("law enforcement"),
}
DAYS_SHOWN = 30
A_WHILE, A_YEAR = 300, 31_536_000  # seconds


def public(view: View) -> View:
    """In the reader's language, cacheable by anyone, and calm about what is missing or damaged."""

    @anonymous
    @require_safe
    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with translation.override(_language(request)):
            try:
                response = view(request, *args, **kwargs)
            except (Http404, folder.Unreadable):
                return _shown(request, "public/missing.html", {"title": _("Page not found")}, status=404)
        return _cacheable(request, response)

    return shown


@public
def home(request: HttpRequest) -> HttpResponse:
    entries = [
        (entry, LABELS[entry.conclusion], TONES.get(entry.conclusion, "neutral"))
        for entry in folder.read_index()
    ]
    return _shown(
        request, "public/home.html", {"title": _("What was seen, promised and changed"), "entries": entries}
    )


@public
def page(request: HttpRequest, slug: str, version: int | None = None) -> HttpResponse:
    entry, listed = _found(slug, version)
    shown = folder.read_page(slug, listed.version, manifest_sha256=listed.manifest_sha256)
    context = {
        **page_context(shown),
        "title": shown.title,
        "versions": entry.versions,
        "newest": entry.version,
    }
    return _shown(request, "public/page.html", context)


@public
def download(request: HttpRequest, slug: str, version: int, name: str) -> HttpResponse:
    _entry, listed = _found(slug, version)
    if name not in CONTENT_TYPES:
        raise Http404(name)
    text = folder.read_frozen(slug, version, name, manifest_sha256=listed.manifest_sha256)
    response = HttpResponse(text, content_type=CONTENT_TYPES[name])
    response["Content-Disposition"] = f'attachment; filename="{slug}-{version}-{name}"'
    patch_cache_control(response, immutable=True, max_age=A_YEAR)
    return response


@public
def uses(request: HttpRequest) -> HttpResponse:
    known = folder.read_uses()
    context = {"title": _("Who used data, and what for"), "uses": known, "days": DAYS_SHOWN}
    return _shown(request, "public/uses.html", context | (_lately(known) if known else {}))


@public
def uses_table(request: HttpRequest) -> HttpResponse:
    return HttpResponse(uses_csv(_accounted()), content_type=CONTENT_TYPES[folder.TABLE])


@public
def roots(request: HttpRequest) -> HttpResponse:
    """In the form of `throughline ledger-roots`, for docs/explanation/check_ledger.py."""
    return JsonResponse({"roots": [asdict(root) for root in _accounted().roots]})


def _accounted() -> Uses:
    if known := folder.read_uses():
        return known
    raise Http404(folder.USES)


def _lately(known: Uses) -> dict[str, Any]:
    """The last days' uses, each with its purpose in the reader's language, and the newest root."""
    since = known.through - timedelta(days=DAYS_SHOWN - 1)
    lately = [(use, PURPOSES[use.purpose]) for use in known.uses if use.on >= since]
    return {
        "law_enforcement": [row for row in lately if row[0].is_for_law_enforcement],
        "others": [row for row in lately if not row[0].is_for_law_enforcement],
        "latest": known.roots[-1] if known.roots else None,
    }


@public
def missing(request: HttpRequest, anything: str) -> HttpResponse:
    raise Http404(anything)


def _found(slug: str, version: int | None) -> tuple[Entry, Listed]:
    """A version, by default the newest; what the index does not list does not exist for the public."""
    for entry in folder.read_index():
        for listed in entry.versions:
            if entry.slug == slug and listed.version == (version or entry.version):
                return entry, listed
    raise Http404(slug)


def _language(request: HttpRequest) -> str:
    """Asked for in the address, so that no cookie has to remember it; else the browser's."""
    asked = request.GET.get("language", "")
    return asked if asked in LANGUAGES else translation.get_language() or settings.LANGUAGE_CODE


def _shown(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Rendered without the request, so that no page can depend on who asks."""
    language = translation.get_language()
    context |= {
        "installation_name": settings.INSTALLATION_NAME,
        "simulated": settings.SIMULATED,
        "languages": LANGUAGES.items(),
        "language": language,
        "asked": f"?language={language}" if request.GET.get("language") else "",
        "path": request.path,
    }
    response = HttpResponse(render_to_string(template, context), status=status)
    response["Content-Language"] = language
    return response


def _cacheable(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if not response.has_header("Cache-Control"):
        patch_cache_control(response, max_age=A_WHILE)
    patch_cache_control(response, public=True)
    set_response_etag(response)
    return get_conditional_response(request, etag=response["ETag"], response=response)
