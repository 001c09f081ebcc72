"""Validates patient care reports against the standard's own schemas, where the administrator has put them."""

import re
from pathlib import Path
from typing import Any

from lxml import etree

from throughline.formats.nemsis.fault import RecordFault

SCHEMA = "EMSDataSet_v3.xsd"
_XS = "{http://www.w3.org/2001/XMLSchema}"
_NOT_FOR_PEOPLE = re.compile(r"\{http[^{}]*\}|\[facet '\w+'\] ")
_ELEMENT = re.compile(r"Element '([^']+)'")


class SchemaFolderFault(Exception):
    """A folder of schemas that can't be used, with the reason."""


class ReportSchema:
    """The standard's schema of one PatientCareReport.

    The schema declares reports only inside of a whole file. Their declaration takes the place of the file's, so
    that each report of a stream can be validated by itself.
    """

    def __init__(self, folder: Path) -> None:
        try:
            document = etree.parse(folder / SCHEMA, etree.XMLParser(no_network=True, resolve_entities=False))
            _promote_report(document.getroot())
            self._schema: Any = etree.XMLSchema(document)
        except (OSError, etree.LxmlError) as fault:
            raise SchemaFolderFault(f"{folder / SCHEMA} can't be used as a schema: {fault}") from fault

    def fault(self, report: etree._Element) -> RecordFault | None:
        """What the schema finds wrong with a report first; None if it is valid."""
        if self._schema.validate(report):
            return None
        error = self._schema.error_log[0]
        message = _NOT_FOR_PEOPLE.sub("", error.message)
        element = _ELEMENT.match(message)
        found = message[element.end() :].lstrip(":, ") if element else message
        expected = f"a report that is valid under {SCHEMA}"
        return RecordFault(error.line, element[1] if element else "PatientCareReport", found, expected)


def _promote_report(schema: etree._Element) -> None:
    declared = schema.find(f".//{_XS}element[@name='PatientCareReport']")
    if declared is None:
        raise etree.LxmlError("it declares no PatientCareReport")
    declared.attrib.pop("maxOccurs", "")
    for element in schema.findall(f"{_XS}element"):
        schema.remove(element)
    schema.append(declared)
