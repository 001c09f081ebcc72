"""Gives out the patient care reports of an EMS file one by one, in memory that doesn't grow with the file."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from throughline.formats.faults import UnreadableFile
from throughline.formats.limits import MEBIBYTE
from throughline.formats.nemsis.fault import RecordFault
from throughline.formats.nemsis.parsing import broken_xml, empty, line_of, pull_parser, reported
from throughline.formats.nemsis.reference import local, qualified
from throughline.formats.nemsis.report import Report, lay_out
from throughline.formats.nemsis.root import ROOT
from throughline.formats.nemsis.rules import check_group
from throughline.formats.nemsis.structure import misplaced

HEADER = qualified("Header")
AGENCY = qualified("DemographicGroup")
CUSTOM = qualified("eCustomConfiguration")
REPORT = qualified("PatientCareReport")
MOST_BYTES_PER_REPORT = 16 * MEBIBYTE
_CHUNK = 64 * 1024
_ENDS = (AGENCY, CUSTOM, REPORT, HEADER, ROOT)


class Streamed(NamedTuple):
    """A report, complete, and the agency that made it, which has been checked."""

    agency: Report
    report: Report


def stream_reports(path: Path, progress: Callable[[int], None] | None = None) -> Iterator[Streamed]:
    """Each PatientCareReport as soon as it has been read; it is emptied when the next one is asked for.

    Raises UnreadableFile where the XML is broken, where elements outside of the reports break the standard, and
    where a report is larger than `MOST_BYTES_PER_REPORT`.
    """
    try:
        yield from _reports(path, progress)
    except etree.XMLSyntaxError as fault:
        raise broken_xml(path.name, fault) from None
    except RecordFault as fault:
        found = f"line {fault.line}, element {fault.element}: {fault.found}"
        raise UnreadableFile(path.name, found, fault.expected) from None


def _reports(path: Path, progress: Callable[[int], None] | None) -> Iterator[Streamed]:
    agency: Report | None = None
    for element in _completed(path, progress):
        if element.tag == REPORT:
            _check_place(element)
            if agency is None:
                raise _stray(element, "a DemographicGroup before the first PatientCareReport of a Header")
            yield Streamed(agency, lay_out(element))
            empty(element)
        elif element.tag == AGENCY:
            agency = lay_out(element)
            check_group(agency)
        elif element.tag == HEADER:
            agency = None
        _tidy(element)


def _completed(path: Path, progress: Callable[[int], None] | None) -> Iterator[etree._Element]:
    """The elements that matter here, each when its end has been read."""
    parser = pull_parser("end", _ENDS)
    waiting = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            parser.feed(chunk)
            waiting += len(chunk)
            for element in reported(parser):
                waiting = 0
                yield element
            if waiting > MOST_BYTES_PER_REPORT:
                raise _too_large(path, file.tell())
            if progress:
                progress(file.tell())
    parser.close()
    yield from reported(parser)


def _tidy(element: etree._Element) -> None:
    """Check how elements outside of the reports stand, and remove those that nothing needs any more."""
    if element.tag == CUSTOM:
        _check_custom(element)
    elif element.tag in (HEADER, ROOT):
        _check_children(element)
        empty(element)
        _drop_before(element, HEADER)


def _check_children(element: etree._Element) -> None:
    if fault := misplaced(element.tag, tuple(child.tag for child in element)):
        where = element if fault.at is None else element[fault.at]
        raise RecordFault(line_of(where), local(where.tag), fault.found, fault.expected)


def _check_place(report: etree._Element) -> None:
    header = report.getparent()
    if header is None or header.tag != HEADER:
        raise _stray(report, "a Header around each PatientCareReport")
    _drop_before(report, REPORT)
    before = report.getprevious()
    if before is not None and before.tag not in (AGENCY, CUSTOM):
        raise _stray(before, "only DemographicGroup, eCustomConfiguration and PatientCareReport in a Header")


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
    return RecordFault(line_of(element), name, f"{name} stands where it does not belong", expected)


def _too_large(path: Path, at: int) -> UnreadableFile:
    found = f"no report ends in the {MOST_BYTES_PER_REPORT // MEBIBYTE} MB before byte {at:,}"
    return UnreadableFile(path.name, found, "reports that are smaller; export them without attached files")
