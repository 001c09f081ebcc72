"""Files that nobody should have sent are refused at once, in little memory, with one clear line."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from throughline.formats import nemsis
from throughline.formats.event import Event
from throughline.formats.faults import Rejected, UnreadableFile
from throughline.formats.gazetteer import Gazetteer, Place
from throughline.formats.limits import DEFAULT_LIMITS, Limits
from throughline.formats.mapping import parse_mapping
from throughline.formats.nemsis import stream

SAMPLE = (Path(__file__).parents[2] / "samples/nemsis.xml").read_text()
START = "<EMSDataSet "
PLACES = Gazetteer([Place("07", 41.80, -87.70)])

Read = Callable[..., list[Event | Rejected]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    return lambda content, limits=DEFAULT_LIMITS: read_file(tmp_path / "ems.xml", content, limits)


def read_file(path: Path, content: str | bytes, limits: Limits = DEFAULT_LIMITS) -> list[Event | Rejected]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    at = datetime(2026, 3, 10, tzinfo=UTC)
    return list(nemsis.read(path, parse_mapping(nemsis.MAPPING), PLACES, received_at=at, limits=limits))


def refusal(read: Read, content: str | bytes) -> str:
    with pytest.raises(UnreadableFile) as refused:
        read(content)
    return refused.value.found


def test_an_entity_bomb_is_refused_before_it_goes_off(read: Read) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE EMSDataSet [<!ENTITY e0 "boom">{entities}]>{START}'
    assert "DOCTYPE" in refusal(read, SAMPLE.replace(START, bomb).replace("Found down", "&e9;"))
    assert "entity" in refusal(read, SAMPLE.replace(START, f'{bomb} boom="&e9;" '))


def test_an_external_entity_is_never_fetched(read: Read, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    outside = f'<!DOCTYPE EMSDataSet [<!ENTITY x SYSTEM "{tmp_path / "secret"}">]>{START}'
    assert "DOCTYPE" in refusal(read, SAMPLE.replace(START, outside).replace("Found down", "&x;"))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Found down", "a\0b", "Char 0x0 out of allowed range"),
        ("Found down", "a&#x1f;b", "invalid xmlChar value 31"),
        ("Found down", "&unknown;", "the XML is broken"),
        ("<eTimes>", "<eTimes>" + "<eTimes.x>" * 300, "Excessive depth in document"),
        ("<Header>", "<Header>" + "<a>" * 100_000, "Excessive depth in document"),
        ("</EMSDataSet>", "</EMSDataSet><x/>", "Extra content at the end of the document"),
        ("</Header>", "<x/></Header>", "x does not belong into Header"),
        ("</EMSDataSet>", "<x/></EMSDataSet>", "x does not belong into EMSDataSet"),
        ("</PatientCareReport>", "</PatientCareReport><x/>", "x stands where it does not belong"),
        ("<eTimes>", '<eTimes><PatientCareReport UUID="x"/>', "PatientCareReport stands where"),
        ("<dAgency.01>HALVERN-EMS</dAgency.01>", "", "dAgency.01 (EMS Agency Unique State ID) is missing"),
        ('encoding="UTF-8"', 'encoding="klingon"', "Unsupported encoding: klingon"),
        (
            "http://www.nemsis.org",
            "http://example.org",
            "the root element is EMSDataSet in http://example.org",
        ),
        (' xmlns="http://www.nemsis.org"', "", "the root element is EMSDataSet in no namespace"),
        ("EMSDataSet", "DEMDataSet", "a DEMDataSet, which describes an EMS agency and holds no patients"),
        ("EMSDataSet", "StateDataSet", "a StateDataSet, which lists what a state collects"),
        (START, f'{START}xsi:schemaLocation="http://www.nemsis.org ./3.4.0/E.xsd" ', "of NEMSIS 3.4"),
    ],
)
def test_a_broken_or_foreign_file_is_refused_in_one_line(read: Read, old: str, new: str, told: str) -> None:
    found = refusal(read, SAMPLE.replace(old, new))
    assert told in found
    assert "\n" not in found


@pytest.mark.parametrize("content", ["", "   ", "hello", "<html></html>", "\0\0\0\0", "{}", "PK\x03\x04"])
def test_what_is_no_ems_file_at_all_is_refused(read: Read, content: str) -> None:
    assert refusal(read, content)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_a_file_that_breaks_off_is_refused_whole(read: Read, part: float) -> None:
    assert refusal(read, SAMPLE[: int(len(SAMPLE) * part)])


def test_a_file_without_reports_is_refused(read: Read) -> None:
    start, end = SAMPLE.index("    <PatientCareReport"), SAMPLE.rindex("  </Header>")
    assert "PatientCareReport is missing" in refusal(read, SAMPLE[:start] + SAMPLE[end:])


@pytest.mark.parametrize("declared", ["UTF-16", "ISO-8859-1", "windows-1252"])
def test_other_declared_encodings_are_read(read: Read, declared: str) -> None:
    content = SAMPLE.replace("UTF-8", declared).replace("Found down", "Trouvé").encode(declared)
    first = read(content)[0]
    assert isinstance(first, Event)
    assert first.texts[0] == "eSituation.04=Trouvé, not breathing"
    assert nemsis.recognizes(content[:4096])


def test_a_file_in_another_encoding_than_it_declares_is_refused(read: Read) -> None:
    content = SAMPLE.replace("Found down", "Trouvé").encode("latin-1")
    assert "Invalid bytes in character encoding" in refusal(read, content)


@pytest.mark.parametrize("filler", ["<!--{}-->", "<x>{}</x>", "{}"])
def test_a_line_without_end_is_refused_before_it_fills_the_memory(
    read: Read, filler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "MOST_BYTES_PER_REPORT", 1_000_000)
    found = refusal(read, SAMPLE.replace("<Header>", "<Header>" + filler.format("x" * 3_000_000)))
    assert found.startswith("no report ends in the")


def test_a_report_of_very_many_elements_is_refused(read: Read) -> None:
    content = SAMPLE.replace("<eTimes>", "<eTimes>" + "<eTimes.99>x</eTimes.99>" * 60_000, 1)
    assert "element PatientCareReport: more than 50,000 elements" in refusal(read, content)


def test_a_file_larger_than_the_limit_is_not_opened(read: Read) -> None:
    with pytest.raises(UnreadableFile, match="at most 0 MB; send it in parts"):
        read(SAMPLE, Limits(file=1000))


def test_a_report_is_out_of_memory_when_the_next_one_comes(tmp_path: Path) -> None:
    start, end = SAMPLE.index("    <PatientCareReport"), SAMPLE.rindex("  </Header>")
    path = tmp_path / "ems.xml"
    path.write_text(SAMPLE[:start] + SAMPLE[start:end] * 50 + SAMPLE[end:])
    counts = []
    for _, report in stream.stream_reports(path):
        header = report.element.getparent()
        assert header is not None
        counts.append(
            sum(len(child) > 0 for child in header.iterchildren(stream.REPORT) if child is not report.element)
        )
    assert len(counts) == 150
    assert max(counts) <= 65_536 * 2 // 10_000  # what the parser has read ahead, and nothing behind


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_no_damage_is_ever_more_than_a_refusal_or_a_quarantine(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(SAMPLE.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        length = data.draw(st.integers(0, 40))
        content[at : at + length] = data.draw(
            st.binary(max_size=20) | st.sampled_from([b"<", b">", b"&", b'"'])
        )
    try:
        results = read_file(tmp_path / "damaged.xml", bytes(content))
    except UnreadableFile:
        return
    assert [result.row for result in results] == list(range(1, len(results) + 1))
    assert 1 <= len(results) <= 3
