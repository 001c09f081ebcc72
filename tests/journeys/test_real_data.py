"""The tutorial on real files, followed to the letter: from an empty installation to a public page."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from journeys.tutorial import check, follow

ROOT = Path(__file__).parents[2]
DATA = ROOT / "../shared/data"
FILES = ["incidents/cook_county_medical_examiner_2014_2020.csv", "forecast/cook_annual_2015_2020.csv"]
PAGE = ROOT / "docs/tutorials/real-data.md"
SLUG = "outreach-after-a-signal-june-2020"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.exists(), reason="../shared, which holds the real files, is not here"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The installation that a reader has at the end of the tutorial."""
    folder, commands = tmp_path_factory.mktemp("reader"), tmp_path_factory.mktemp("bin")
    for file in FILES:
        shutil.copy(DATA / file, folder)
    with subprocess.Popen([sys.executable, Path(__file__).with_name("door.py"), commands]) as door:
        try:
            _wait_for(commands / "throughline")
            _follow(folder, commands)
        finally:
            door.terminate()
    return folder / "throughline-home"


def _follow(folder: Path, commands: Path) -> None:
    environment = {"PATH": f"{commands}:{os.environ['PATH']}", "HOME": str(folder), "LANG": "C.UTF-8"}
    password = "a long pass phrase\n"
    for step, printed in follow(PAGE, folder, environment, keyboard=password * 2):
        check(step, printed)


def _wait_for(path: Path, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < end, f"{path} did not come"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def database(home: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(home / "throughline.sqlite3")
    yield connection
    connection.close()


def test_no_row_is_lost(database: sqlite3.Connection) -> None:
    sums = "sum(rows), sum(accepted), sum(duplicates), sum(quarantined), count(*)"
    rows, accepted, duplicates, quarantined, files = database.execute(
        f"SELECT {sums} FROM feeds_delivery"  # noqa: S608  no text from outside
    ).fetchone()
    assert rows == accepted + duplicates + quarantined == 7551
    assert (files, quarantined) == (13, 1)


def test_the_signal_has_its_evidence_and_its_answer(database: sqlite3.Connection) -> None:
    (evidence,) = database.execute("SELECT evidence FROM signals_signal WHERE id = 1").fetchone()
    evidence = json.loads(evidence)
    assert evidence["observed"] == 3
    assert evidence["as_of"].startswith("2020-07-05")
    assert evidence["series"]["labels"][-1] == "2020-06-29"
    answered = "SELECT outcome FROM commitments_commitment WHERE signal_id = 1"
    assert database.execute(answered).fetchone() == ("done",)


def test_the_ledger_holds_every_read(database: sqlite3.Connection) -> None:
    reads = "SELECT json_extract(detail, '$.purpose'), count(*) FROM ledger_entry WHERE verb = 'read_feed' GROUP BY 1"
    assert dict(database.execute(reads)) == {"surveillance": 12, "evaluation": 1, "publication": 1}


def test_the_published_files_give_no_withheld_count_away(home: Path, database: sqlite3.Connection) -> None:
    counts = "SELECT before, after, comparison_before, comparison_after FROM evaluation_effect"
    before, after, *_elsewhere = database.execute(counts).fetchone()
    assert before + after < 10
    page = json.loads((home / "publications" / SLUG / "1" / "page.json").read_text())
    small = [cell for row in page["table"] for cell in row if cell is not None and 0 < cell < 10]
    assert not small
    assert [row for row in page["table"] if None in row]
    assert page["ratio"] is None


def test_the_published_files_name_neither_the_tract_nor_the_day(home: Path) -> None:
    """Three died there on that day: “a spike” would say so."""
    files = [*(home / "publications" / SLUG).rglob("*.*"), home / "publications" / "index.json"]
    assert len(files) >= 5
    for file in files:
        told = [word for word in ("3017.01", "2020-06-29", "spike") if word in file.read_text().lower()]
        assert not told, file


def test_the_public_page_needs_no_database(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pytest-django refuses every query of a test that doesn't ask for a database."""
    monkeypatch.setattr(settings, "PUBLICATIONS_DIR", home / "publications")
    response = Client().get(f"/public/{SLUG}/")
    assert response.status_code == 200
    shown = response.content.decode()
    assert "Outreach after a signal, June 2020" in shown
    assert "West Side Outreach" in shown
    assert "Ben Okafor" not in shown
