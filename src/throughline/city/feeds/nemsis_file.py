"""Writes patient care reports as an ambulance service exports them: one XML file of NEMSIS 3.5."""

from collections.abc import Sequence
from pathlib import Path
from string import Template
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape

from throughline.city.feeds.design import Cells

NOT_RECORDED = "7701003"
_SEVERAL = frozenset({"ePatient.14"})  # races and ethnicity
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!-- Simulated: no person, agency or place in this file exists. -->
<EMSDataSet xmlns="http://www.nemsis.org" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<Header>
<DemographicGroup>
  <dAgency.01>{agency}</dAgency.01>
  <dAgency.02>H-017</dAgency.02>
  <dAgency.04>99</dAgency.04>
</DemographicGroup>
"""
_TAIL = "</Header>\n</EMSDataSet>\n"


class _Report(Template):
    """Placeholders are named after the elements that take their place."""

    idpattern = r"[A-Za-z]+(?:\.\d+)?"


_REPORT = _Report((Path(__file__).parent / "ems_report.xml").read_text(encoding="utf-8"))


def write_nemsis(path: Path, reports: Sequence[Cells], *, agency: str) -> None:
    """Reports by element. Blanks part the values of one; an element without any is said to be not recorded."""
    written = "".join(_written(report) for report in reports)
    path.write_text(_HEAD.format(agency=escape(agency)) + written + _TAIL, encoding="utf-8")


def _written(report: Cells) -> str:
    elements = {name: _element(name, str(value)) for name, value in report.items()}
    return _REPORT.substitute(elements, uuid=uuid5(NAMESPACE_URL, str(report["eRecord.01"])))


def _element(name: str, value: str) -> str:
    if not value:
        return f'<{name} xsi:nil="true" NV="{NOT_RECORDED}"/>'
    values = value.split() if name in _SEVERAL else [value]
    return "".join(f"<{name}>{escape(one)}</{name}>" for one in values)
