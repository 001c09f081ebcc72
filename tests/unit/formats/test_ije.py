"""Lines of the Inter-Jurisdictional Exchange become events."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from throughline.formats import ije
from throughline.formats.faults import Reason, UnreadableFile
from throughline.formats.gazetteer import Gazetteer
from throughline.formats.ije.record import LENGTH, layout
from throughline.formats.mapping import parse_mapping
from throughline.formats.registry import find_format

SAMPLE = Path(__file__).parents[2] / "samples/deaths.ije"

LEAST = {"DOD_YR": "2026", "DSTATE": "YC", "FILENO": "000042", "VOID": "0", "DOD_MO": "03", "DOD_DY": "07"}

ReadLines = Callable[..., list[Any]]


def line(**fields: str) -> str:
    """A line with these fields besides the least that a record says."""
    text = [" "] * LENGTH
    for name, value in (LEAST | fields).items():
        place = layout()[name]
        text[place] = value.ljust(place.stop - place.start)
    return "".join(text)


@pytest.fixture
def read_lines(tmp_path: Path, gazetteer: Gazetteer, at: datetime) -> ReadLines:
    def read(*lines: str) -> list[Any]:
        path = tmp_path / "deaths.ije"
        path.write_text("\r\n".join(lines), encoding="latin-1")
        return list(ije.read(path, parse_mapping(dict(ije.MAPPING)), gazetteer, received_at=at))

    return read


def test_no_two_fields_overlap() -> None:
    places = sorted((place.start, place.stop) for place in layout().values())
    assert all(stop <= start for (_, stop), (start, _) in pairwise(places))
    assert places[-1][1] <= LENGTH


def test_the_least_record_is_one_fatal_event(read_lines: ReadLines) -> None:
    [event] = read_lines(line())
    assert (event.record_id, event.outcome, event.time_quality) == ("YC/2026/000042", "fatal", "day")
    assert event.occurred_at == datetime(2026, 3, 7, tzinfo=UTC)
    assert (event.age, event.sex, event.manner, event.deleted) == (None, "unknown", "unknown", False)


def test_the_record_is_the_one_that_fhir_messages_speak_of(read_lines: ReadLines) -> None:
    [event] = read_lines(line(FILENO="000182", DSTATE="NY"))
    assert event.record_id == "NY/2026/000182"


def test_codes_get_their_dots_and_keep_their_axis(read_lines: ReadLines) -> None:
    [event] = read_lines(
        line(
            ACME_UC="X42",
            RAC="X42  T404 T436 ",
            EAC="11T404  21F191 &",
            MANNER="A",
            COD1A="FENTANYL TOXICITY",
        )
    )
    assert event.codes == (
        "underlying_cause=X42",
        "multiple_cause=X42",
        "multiple_cause=T40.4",
        "multiple_cause=T43.6",
        "entity_axis=T40.4",
        "entity_axis=F19.1",
        "date_of=death",
    )
    assert (event.manner, event.substances) == ("accident", ("fentanyl", "opioid_unspecified"))
    assert event.texts == ("cause_of_death=FENTANYL TOXICITY",)


@pytest.mark.parametrize(
    ("fields", "occurred"),
    [
        ({"TOI_HR": "1105", "TOI_UNIT": "P"}, datetime(2026, 3, 5, 23, 5, tzinfo=UTC)),
        ({"TOI_HR": "1205", "TOI_UNIT": "A"}, datetime(2026, 3, 5, 0, 5, tzinfo=UTC)),
        ({"TOI_HR": "2305", "TOI_UNIT": "M"}, datetime(2026, 3, 5, 23, 5, tzinfo=UTC)),
        ({"TOI_HR": "9999"}, datetime(2026, 3, 5, tzinfo=UTC)),
    ],
)
def test_the_injury_counts_with_its_time(
    read_lines: ReadLines, fields: dict[str, str], occurred: datetime
) -> None:
    [event] = read_lines(line(DOI_YR="2026", DOI_MO="03", DOI_DY="05", **fields))
    assert event.occurred_at == occurred
    assert "date_of=injury" in event.codes


def test_an_injury_on_an_unknown_day_leaves_the_day_of_the_death(read_lines: ReadLines) -> None:
    [event] = read_lines(line(DOI_YR="2026", DOI_MO="03", DOI_DY="99"))
    assert event.occurred_at.day == 7


@pytest.mark.parametrize(
    ("unit", "written", "age"),
    [("1", "042", 42), ("2", "023", 1), ("5", "007", 0), ("1", "999", None), ("9", "999", None)],
)
def test_ages_are_completed_years(read_lines: ReadLines, unit: str, written: str, age: int | None) -> None:
    assert [event.age for event in read_lines(line(AGETYPE=unit, AGE=written))] == [age]


def test_races_and_hispanic_origin(read_lines: ReadLines) -> None:
    [event] = read_lines(line(RACE="NYNNNNNNNNNNYNN", DETHNIC="NNHN", SEX="F"))
    assert (event.race, event.ethnicity, event.sex) == (
        "BlackOrAfricanAmerican|Samoan",
        "Hispanic or Latino",
        "female",
    )


def test_a_void_certificate_is_taken_back(read_lines: ReadLines) -> None:
    assert [event.deleted for event in read_lines(line(VOID="1"))] == [True]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (line()[:-1], Reason.INVALID),
        (line() + " ", Reason.INVALID),
        (line(FILENO=""), Reason.MISSING),
        (line(FILENO="12A456"), Reason.BAD_NUMBER),
        (line(DOD_MO="13"), Reason.BAD_DATE),
        (line(DOD_DY="99"), Reason.BAD_DATE),
    ],
)
def test_lines_with_faults_are_set_aside(read_lines: ReadLines, text: str, reason: Reason) -> None:
    rejected, event = read_lines(text, line())
    assert (rejected.row, rejected.reason) == (1, reason)
    assert event.row == 2


def test_a_line_that_never_ends_is_refused(read_lines: ReadLines) -> None:
    with pytest.raises(UnreadableFile, match="line 2 is longer than 1 MB"):
        read_lines(line(), "9" * 3_000_000)


def test_the_sample_is_known_by_its_content(gazetteer: Gazetteer, at: datetime) -> None:
    assert find_format(SAMPLE).KEY == "ije"
    events = list(ije.read(SAMPLE, parse_mapping(dict(ije.MAPPING)), gazetteer, received_at=at))
    assert [event.record_id for event in events] == ["YC/2026/000042", "YC/2026/000043"]
    assert "underlying_cause=X42" in events[0].codes
