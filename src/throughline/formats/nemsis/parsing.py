"""Parses XML from strangers: nothing is fetched, no entity is put in, and limits on depth and length stay in force."""

import re
from collections.abc import Iterator
from typing import Any, Literal

from lxml import etree

from throughline.formats.faults import UnreadableFile, shown

_NOT_FOR_PEOPLE = re.compile(
    r"(,? (use|try|see) xml\w+.*)|(, line \d+, column \d+.*)", re.DOTALL | re.IGNORECASE
)


def pull_parser(event: Literal["start", "end"], tags: tuple[str, ...] | None = None) -> Any:
    """A parser that is fed piece by piece and reports the start or the end of elements with these tags."""
    return etree.XMLPullParser(
        events=(event,),
        tag=tags,
        no_network=True,
        load_dtd=False,
        resolve_entities=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def reported(parser: Any) -> Iterator[etree._Element]:
    """The elements that were completed (or begun) since the parser was asked last."""
    return (element for _, element in parser.read_events())


def empty(element: Any) -> None:
    """Drop what an element holds. The text behind it stays, since the parser may still be adding to it."""
    element.clear(keep_tail=True)


def line_of(element: Any) -> int:
    """The line where an element begins; 0 if nobody knows."""
    return element.sourceline or 0


def broken_xml(file: str, fault: etree.XMLSyntaxError) -> UnreadableFile:
    """What the parser says of a broken file, with the line where it stopped."""
    line, _ = fault.position
    reason = _NOT_FOR_PEOPLE.sub("", fault.msg or "").strip() if line else "the XML is broken"
    where = f"line {line}: " if line else ""
    return UnreadableFile(file, where + shown(reason), "a complete and well-formed XML file")
