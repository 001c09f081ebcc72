"""The left rail: the sections of the site, in the order of the story."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import resolve, reverse
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Section:
    """`also` names further addresses, relative to the root, that belong to the section."""

    label: Any
    url_name: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    label: Any
    url: str
    current: str  # the value of aria-current: page, true, or nothing


SECTIONS = [
    Section(_("Today"), "today"),
    Section(_("Signals"), "signals", ("responses/", "detection/", "effects/")),
    Section(_("Commitments"), "commitments"),
    Section(_("Feeds"), "feeds", ("quality/", "definitions/")),
    Section(_("Agreements"), "agreements", ("exchange/",)),
    Section(_("Consents"), "consents"),
    Section(_("Groups"), "groups"),
    Section(_("Organizations"), "organizations"),
    Section(_("People"), "people"),
    Section(_("Places"), "places"),
    Section(_("Publications"), "publications"),
    Section(_("Public page"), "public_home"),
]


def entries_for(request: HttpRequest) -> list[Entry]:
    """The sections that would open for the signed-in person."""
    root = reverse(SECTIONS[0].url_name)
    addresses = [(section, reverse(section.url_name)) for section in SECTIONS]
    return [
        Entry(section.label, url, _current(request.path, url, section, root))
        for section, url in addresses
        if _opens(url, request)
    ]


def _opens(url: str, request: HttpRequest) -> bool:
    """Every view states its `permission`; those of the person are known once a page has asked for them."""
    needed = getattr(resolve(url).func, "permission", None)
    held = getattr(request, "permissions", None)
    return needed is None or held is None or needed in held


def _current(path: str, url: str, section: Section, root: str) -> str:
    if path == url:
        return "page"
    prefixes = [root + part for part in section.also] + ([url] if url != root else [])
    return "true" if any(path.startswith(prefix) for prefix in prefixes) else ""
