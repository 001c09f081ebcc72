"""Reads EMS patient care reports: XML files of NEMSIS 3.5."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from throughline.formats.event import Event
from throughline.formats.faults import Reason, Rejected, UnreadableFile, shown
from throughline.formats.gazetteer import Gazetteer
from throughline.formats.limits import DEFAULT_LIMITS, Limits
from throughline.formats.mapping import Mapping as FeedMapping
from throughline.formats.nemsis.elements import SEPARATOR, flat_elements, flatten, medications, raw_values
from throughline.formats.nemsis.fault import RecordFault
from throughline.formats.nemsis.meaning import DERIVED, meaning_of
from throughline.formats.nemsis.reference import installed_folder
from throughline.formats.nemsis.report import Report
from throughline.formats.nemsis.root import check_file, recognizes
from throughline.formats.nemsis.rules import check_national_rules, check_report
from throughline.formats.nemsis.schemas import ReportSchema, SchemaFolderFault
from throughline.formats.nemsis.stream import stream_reports
from throughline.formats.records import Record, read_records
from throughline.formats.tabular import Progress
from throughline.formats.wording import gettext_noop as _

__all__ = ["KEY", "MAPPING", "NAME", "SUFFIXES", "elements", "read", "read_nemsis", "recognizes"]

KEY = "nemsis"
NAME = _("EMS patient care reports (NEMSIS 3.5, XML)")
SUFFIXES = (".xml",)
MAPPING: Mapping[str, Any] = json.loads((Path(__file__).parent / "mapping.json").read_text(encoding="utf-8"))


def elements() -> tuple[str, ...]:
    """All that a mapping can ask for: elements with their not-values and negatives, and what is derived of them."""
    return (*flat_elements(), *DERIVED)


def read_nemsis(
    path: Path,
    mapping: FeedMapping,
    gazetteer: Gazetteer,
    *,
    received_at: datetime,
    progress: Progress | None = None,
    limits: Limits = DEFAULT_LIMITS,
    schemas: Path | None = None,
) -> Iterator[Event | Rejected]:
    """Read a file report by report; each comes out once, as an event or set aside with the rule it breaks.

    Every report is checked against the product's own table of the standard. Where `schemas`, or else the setting
    THROUGHLINE_NEMSIS_SCHEMAS, names a folder with the standard's schemas, it must be valid under those too.
    Raises UnreadableFile when the file can't be read as a whole, and when none of its reports is in order.
    """
    check_file(path, limits)
    schema = _schema(path, schemas or installed_folder())
    records = _records(path, gazetteer, schema, progress)
    yield from read_records(path.name, records, elements(), mapping, gazetteer, received_at=received_at)


read = read_nemsis


def _records(
    path: Path, gazetteer: Gazetteer, schema: ReportSchema | None, progress: Progress | None
) -> Iterator[Record | Rejected]:
    first: RecordFault | None = None
    in_order = 0
    for number, (agency, report) in enumerate(stream_reports(path, progress), start=1):
        try:
            _check(report, schema)
        except RecordFault as fault:
            first = first or fault
            yield _rejected(number, report, fault)
        else:
            in_order += 1
            yield number, _record(agency, report, gazetteer)
    if first and not in_order:
        found = f"line {first.line}, element {first.element}: {shown(first.found)}"
        raise UnreadableFile(path.name, found, first.expected)


def _check(report: Report, schema: ReportSchema | None) -> None:
    """A schema says all that the table says and more, but the table says it more plainly."""
    if schema is None:
        check_report(report)
    elif fault := schema.fault(report.element):
        check_report(report)
        raise fault
    else:
        check_national_rules(report)


def _record(agency: Report, report: Report, gazetteer: Gazetteer) -> Mapping[str, str]:
    given = medications(report)
    values = flatten(agency, report) | {"eMedications.03": list(map(str, given))}
    flat = {element: SEPARATOR.join(several) for element, several in values.items()}
    return {**flat, **meaning_of(values, given, gazetteer)}


def _rejected(number: int, report: Report, fault: RecordFault) -> Rejected:
    expected = f"{fault.expected} (line {fault.line})"
    return Rejected(number, fault.element, shown(fault.found), Reason.INVALID, expected, raw_values(report))


def _schema(path: Path, folder: Path | None) -> ReportSchema | None:
    if folder is None:
        return None
    try:
        return _loaded(folder)
    except SchemaFolderFault as fault:
        raise UnreadableFile(path.name, str(fault), "the schemas of NEMSIS 3.5.1 in that folder") from None


@cache
def _loaded(folder: Path) -> ReportSchema:
    return ReportSchema(folder)
