"""`throughline read` shows what would be received, stores nothing, and refuses rubbish in one line."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from click.testing import CliRunner, Result

from throughline.cli.commands import throughline

SAMPLES = Path(__file__).parents[3] / "samples"
TABLE = SAMPLES / "ems_runs.csv"
MAPPING = SAMPLES / "mappings/ems_runs.json"

Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    def run_read(*arguments: object) -> Result:
        return CliRunner().invoke(throughline, ["read", *map(str, arguments)])

    return run_read


@pytest.fixture
def document(run: Run, tmp_path: Path) -> dict[str, Any]:
    """What is written of the sample, read by its mapping."""
    assert run(TABLE, "--mapping", MAPPING, "--json", tmp_path / "out.json").exit_code == 0
    return json.loads((tmp_path / "out.json").read_text())


def test_every_row_is_an_event_or_set_aside(document: dict[str, Any]) -> None:
    assert document["format"] == "tabular"
    assert document["rows"] == len(document["events"]) + len(document["quarantined"]) == 7
    assert {row["row"] for row in document["events"] + document["quarantined"]} == set(range(2, 9))


def test_an_event_has_all_that_is_known_and_nothing_else(document: dict[str, Any]) -> None:
    assert document["events"][0] == {
        "record_id": "R-1",
        "occurred_at": "2026-03-07T20:05:00+00:00",
        "place": "08",
        "place_method": "code",
        "outcome": "nonfatal",
        "age": 34,
        "age_group": "30-39",
        "sex": "male",
        "substances": ["fentanyl"],
        "naloxone": True,
        "cause": "Found in car, given naloxone",
        "row": 2,
        "definitions": [{"id": "naloxone-as-proxy", "version": 1, "field": "naloxone", "code": "yes"}],
    }


def test_what_is_set_aside_has_its_reason(document: dict[str, Any]) -> None:
    wrong = next(row for row in document["quarantined"] if row["value"] == "maybe")
    assert wrong["field"] == "survived"
    assert wrong["reason"] == "the code is not in the mapping"


def test_without_a_mapping_one_is_proposed_and_it_says_so(run: Run) -> None:
    told = run(TABLE)
    assert told.exit_code == 0
    assert "Nothing was stored." in told.output
    assert "Mapping: proposed from the table." in told.output
    assert "time zone" in told.output
    assert "7 records" in told.output


def test_places_are_checked_where_they_are_given(run: Run, tmp_path: Path) -> None:
    places = tmp_path / "places.csv"
    places.write_text("code,latitude,longitude\n07,41.8,-87.7\n08,41.9,-87.7\n")
    told = run(TABLE, "--mapping", MAPPING, "--places", places)
    assert "Set aside, ward: the place is not known: 1." in told.output
    assert "the place is not known" not in run(TABLE, "--mapping", MAPPING).output


def test_standard_output_holds_the_document_alone(run: Run) -> None:
    told = run(TABLE, "--json", "-")
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["rows"] == 7


def test_an_unreadable_file_leaves_no_half_document(run: Run, tmp_path: Path) -> None:
    """The line that never ends is met after rows were written."""
    (tmp_path / "long.csv").write_text("id,date\n1,2026-03-14\n2," + "x" * 2_000_000)
    assert run(tmp_path / "long.csv", "--json", tmp_path / "out.json").exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["long.csv"]


def pdf(path: Path) -> None:
    path.write_bytes(b"%PDF-1.7\n")


def binary(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 40)


def nul(path: Path) -> None:
    path.write_bytes(b"\0" * 5000)


def empty(path: Path) -> None:
    path.touch()


def folder(path: Path) -> None:
    path.mkdir()


def pipe(path: Path) -> None:
    os.mkfifo(path)


def missing(path: Path) -> None:
    pass


def bomb(path: Path) -> None:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/sharedStrings.xml", "w") as member:
            for _block in range(600):
                member.write(bytes(1024 * 1024))


def undated(path: Path) -> None:
    path.write_text("a,b\n1,2\n")


@pytest.mark.parametrize("write", [pdf, binary, nul, empty, folder, pipe, missing, bomb, undated])
def test_rubbish_ends_with_2_and_one_clear_line(
    run: Run, tmp_path: Path, write: Callable[[Path], None]
) -> None:
    path = tmp_path / "file.csv"
    write(path)
    refused = run(path)
    assert refused.exit_code == 2
    assert refused.stderr.count("\n") == 1
    assert refused.stderr.startswith("Error: ")
    assert "file.csv" in refused.stderr
    assert "Expected" in refused.stderr


def test_a_file_without_permission(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The superuser may read everything, so that the refusal is played."""

    def refuse(path: Path, *arguments: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    (tmp_path / "file.csv").write_text("id,date\n")
    monkeypatch.setattr(Path, "open", refuse)
    refused = run(tmp_path / "file.csv")
    assert refused.exit_code == 2
    assert "Permission denied" in refused.stderr


@pytest.mark.parametrize(
    ("content", "found"),
    [("{", "line 1, column 2"), ('{"ocurred_at": 1}', "occurred_at: found nothing"), ("[" * 100_000, "deep")],
)
def test_a_mapping_with_faults(run: Run, tmp_path: Path, content: str, found: str) -> None:
    (tmp_path / "mapping.json").write_text(content)
    refused = run(TABLE, "--mapping", tmp_path / "mapping.json")
    assert refused.exit_code == 2
    assert found in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_an_unknown_format_is_named_with_the_known_ones(run: Run) -> None:
    refused = run(TABLE, "--format", "xls")
    assert refused.exit_code == 2
    assert "tabular" in refused.stderr
