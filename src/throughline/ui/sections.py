"""The register of sections that higher apps add to pages of lower ones, such as a group's commitments."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.module_loading import autodiscover_modules


@dataclass(frozen=True)
class Section:
    """A titled part of a page; `template` renders `context`, `order` 0 comes first."""

    title: Any
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    order: int = 5


SectionMaker = Callable[[Any, Any, datetime], Section | None]
_makers: dict[str, list[SectionMaker]] = defaultdict(list)


def section(page: str) -> Callable[[SectionMaker], SectionMaker]:
    """Decorator for `maker(request, subject, at) -> Section | None` in an app's `sections.py`.

    `page` names the page that the section belongs to: "group", "person", "organization", "place", "signal" or "feed".
    """

    def register(maker: SectionMaker) -> SectionMaker:
        _makers[page].append(maker)
        return maker

    return register


def sections_for(page: str, request: Any, subject: Any, at: datetime) -> list[Section]:
    """What higher apps have to say about `subject` to this person, in order."""
    made = (maker(request, subject, at) for maker in _makers[page])
    return sorted((part for part in made if part), key=lambda part: part.order)


def discover() -> None:
    autodiscover_modules("sections")
