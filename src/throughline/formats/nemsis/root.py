"""Tells what an XML file is by its root element, and refuses kindly what holds no patient care reports."""

import re
from functools import partial
from pathlib import Path

from lxml import etree

from throughline.formats.faults import UnreadableFile, shown
from throughline.formats.limits import MEBIBYTE, Limits
from throughline.formats.nemsis.parsing import broken_xml, line_of, pull_parser, reported
from throughline.formats.nemsis.reference import NAMESPACE, local, qualified

ROOT = qualified("EMSDataSet")

EXPECTED = (
    "an EMS data set of NEMSIS 3.5 (root element EMSDataSet), as ePCR software exports it for the state"
)
_OTHER_DATA_SETS = {
    "DEMDataSet": "a DEMDataSet, which describes an EMS agency and holds no patients",
    "StateDataSet": "a StateDataSet, which lists what a state collects and holds no patients",
}
_DATA_SET = re.compile(r"<(?:[\w.-]+:)?(EMSDataSet|DEMDataSet|StateDataSet)[\s/>]")
_UNSEEN = re.compile(r"<!--.*?-->|<\?.*?\?>", re.DOTALL)
_OLDER = re.compile(r"[/-](3\.[0-4]|2\.\d)\.")
_PIECE = 4096
_LONGEST_PROLOGUE = MEBIBYTE


def recognizes(head: bytes) -> bool:
    """Whether a file begins as a data set of NEMSIS, of patients or not, in any namespace."""
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "latin-1"
    text = head.decode(encoding, errors="ignore").removeprefix("\xef\xbb\xbf")
    return _DATA_SET.match(_UNSEEN.sub("", text).lstrip()) is not None


def check_file(path: Path, limits: Limits) -> None:
    """Raise UnreadableFile unless the file begins as an EMS data set of a version that can be read."""
    size = path.stat().st_size
    if size == 0:
        raise UnreadableFile(path.name, "the file is empty", EXPECTED)
    if size > limits.file:
        found = f"the file has {size / MEBIBYTE:,.0f} MB"
        raise UnreadableFile(path.name, found, f"at most {limits.file / MEBIBYTE:,.0f} MB; send it in parts")
    _check_root(path.name, _root_of(path))


def _root_of(path: Path) -> etree._Element:
    """The root element, as soon as its start has been read."""
    parser = pull_parser("start")
    with path.open("rb") as file:
        try:
            for piece in iter(partial(file.read, _PIECE), b""):
                parser.feed(piece)
                for root in reported(parser):
                    return root
                if file.tell() > _LONGEST_PROLOGUE:
                    raise UnreadableFile(path.name, "no element in the first megabyte", EXPECTED)
            parser.close()
        except etree.XMLSyntaxError as fault:
            raise broken_xml(path.name, fault) from None
    raise UnreadableFile(path.name, "the file holds no element", EXPECTED)


def _check_root(file: str, root: etree._Element) -> None:
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableFile(file, "the file declares a document type (DOCTYPE)", "XML without one")
    name = local(root.tag)
    if name in _OTHER_DATA_SETS:
        raise UnreadableFile(file, f"the file is {_OTHER_DATA_SETS[name]}", EXPECTED)
    if root.tag != ROOT:
        space = etree.QName(root).namespace or "no namespace"
        found = f"line {line_of(root)}: the root element is {shown(name)} in {shown(space)}"
        raise UnreadableFile(file, found, f"{EXPECTED}, in the namespace {NAMESPACE}")
    if older := _OLDER.search(" ".join(map(str, root.values()))):
        raise UnreadableFile(file, f"the file is of NEMSIS {older[1]}", EXPECTED)
