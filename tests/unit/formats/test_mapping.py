"""Faults of a mapping are listed all at once, each with its path."""

from typing import Any

import pytest

from throughline.formats.mapping import MappingError, parse_mapping


def faults(document: Any) -> tuple[str, ...]:
    with pytest.raises(MappingError) as error:
        parse_mapping(document)
    return error.value.faults


def with_setting(document: dict[str, Any], **settings: Any) -> tuple[str, ...]:
    return faults(document | settings)


def test_the_least_mapping_says_when(document: dict[str, Any]) -> None:
    mapping = parse_mapping(document)
    assert mapping.columns == ("id", "when")
    assert mapping.layout.encoding == "utf-8-sig"
    assert mapping.place.nearest_within_km == 10


@pytest.mark.parametrize("document", [None, [], "text", 3])
def test_a_document_that_is_no_object_is_refused(document: Any) -> None:
    assert "expected an object in braces" in faults(document)[0]


def test_all_faults_are_listed_not_only_the_first() -> None:
    document = {
        "occurred_at": {"columns": ["when"], "time_zone": "Chicago"},
        "outcome": {"columns": ["survived"], "codes": {"Y": "alive"}},
        "file": {"header_row": 0, "delimiter": "tab"},
    }
    assert faults(document) == (
        "file.header_row: found 0, expected a number from 1 to 1000.",
        "file.delimiter: found 'tab', expected one character.",
        "occurred_at.time_zone: found 'Chicago', expected a time zone such as America/Chicago or UTC.",
        "outcome.Y: found 'alive', expected one of fatal, nonfatal, unknown.",
    )


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"occurred_at": None}, "occurred_at: found nothing"),
        ({"occurred_at": {"time_zone": "UTC"}}, "occurred_at.columns: found nothing"),
        ({"occurred_at": {"columns": ["when"]}}, "occurred_at.time_zone: found nothing"),
        (
            {"occurred_at": {"columns": ["when"], "time_zone": "UTC", "formats": ["%d %Q"]}},
            "occurred_at.formats: found '%d %Q', expected a date format such as %m/%d/%Y",
        ),
        ({"record_id": {"columns": []}}, "record_id.columns: found []"),
        ({"record_id": {"columns": [7]}}, "record_id.columns: found [7]"),
        ({"record_id": "id"}, "record_id: found 'id', expected an object"),
        ({"outcom": {"constant": "fatal"}}, "outcom: found 'outcom', expected a known setting (outcome?)"),
        ({"outcome": {"constant": "dead"}}, "outcome.constant: found 'dead'"),
        (
            {"sex": {"columns": ["s"], "otherwise": "keep"}},
            "sex.otherwise: found 'keep', expected one of quarantine, unknown.",
        ),
        ({"file": {"encoding": "latin-9000"}}, "file.encoding: found 'latin-9000'"),
        ({"file": {"header_row": 1.5}}, "file.header_row: found 1.5, expected a whole number"),
        ({"file": {"null_tokens": ["NA", 9]}}, "file.null_tokens: found ['NA', 9], expected a list of texts"),
        ({"file": {"sheet": 2}}, "file.sheet: found 2, expected a text"),
        (
            {"outcome": {"columns": ["s"], "codes": {"1": 1}}},
            "outcome.codes: found {'1': 1}, expected an object",
        ),
        ({"place": {"nearest_within_km": "far"}}, "place.nearest_within_km: found 'far'"),
        (
            {"place": {"point_in_text": {"columns": ["t"], "pattern": "(\\d+)"}}},
            "place.point_in_text.pattern: found '(\\\\d+)', expected the groups",
        ),
        (
            {"place": {"point_in_text": {"columns": ["t"], "pattern": "("}}},
            "place.point_in_text.pattern: found '(', expected a regular expression",
        ),
        (
            {"substance_flags": [{"columns": ["f"], "substance": "fentanil", "present": ["1"]}]},
            "substance_flags[0].substance: found 'fentanil', expected one of fentanyl",
        ),
        (
            {"substance_flags": [{"columns": ["f"], "substance": "heroin"}]},
            "substance_flags[0].present: found nothing",
        ),
        (
            {"substance_texts": [{"columns": ["t"], "patterns": {"heroin": "*"}}]},
            "substance_texts[0].patterns.heroin: found '*', expected a regular expression",
        ),
    ],
)
def test_each_fault_names_its_path_what_was_found_and_what_was_expected(
    document: dict[str, Any], settings: dict[str, Any], fault: str
) -> None:
    assert any(found.startswith(fault) for found in with_setting(document, **settings)), with_setting(
        document, **settings
    )


def test_every_column_is_known_once_so_that_files_can_be_checked(document: dict[str, Any]) -> None:
    settings: dict[str, Any] = {
        "place": {"code": {"columns": ["zip"]}, "point": {"latitude": "lat", "longitude": "lon"}},
        "cause": {"columns": [["first", "second"], "id"]},
    }
    assert parse_mapping(document | settings).columns == (
        "id",
        "when",
        "zip",
        "lat",
        "lon",
        "first",
        "second",
    )
