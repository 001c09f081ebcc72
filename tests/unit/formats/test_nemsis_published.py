"""The standard's own test cases and samples are read, and its failing ones refused with a reason."""

from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from throughline.formats import nemsis
from throughline.formats.event import Event
from throughline.formats.faults import Rejected, UnreadableFile
from throughline.formats.gazetteer import Gazetteer
from throughline.formats.mapping import parse_mapping
from throughline.formats.nemsis.report import lay_out
from throughline.formats.nemsis.rules import check_report
from throughline.formats.nemsis.schemas import ReportSchema
from throughline.formats.registry import find_format

DATA = Path(__file__).parents[3] / "../shared/data/nemsis"
PASSING = [path for folder in ("xml", "xml_sample") for path in sorted((DATA / folder).glob("*EMS*.xml"))]

pytestmark = pytest.mark.skipif(
    not DATA.exists(), reason="../shared, which holds the published files, is not here"
)


def read(path: Path, schemas: Path | None = None) -> list[Event | Rejected]:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    mapping = parse_mapping(nemsis.MAPPING)
    return list(nemsis.read_nemsis(path, mapping, Gazetteer([]), received_at=at, schemas=schemas))


@pytest.mark.parametrize("schemas", [None, DATA / "xsd"], ids=["by the table", "by the schemas"])
@pytest.mark.parametrize("path", PASSING, ids=lambda path: path.stem)
def test_every_passing_file_is_one_event(path: Path, schemas: Path | None) -> None:
    assert find_format(path) is nemsis
    (event,) = read(path, schemas)
    assert isinstance(event, Event)


def test_all_published_files_were_found() -> None:
    assert len(PASSING) == 25


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (
            "2025-EMS-FailXsd_v351",
            "line 121, element eSituation: "
            "eSituation.20 (Reason for Interfacility Transfer/Medical Transport) is missing",
        ),
        (
            "2025-EMS-FailSchematron_v351",
            "line 135, element eSituation.10: "
            "eSituation.10 (Other Associated Symptoms) has PN 8801031 and no value",
        ),
    ],
)
@pytest.mark.parametrize("schemas", [None, DATA / "xsd"], ids=["by the table", "by the schemas"])
def test_failing_files_are_refused_with_line_and_element(name: str, found: str, schemas: Path | None) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read(DATA / "xml_must_fail" / f"{name}.xml", schemas)
    assert refused.value.found == found


@pytest.mark.parametrize("name", ["2025-DEM-1_v351", "2025-STATE-1_v351"])
def test_files_about_agencies_and_states_say_what_to_export_instead(name: str) -> None:
    with pytest.raises(UnreadableFile, match=r"holds no patients. Expected an EMS data set of NEMSIS 3.5"):
        read(DATA / "xml" / f"{name}.xml")


def removed(element: Any) -> None:
    element.getparent().remove(element)


def repeated(element: Any) -> None:
    element.addnext(deepcopy(element))


def emptied(element: Any) -> None:
    element.clear()


def swapped(element: Any) -> None:
    if element.getnext() is not None:
        element.getnext().addnext(element)


@settings(max_examples=200, deadline=None)
@given(path=st.sampled_from(PASSING or [DATA]), data=st.data())
def test_the_table_refuses_nothing_that_the_schemas_allow(path: Path, data: st.DataObject) -> None:
    report = parsed(path)
    element = data.draw(st.sampled_from(list(report.iter())[1:]))
    change = data.draw(st.sampled_from([removed, repeated, emptied, swapped]))
    change(element)
    if schema().fault(report) is None:
        check_report(lay_out(report))


@cache
def schema() -> ReportSchema:
    return ReportSchema(DATA / "xsd")


def parsed(path: Path) -> Any:
    return etree.parse(path, etree.XMLParser(remove_comments=True)).find(".//{*}PatientCareReport")


def test_the_overdose_test_case_keeps_what_it_says() -> None:
    (event,) = read(DATA / "xml/2025-EMS-1-Overdose_v351.xml")
    assert isinstance(event, Event)
    assert event.record_id == "C034/2025-EMS-1-Overdose_v351"
    assert event.occurred_at == datetime(2024, 10, 8, 0, 22, 1, tzinfo=UTC)
    assert (event.latitude, event.longitude) == (41.396, -73.453)
    assert (event.outcome, event.age, event.sex, event.race) == ("nonfatal", 45, "female", "White")
    impressions = [code for code in event.codes if code.startswith(("eSituation.11=", "eSituation.12="))]
    assert impressions == ["eSituation.11=F19", "eSituation.12=F10.92"]
    assert (
        "eNarrative.01=Overdose patient transported to Garrett Recovery as part of pilot program."
        in event.texts
    )
