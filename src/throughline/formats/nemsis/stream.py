"""Gives out the patient care reports of an EMS file one by one, in memory that doesn't grow with the file."""

from collections.abc import Callable, Iterator
from pathlib import Path

from lxml import etree

from throughline.formats.faults import UnreadableFile
from throughline.formats.limits import MEBIBYTE
from throughline.formats.nemsis.fault import RecordFault
from throughline.formats.nemsis.reference import local, qualified
from throughline.formats.nemsis.root import PARSER_SETTINGS, ROOT, broken_xml
from throughline.formats.nemsis.rules import check_group, check_shape

HEADER = qualified("Header")
AGENCY = qualified("DemographicGroup")
CUSTOM = qualified("eCustomConfiguration")
REPORT = qualified("PatientCareReport")
MOST_BYTES_PER_REPORT = 16 * MEBIBYTE
_CHUNK = 64 * 1024
_ENDS = (AGENCY, CUSTOM, REPORT, HEADER, ROOT)


def stream_reports(path: Path, progress: Callable[[int], None] | None = None) -> Iterator[etree._Element]:
    """Each PatientCareReport as soon as it is complete, below its Header, whose DemographicGroup has been checked.

    A report is emptied when the next one is asked for. Raises UnreadableFile where the XML is broken, where
    elements outside of the reports break the standard, and where a report is larger than
    `MOST_BYTES_PER_REPORT`.
    """
    try:
        yield from _reports(path, progress)
    except etree.XMLSyntaxError as fault:
        raise broken_xml(path.name, fault) from None
    except RecordFault as fault:
        found = f"line {fault.line}, element {fault.element}: {fault.found}"
        raise UnreadableFile(path.name, found, fault.expected) from None


def _reports(path: Path, progress: Callable[[int], None] | None) -> Iterator[etree._Element]:
    parser = etree.XMLPullParser(events=("end",), tag=_ENDS, **PARSER_SETTINGS)
    waiting = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            parser.feed(chunk)
            waiting += len(chunk)
            for _, element in parser.read_events():
                waiting = 0
                yield from _completed(element)
            if waiting > MOST_BYTES_PER_REPORT:
                raise _too_large(path, file.tell())
            if progress:
                progress(file.tell())
    parser.close()
    for _, element in parser.read_events():
        yield from _completed(element)


def _completed(element: etree._Element) -> Iterator[etree._Element]:
    """The element itself if it is a report; what it makes superfluous is checked and removed from the tree."""
    if element.tag == REPORT:
        _check_place(element)
        yield element
        element.clear(keep_tail=True)
    elif element.tag == AGENCY:
        check_group(element)
    elif element.tag == CUSTOM:
        _check_custom(element)
    elif element.tag == HEADER:
        check_shape(element)
        element.clear(keep_tail=True)
        _drop_before(element, HEADER)
    elif element.tag == ROOT:
        check_shape(element)


def _check_place(report: etree._Element) -> None:
    header = report.getparent()
    if header is None or header.tag != HEADER:
        raise _stray(report, "a Header around each PatientCareReport")
    _drop_before(report, REPORT)
    first = report.getprevious()
    if first is None or header[0].tag != AGENCY:
        raise _stray(report, "a DemographicGroup before the first PatientCareReport of a Header")
    if first.tag not in (AGENCY, CUSTOM):
        raise _stray(first, "only DemographicGroup, eCustomConfiguration and PatientCareReport in a Header")


def _check_custom(configuration: etree._Element) -> None:
    before = configuration.getprevious()
    if before is None or before.tag != AGENCY:
        raise _stray(configuration, "eCustomConfiguration right after DemographicGroup")


def _drop_before(element: etree._Element, tag: str) -> None:
    parent, before = element.getparent(), element.getprevious()
    if parent is not None and before is not None and before.tag == tag:
        parent.remove(before)


def _stray(element: etree._Element, expected: str) -> RecordFault:
    name = local(element.tag)
    return RecordFault(element.sourceline or 0, name, f"{name} stands where it does not belong", expected)


def _too_large(path: Path, at: int) -> UnreadableFile:
    found = f"no report ends in the {MOST_BYTES_PER_REPORT // MEBIBYTE} MB before byte {at:,}"
    return UnreadableFile(path.name, found, "reports that are smaller; export them without attached files")
