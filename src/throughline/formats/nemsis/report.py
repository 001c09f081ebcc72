"""Lays a patient care report out as plain lists, which are read several times faster than a tree of elements."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import Any

from lxml import etree

from throughline.formats.nemsis.fault import RecordFault
from throughline.formats.nemsis.parsing import line_of
from throughline.formats.nemsis.reference import local

MOST_ELEMENTS = 50_000
"""Many times what the longest report holds; more would only fill the memory."""

Attributes = Mapping[str, str]
_NONE: Attributes = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Report:
    """An element and all that it holds in document order: tags, texts, attributes, and numbers of children.

    Only the outermost element itself is kept, since a tree with many elements in use is slow to be emptied.
    """

    element: etree._Element
    tags: list[str]
    texts: list[str]
    attributes: list[Attributes]
    sizes: list[int]

    def line(self, at: int) -> int:
        """The line in the file of the element at a position."""
        return line_of(next(islice(self.element.iter(), at, None)))


def lay_out(element: Any) -> Report:
    """Raises RecordFault where the element holds more than `MOST_ELEMENTS`."""
    elements = list(islice(element.iter(), MOST_ELEMENTS + 1))
    if len(elements) > MOST_ELEMENTS:
        found = f"more than {MOST_ELEMENTS:,} elements"
        raise RecordFault(
            line_of(element), local(element.tag), found, "a patient care report of usual length"
        )
    return Report(
        element,
        [each.tag for each in elements],
        [each.text or "" for each in elements],
        [dict(items) if (items := each.items()) else _NONE for each in elements],
        [len(each) for each in elements],
    )
