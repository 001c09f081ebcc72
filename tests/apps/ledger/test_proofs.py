"""Daily roots, and proofs that an outsider checks with the fifty lines of docs/explanation/check_ledger.py."""

import hashlib
import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from django.utils import timezone
from pymerkle import InmemoryTree

from throughline.cli.commands import throughline
from throughline.ledger.actions import close_day, record
from throughline.ledger.models import AppendOnly, DailyRoot, Entry
from throughline.ledger.proofs import NoProof, consistency_proof, inclusion_proof, published_roots
from throughline.ledger.queries import verify
from throughline.ledger.tree import Tree

SATURDAY = date(2026, 3, 7)
NINE = datetime(2026, 3, 7, 9, tzinfo=UTC)
LATER = NINE + timedelta(days=2)
CHECKER = Path(__file__).parents[3] / "docs/explanation/check_ledger.py"
BY = "system:test"


def append(count: int, *, at: datetime = NINE) -> None:
    for n in range(count):
        record("noted", by=BY, at=at, subject=f"line:{n}", detail={"n": n})


def plain_root(leaves: list[bytes]) -> bytes:
    """MTH(D[n]) word for word from RFC 6962, section 2.1."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = max(1 << n for n in range(20) if 1 << n < len(leaves))
    return hashlib.sha256(b"\x01" + plain_root(leaves[:k]) + plain_root(leaves[k:])).digest()


@pytest.mark.parametrize("size", [*range(1, 18), 1000])
def test_the_root_is_that_of_the_standard(size: int) -> None:
    leaves = [f"entry {n}".encode() for n in range(size)]
    assert Tree([*leaves, b"later"]).root(size) == plain_root(leaves).hex()


def test_proofs_of_consistency_are_those_of_the_standard() -> None:
    """The worked examples of section 2.1.3: PROOF(3, D[7]) = [c, d, g, l], PROOF(4, D[7]) = [l]."""
    tree = Tree(bytes([n]) for n in range(7))
    c, d, j = (tree.leaf(n) for n in (3, 4, 7))
    g, right = Tree(bytes([n]) for n in (0, 1)).root(2), Tree(bytes([n]) for n in (4, 5, 6)).root(3)
    assert tree.consistency_path(3, 7) == [c, d, g, right]
    assert tree.consistency_path(4, 7) == [right]
    h, i = Tree(bytes([n]) for n in range(4)).root(4), Tree(bytes([n]) for n in (4, 5)).root(2)
    assert tree.consistency_path(6, 7) == [i, j, h]


@pytest.mark.parametrize("size", [*range(1, 18), 1000])
def test_roots_and_paths_are_those_of_another_program(size: int) -> None:
    """pymerkle's paths begin with the leaf itself; its proofs of consistency are not those of the standard."""
    leaves = [f"entry {n}".encode() for n in range(size)]
    ours, theirs = Tree(leaves), InmemoryTree.init_from_entries(leaves)
    assert ours.root(size) == theirs.get_root().hex()
    for sequence in {1, (size + 1) // 2, size}:
        path = [digest.hex() for digest in theirs.prove_inclusion(sequence, size).path]
        assert [ours.leaf(sequence), *ours.audit_path(sequence, size)] == path


@pytest.mark.django_db
class TestClosingADay:
    def test_the_root_covers_all_up_to_midnight_where_the_installation_is(self, settings: Any) -> None:
        """In New York the day ends at 5:00 UTC of the next."""
        settings.TIME_ZONE = "America/New_York"
        with timezone.override(ZoneInfo("America/New_York")):
            append(1, at=datetime(2026, 3, 8, 4, 59, tzinfo=UTC))
            append(1, at=datetime(2026, 3, 8, 5, 0, tzinfo=UTC))
            kept = close_day(on=SATURDAY, by=BY, at=LATER)
        first = Entry.objects.get(sequence=1)
        assert kept is not None
        assert (kept.size, kept.root) == (1, plain_root([first.canonical().encode()]).hex())

    def test_what_was_entered_later_under_an_earlier_instant_is_covered_with_all_before_it(self) -> None:
        append(1, at=LATER)
        append(1, at=NINE)
        kept = close_day(on=SATURDAY, by=BY, at=LATER)
        assert kept is not None
        assert kept.size == 2

    def test_closing_again_changes_nothing(self) -> None:
        append(3)
        once = close_day(on=SATURDAY, by=BY, at=LATER)
        append(1)
        assert close_day(on=SATURDAY, by=BY, at=LATER) == once
        assert DailyRoot.objects.get().size == 3
        assert Entry.objects.filter(verb="close_day").count() == 1
        assert verify().intact

    def test_a_crash_leaves_neither_root_nor_entry_and_the_next_run_both(self, monkeypatch: Any) -> None:
        append(3)
        with monkeypatch.context() as crash:
            crash.setattr("throughline.ledger.actions.record", lambda *_, **__: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                close_day(on=SATURDAY, by=BY, at=LATER)
        assert not DailyRoot.objects.exists()
        close_day(on=SATURDAY, by=BY, at=LATER)
        assert [root["size"] for root in published_roots()] == [3]
        assert verify().intact

    def test_an_empty_ledger_has_no_root(self) -> None:
        assert close_day(on=SATURDAY, by=BY, at=LATER) is None

    def test_a_day_that_is_not_over_is_not_closed(self) -> None:
        with pytest.raises(ValueError, match="not over yet"):
            close_day(on=SATURDAY, by=BY, at=NINE)

    def test_a_root_stays(self) -> None:
        append(1)
        kept = close_day(on=SATURDAY, by=BY, at=LATER)
        assert kept is not None
        for attempt in (kept.save, kept.delete, DailyRoot.objects.all().delete):
            with pytest.raises(AppendOnly):
                attempt()


def check(folder: Path, proof: dict[str, Any], sizes: list[int]) -> bool:
    """What an outsider finds out who holds the roots of these sizes."""
    tree = Tree(entry.canonical().encode() for entry in Entry.objects.all())
    roots = [{"on": "2026-03-07", "size": size, "root": tree.root(size)} for size in sizes]
    (folder / "proof.json").write_text(json.dumps(proof))
    (folder / "roots.json").write_text(json.dumps({"roots": roots}))
    isolated = [sys.executable, "-I", "-S", str(CHECKER), "proof.json", "roots.json"]
    return subprocess.run(isolated, cwd=folder, check=False, capture_output=True).returncode == 0


def test_the_checker_is_short_enough_to_read() -> None:
    assert len(CHECKER.read_text().splitlines()) <= 50


@pytest.mark.django_db
class TestProofs:
    @pytest.mark.parametrize(
        ("sequence", "size"), [(1, 1), (1, 7), (5, 7), (7, 7), (8, 8), (3, 11), (11, 11)]
    )
    def test_an_entry_is_proved_to_be_among_the_first(self, tmp_path: Path, sequence: int, size: int) -> None:
        append(11)
        assert check(tmp_path, inclusion_proof(sequence, size), [size])
        assert check(tmp_path, inclusion_proof(sequence, size, with_content=True), [size])

    @pytest.mark.parametrize(
        ("old_size", "size"), [(1, 1), (1, 2), (4, 7), (3, 7), (6, 8), (8, 11), (7, 11), (11, 11)]
    )
    def test_the_ledger_is_proved_to_have_only_grown(self, tmp_path: Path, old_size: int, size: int) -> None:
        append(11)
        assert check(tmp_path, consistency_proof(old_size, size), [old_size, size])

    @pytest.mark.parametrize(
        "lie", [{"sequence": 4}, {"leaf": "00" * 32}, {"size": 8}, {"path": []}, {"entry": "{}"}]
    )
    def test_a_false_inclusion_is_found_out(self, tmp_path: Path, lie: dict[str, Any]) -> None:
        append(8)
        assert not check(tmp_path, inclusion_proof(5, 7, with_content=True) | lie, [7, 8])

    def test_an_entry_changed_since_the_root_was_noted_is_found_out(self, tmp_path: Path) -> None:
        append(8)
        proof = inclusion_proof(5, 7, with_content=True)
        assert not check(tmp_path, proof | {"entry": proof["entry"].replace("noted", "naked")}, [7])

    def test_a_past_changed_since_a_root_was_noted_is_found_out(self, tmp_path: Path) -> None:
        append(8)
        honest = consistency_proof(5, 8)
        for false in (
            honest | {"old_size": 4},
            honest | {"path": honest["path"][::-1]},
            honest | {"path": ["00" * 32, *honest["path"][1:]]},
        ):
            assert not check(tmp_path, false, [4, 5, 8])

    def test_an_entry_is_proved_without_telling_what_it_says(self) -> None:
        append(3)
        assert "noted" not in json.dumps(inclusion_proof(2, 3))

    @pytest.mark.parametrize(("sequence", "size"), [(0, 3), (4, 3), (2, 9)])
    def test_what_is_not_there_can_not_be_proved(self, sequence: int, size: int) -> None:
        append(3)
        with pytest.raises(NoProof):
            inclusion_proof(sequence, size)

    def test_a_ledger_that_shrank_can_not_be_proved_consistent(self) -> None:
        append(3)
        with pytest.raises(NoProof, match="does not begin with one of 4"):
            consistency_proof(4, 3)


def run(*arguments: str) -> Any:
    return CliRunner().invoke(throughline, arguments)


@pytest.mark.django_db
class TestCommands:
    def test_an_outsider_checks_with_what_the_commands_print(self, tmp_path: Path) -> None:
        append(3)
        close_day(on=SATURDAY, by=BY, at=LATER)
        append(3, at=LATER)
        close_day(on=LATER.date(), by=BY, at=LATER + timedelta(days=2))
        (tmp_path / "roots.json").write_text(run("ledger-roots").output)
        for asked in (["--entry", "2"], ["--entry", "2", "--content"], ["--since", "3"]):
            (tmp_path / "proof.json").write_text(run("ledger-proof", *asked).output)
            isolated = [sys.executable, "-I", "-S", str(CHECKER), "proof.json", "roots.json"]
            subprocess.run(isolated, cwd=tmp_path, check=True)

    def test_without_a_root_there_is_nothing_to_prove_against(self) -> None:
        append(3)
        result = run("ledger-proof", "--entry", "2")
        assert (result.exit_code, "No day's root is kept yet" in result.output) == (2, True)

    def test_what_to_prove_has_to_be_said(self) -> None:
        assert "Say either --entry or --since." in run("ledger-proof").output
