"""The many small pieces of a map's page, joined here because a template takes ten times as long for a thousand."""

from collections.abc import Callable, Iterable
from html import escape
from typing import TYPE_CHECKING, Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

if TYPE_CHECKING:
    from throughline.ui.maps import DrawnPlace, PlaceShape

Words = Callable[[Any], str]


def outlines(drawn: "Iterable[DrawnPlace]", radius: int) -> SafeString:
    """The shapes alone."""
    return _safe(f"<{_shape(one, radius)}/>" for one in drawn)


def linked_shapes(drawn: "Iterable[DrawnPlace]", radius: int, words: Words | None) -> SafeString:
    """The shapes with their names and values for the pointer, each a link where its place has an address."""
    return _safe(_linked(one, radius, words) for one in drawn)


def table_rows(places: "Iterable[PlaceShape]", words: Words | None) -> SafeString:
    """A row for each place; without `words` there is no column of values."""
    mark = escape(gettext("(highlighted)"))
    return _safe(_row(place, words, mark) for place in places)


def _linked(drawn: "DrawnPlace", radius: int, words: Words | None) -> str:
    place = drawn.place
    title = f"{place.name}: {words(place.value)}" if words else str(place.name)
    shape = _shape(drawn, radius)
    tag = shape.partition(" ")[0]
    inner = f"<{shape}><title>{escape(title)}</title></{tag}>"
    return f'<a href="{escape(place.url)}" tabindex="-1">{inner}</a>' if place.url else inner


def _shape(drawn: "DrawnPlace", radius: int) -> str:
    if drawn.path:
        return f'path d="{drawn.path}"'
    return f'circle cx="{drawn.x}" cy="{drawn.y}" r="{radius}"'


def _row(place: "PlaceShape", words: Words | None, mark: str) -> str:
    name = escape(str(place.name))
    head = f'<a href="{escape(place.url)}">{name}</a>' if place.url else name
    cell = f"<td>{escape(words(place.value))}</td>" if words else ""
    return f'<tr><th scope="row">{head}{" " + mark if place.highlighted else ""}</th>{cell}</tr>'


def _safe(pieces: Iterable[str]) -> SafeString:
    # Every text above went through `escape`; numbers and paths are ours.
    return mark_safe("\n".join(pieces))  # noqa: S308
