"""Parses XML from strangers: nothing is fetched, no entity is put in, and limits on depth and length stay in force."""

import re
from collections.abc import Iterator
from typing import Any, Literal

from lxml import etree

from throughline.formats.faults import UnreadableFile, shown

_POSITION = re.compile(r", line \d+, column \d+.*", re.DOTALL)


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
    reason = _POSITION.sub("", fault.msg or "the XML is broken")
    return UnreadableFile(file, f"line {line}: {shown(reason)}", "a complete and well-formed XML file")
