"""Which reports break the standard, and what a person is told."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from throughline.formats import nemsis
from throughline.formats.event import Event
from throughline.formats.faults import Reason, Rejected, UnreadableFile
from throughline.formats.gazetteer import Gazetteer
from throughline.formats.mapping import parse_mapping
from throughline.formats.nemsis.reference import rows
from throughline.formats.nemsis.structure import members, misplaced, value_members

SAMPLE = Path(__file__).parents[2] / "samples/nemsis.xml"
SCHEMAS = Path(__file__).parents[3] / "../shared/data/nemsis/xsd"
NIL = 'xsi:nil="true"'


@pytest.fixture
def first_report(tmp_path: Path, gazetteer: Gazetteer) -> Callable[..., list[Event | Rejected]]:
    """Read the sample with a text of its first report replaced."""

    def read(old: str, new: str, schemas: Path | None = None) -> list[Event | Rejected]:
        content = SAMPLE.read_text()
        assert content.index(old) < content.index("</PatientCareReport>")
        path = tmp_path / "ems.xml"
        path.write_text(content.replace(old, new, 1))
        at = datetime(2026, 3, 10, tzinfo=UTC)
        mapping = parse_mapping(nemsis.MAPPING)
        return list(nemsis.read_nemsis(path, mapping, gazetteer, received_at=at, schemas=schemas))

    return read


FAULTS = [
    pytest.param(
        '        <eSituation.20 xsi:nil="true" NV="7701001"/>\n',
        "",
        ("eSituation", "eSituation.20 (Reason for Interfacility Transfer/Medical Transport) is missing"),
        id="a required element is missing",
    ),
    pytest.param(
        "<eSituation.09>R40.20</eSituation.09>",
        "<eSituation.09>R40.20</eSituation.09><eSituation.09>R40.20</eSituation.09>",
        ("eSituation.09", "eSituation.09 (Primary Symptom) is repeated"),
        id="an element is repeated",
    ),
    pytest.param(
        "<eSituation.13>2813001</eSituation.13>",
        "<eSituation.13/>",
        ("eSituation.13", "eSituation.13 (Initial Patient Acuity) is empty"),
        id="an element is empty",
    ),
    pytest.param(
        "<eScene.18>99</eScene.18>\n        <eScene.19>99301</eScene.19>",
        "<eScene.19>99301</eScene.19>\n        <eScene.18>99</eScene.18>",
        ("eScene.18", "eScene.18 (Incident State) stands after eScene.19"),
        id="elements stand in another order",
    ),
    pytest.param(
        "<eDispatch.01>",
        "<eTimes.02>2026-02-03T22:02:00-05:00</eTimes.02><eDispatch.01>",
        ("eTimes.02", "eTimes.02 does not belong into eDispatch"),
        id="an element stands in another section",
    ),
    pytest.param(
        "<eResponse.05>2205001",
        "<eResponse.05>2205002",
        ("eResponse.05", "eResponse.05 (Type of Service Requested) '2205002'"),
        id="a code is not in the list",
    ),
    pytest.param(
        "<eSituation.11>T40.411A",
        "<eSituation.11>overdose",
        ("eSituation.11", "eSituation.11 (Provider's Primary Impression) 'overdose'"),
        id="a value is no code",
    ),
    pytest.param(
        "<eTimes.03>2026-02-03T22:03:00-05:00",
        "<eTimes.03>2026-02-03T22:03:00",
        ("eTimes.03", "eTimes.03 (Unit Notified by Dispatch Date/Time) '2026-02-03T22:03:00'"),
        id="a time does not say its offset",
    ),
    pytest.param(
        "<eTimes.03>2026-02-03T22:03:00-05:00</eTimes.03>",
        f'<eTimes.03 {NIL} NV="7701003"/>',
        ("eTimes.03", "eTimes.03 (Unit Notified by Dispatch Date/Time) has NV '7701003'"),
        id="a mandatory element has a not-value",
    ),
    pytest.param(
        "<eSituation.09>R40.20</eSituation.09>",
        f"<eSituation.09 {NIL}/>",
        ("eSituation.09", "eSituation.09 (Primary Symptom) is empty"),
        id="nil alone, nemSch_e001",
    ),
    pytest.param(
        "<eSituation.09>R40.20",
        '<eSituation.09 NV="7701001">R40.20',
        ("eSituation.09", "eSituation.09 (Primary Symptom) has NV 7701001 without xsi:nil"),
        id="a value and a not-value, nemSch_e002",
    ),
    pytest.param(
        '<eSituation.01 PN="8801029">2026-02-03T21:50:00-05:00</eSituation.01>',
        f'<eSituation.01 {NIL} PN="8801029"/>',
        ("eSituation.01", "eSituation.01 (Date/Time of Symptom Onset) has PN 8801029 and no value"),
        id="approximate without a value, nemSch_e004",
    ),
    pytest.param(
        '<eSituation.10 PN="8801031">R56.9</eSituation.10>',
        f'<eSituation.10 {NIL} PN="8801031"/>',
        ("eSituation.10", "eSituation.10 (Other Associated Symptoms) has PN 8801031 and no value"),
        id="no symptom that was absent, nemSch_e005",
    ),
    pytest.param(
        '<eSituation.10 PN="8801031">R56.9</eSituation.10>',
        '<eSituation.10 PN="8801031"/>',
        ("eSituation.10", "eSituation.10 (Other Associated Symptoms) has PN 8801031 and no value"),
        id="no symptom and no nil either, nemSch_e005",
    ),
    pytest.param(
        "<eMedications.03>7242</eMedications.03>",
        f'<eMedications.03 {NIL} PN="8801019"/>',
        ("eMedications.03", "eMedications.03 (Medication Administered) has PN 8801019 and no value"),
        id="no medication that was refused, nemSch_e006",
    ),
    pytest.param(
        "<ePatient.25>9919003",
        '<ePatient.25 PN="8801019">9919003',
        ("ePatient.25", "ePatient.25 (Sex) has PN 8801019 and a value"),
        id="refused, and yet a value, nemSch_e008",
    ),
    pytest.param(
        'UUID="5f0a1c52-7d3e-4b1a-9c55-1f2e3d4c5b61"',
        'UUID="41"',
        ("PatientCareReport", "UUID '41'"),
        id="a UUID that is none",
    ),
    pytest.param(
        "<eTimes>",
        '<eTimes xmlns:x="http://example.org"><x:note>hello</x:note>',
        ("note", "note does not belong into eTimes"),
        id="an element of somebody else",
    ),
]


@pytest.mark.parametrize(("old", "new", "told"), FAULTS)
def test_a_report_that_breaks_a_rule_is_set_aside_and_the_others_are_read(
    first_report: Callable[..., list[Event | Rejected]], old: str, new: str, told: tuple[str, str]
) -> None:
    first, *others = first_report(old, new)
    assert isinstance(first, Rejected)
    assert (first.row, first.reason) == (1, Reason.INVALID)
    assert (first.field, first.value) == told
    assert len(others) == 2
    assert all(isinstance(other, Event) for other in others)


@pytest.mark.skipif(not SCHEMAS.exists(), reason="../shared, which holds the standard's schemas, is not here")
@pytest.mark.parametrize(("old", "new", "told"), FAULTS)
def test_where_the_schemas_are_there_the_same_reports_are_set_aside(
    first_report: Callable[..., list[Event | Rejected]], old: str, new: str, told: tuple[str, str]
) -> None:
    first, *others = first_report(old, new, schemas=SCHEMAS)
    assert isinstance(first, Rejected)
    assert len(others) == 2
    assert all(isinstance(other, Event) for other in others)


@pytest.mark.skipif(not SCHEMAS.exists(), reason="../shared, which holds the standard's schemas, is not here")
def test_schemas_also_find_what_the_table_does_not_list(
    first_report: Callable[..., list[Event | Rejected]],
) -> None:
    old, new = "<eResponse.23>2223001", "<eResponse.23>1234567"  # seven digits, but no code of the list
    assert isinstance(first_report(old, new)[0], Event)
    first = first_report(old, new, schemas=SCHEMAS)[0]
    assert isinstance(first, Rejected)
    assert first.field == "eResponse.23"
    assert first.value.startswith("The value '1234567' is not an element of the set {'2223001', ")


def test_an_optional_element_that_nobody_reads_may_be_empty(
    first_report: Callable[..., list[Event | Rejected]],
) -> None:
    assert isinstance(first_report("</eOutcome>", "</eOutcome><eOther><eOther.11/></eOther>")[0], Event)


def test_a_fault_names_its_line(first_report: Callable[..., list[Event | Rejected]]) -> None:
    line = SAMPLE.read_text().splitlines().index("        <eSituation.11>T40.411A</eSituation.11>") + 1
    first = first_report("<eSituation.11>T40.411A", "<eSituation.11>overdose")[0]
    assert isinstance(first, Rejected)
    assert first.expected == f"an ICD-10-CM code, such as T40.1X1A (line {line})"


def test_lines_are_right_far_into_a_file(first_report: Callable[..., list[Event | Rejected]]) -> None:
    first = first_report("<eTimes>", "\n" * 70_000 + "<eTimes><eTimes.01>soon</eTimes.01>")[0]
    line = SAMPLE.read_text().splitlines().index("      <eTimes>") + 1 + 70_000
    assert isinstance(first, Rejected)
    assert first.expected.endswith(f"(line {line})")


def test_what_a_faulty_report_says_is_kept_under_names_that_no_mapping_takes_for_elements(
    first_report: Callable[..., list[Event | Rejected]],
) -> None:
    first = first_report("<eSituation.11>T40.411A", "<eSituation.11>overdose")[0]
    assert isinstance(first, Rejected)
    assert first.raw["(eSituation.11)"] == "overdose"
    assert first.raw["(eSituation.10)"] == "R06.81 ; R56.9 PN=8801031"
    assert not set(first.raw) & set(nemsis.elements())


def test_a_file_without_any_report_in_order_is_refused_with_the_first_fault(
    tmp_path: Path, gazetteer: Gazetteer
) -> None:
    path = tmp_path / "ems.xml"
    path.write_text(SAMPLE.read_text().replace("<eSituation.13>", "<eSituation.13>x"))
    mapping = parse_mapping(nemsis.MAPPING)
    with pytest.raises(UnreadableFile) as refused:
        list(nemsis.read(path, mapping, gazetteer, received_at=datetime(2026, 3, 10, tzinfo=UTC)))
    line = path.read_text().splitlines().index("        <eSituation.13>x2813001</eSituation.13>") + 1
    assert refused.value.found.startswith(f"line {line}, element eSituation.13: ")
    assert refused.value.expected == "one of the 5 codes that the standard lists for eSituation.13"


@pytest.mark.parametrize(
    "content", ["", "<no schema/>", "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'/>"]
)
def test_a_folder_without_usable_schemas_is_named(
    tmp_path: Path, first_report: Callable[..., list[Event | Rejected]], content: str
) -> None:
    if content:
        (tmp_path / "EMSDataSet_v3.xsd").write_text(content)
    with pytest.raises(UnreadableFile, match=r"EMSDataSet_v3.xsd can't be used as a schema"):
        first_report("<eTimes>", "<eTimes>", schemas=tmp_path)


def test_the_table_knows_every_element_by_one_tag_and_kind() -> None:
    assert len(value_members()) == len({member.name for member in value_members().values()})
    assert sum(member.read for member in value_members().values()) == 75


def test_a_group_without_what_it_must_hold_is_at_fault() -> None:
    for parent, known in members().items():
        required = [member.name for member in known.values() if member.required]
        fault = misplaced(parent, ())
        assert (fault is not None) == bool(required)


def test_an_installation_can_replace_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THROUGHLINE_NEMSIS_SCHEMAS", str(tmp_path))
    own = rows("meanings")
    (tmp_path / "meanings.csv").write_text("meaning,element,code,word\nnaloxone,eMedications.03,999,yes\n")
    assert rows("meanings") == [
        {"meaning": "naloxone", "element": "eMedications.03", "code": "999", "word": "yes"}
    ]
    assert len(own) > 1
    assert len(rows("codes")) > 300


def test_every_coded_element_has_its_list_and_every_kind_its_pattern() -> None:
    listed = {row["element"] for row in rows("codes")}
    kinds = {row["kind"] for row in rows("kinds")}
    for member in value_members().values():
        known = member.kind in kinds or member.kind.startswith("text ") or not member.kind
        assert known if member.kind != "coded" else member.name in listed
