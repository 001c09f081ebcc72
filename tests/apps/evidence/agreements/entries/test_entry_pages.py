"""The page of one entry of the ledger: what it says, and the proof that it is in it, as a file for outsiders."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from throughline.ledger.actions import close_day, record
from throughline.ledger.models import DailyRoot, Entry
from throughline.ledger.proofs import published_roots

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 7, 17, tzinfo=UTC)
CHECKER = Path(__file__).parents[5] / "docs/explanation/check_ledger.py"
DAY_AFTER = datetime(2026, 3, 9, 17, tzinfo=UTC)


@pytest.fixture
def entries() -> list[Entry]:
    detail = {"purpose": "surveillance", "cells": 310, "fingerprint": "ab" * 32}
    return [
        record("read_feed", by=f"person:{number}", at=NOON, subject="feed:ems", detail=detail)
        for number in range(5)
    ]


@pytest.fixture
def root(entries: list[Entry]) -> DailyRoot:
    kept = close_day(on=date(2026, 3, 7), by="system:test", at=DAY_AFTER)
    assert kept is not None
    return kept


@pytest.fixture
def officer(client_for: Callable[..., Client]) -> Client:
    return client_for("privacy_officer")


def shown(client: Client, sequence: int) -> str:
    return client.get(f"/agreements/data-use/{sequence}/").content.decode()


def test_it_shows_what_the_entry_says_and_the_digits_that_stand_for_it(
    officer: Client, root: DailyRoot
) -> None:
    page = shown(officer, 3)
    assert "person:2" in page
    assert "&quot;cells&quot;: 310" in page
    assert root.root in page


def test_the_proof_is_a_file_that_an_outsider_can_check(
    officer: Client, root: DailyRoot, tmp_path: Path
) -> None:
    proof, roots = tmp_path / "proof.json", tmp_path / "roots.json"
    proof.write_bytes(officer.get("/agreements/data-use/3/proof.json").content)
    roots.write_text(json.dumps({"roots": published_roots()}))
    assert json.loads(json.loads(proof.read_text())["entry"])["actor"] == "person:2"
    assert subprocess.run([sys.executable, CHECKER, proof, roots], check=False).returncode == 0


def test_before_its_day_is_over_there_is_no_proof_and_the_page_says_when(
    officer: Client, entries: list[Entry]
) -> None:
    assert "There is no proof yet." in shown(officer, 5)
    assert officer.get("/agreements/data-use/5/proof.json").status_code == 404


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE ledger_entry SET actor = 'person:9' WHERE sequence = 2",
        "DELETE FROM ledger_entry WHERE sequence = 2",
    ],
)
def test_a_ledger_that_was_tampered_with_is_not_called_proved(
    officer: Client, root: DailyRoot, tampering: str
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(tampering)
    page = shown(officer, 3)
    assert "The entries are not those that the digits of 2026-03-07 stand for." in page
    assert "throughline verify" in page


def test_only_who_may_see_the_ledger_sees_an_entry(
    client_for: Callable[..., Client], entries: list[Entry]
) -> None:
    for address in ("/agreements/data-use/3/", "/agreements/data-use/3/proof.json"):
        assert client_for("analyst").get(address).status_code == 403


def test_an_entry_that_is_not_there_is_not_found(officer: Client, entries: list[Entry]) -> None:
    assert officer.get("/agreements/data-use/99/").status_code == 404


def test_the_list_of_entries_leads_to_each(officer: Client, entries: list[Entry]) -> None:
    assert 'href="/agreements/data-use/3/"' in officer.get("/agreements/data-use/").content.decode()
