"""Two installations on one machine tell each other counts: by commands and a file, with nothing else in common."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PEOPLE = """full_name,email,organization,sector
Bea Okafor,bea@example.org,Harbor Fire and Rescue,ems
Ada Marsh,ada@example.org,Harbor County Coalition,public_health
Yusuf Lindqvist,yusuf@example.org,Calder County Coalition,public_health
"""
PLACES = "code,name,latitude,longitude\nH1,Ward 1,41.7,-87.7\nH2,Ward 2,41.8,-87.6\nH3,Ward 3,41.6,-87.6\n"
MAPPING = {
    "record_id": {"columns": ["number"]},
    "occurred_at": {"columns": ["when"], "formats": ["%Y-%m-%d %H:%M"], "time_zone": "America/Chicago"},
    "place": {"code": {"columns": ["ward"]}},
    "outcome": {"constant": "nonfatal"},
}
AGREEMENT = {
    "title": "Ambulance runs",
    "feed": "ems",
    "provider": "Harbor Fire and Rescue",
    "recipients": ["Harbor County Coalition", "Calder County Coalition"],
    "purposes": ["surveillance"],
    "fields": ["occurred_at", "place", "outcome", "substances", "naloxone"],
    "starts_on": "2026-01-01",
    "ends_on": "2026-12-31",
}
PARTIES = {
    "Harbor Fire and Rescue": "bea@example.org",
    "Harbor County Coalition": "ada@example.org",
    "Calder County Coalition": "yusuf@example.org",
}
SIGNED, SENT, AFTER = "2026-01-02", "2026-04-03", "2027-01-02"


@dataclass(frozen=True)
class Installation:
    """Its home, and the `throughline` of a shell in it."""

    home: Path
    command: Path

    def run(self, *arguments: str, fails: bool = False) -> str:
        """What it printed; where it `fails`, the one line that says why."""
        environment = {
            "PATH": os.environ["PATH"],
            "THROUGHLINE_HOME": str(self.home),
            "THROUGHLINE_SECRET_KEY": f"of {self.home.name}",
        }
        ended = subprocess.run(
            [str(self.command), *arguments],
            cwd=self.home, env=environment, input="a long pass phrase\n" * 2, capture_output=True, text=True,
            start_new_session=True, check=False,
        )  # fmt: skip
        assert ended.returncode == (2 if fails else 0), f"{arguments}\n{ended.stdout}{ended.stderr}"
        if not fails:
            return ended.stdout.strip()
        [line] = ended.stderr.strip().splitlines()
        return line

    def write(self, name: str, content: str) -> str:
        (self.home / name).write_text(content)
        return name

    def begin(self, organization: str, name: str, email: str) -> None:
        self.home.mkdir()
        self.run("init", "--organization", organization, "--name", name, "--email", email)
        self.run("import-roster", self.write("people.csv", PEOPLE))

    def agree(self) -> None:
        """Draft the agreement from the same file as the neighbour, and have all three parties sign."""
        self.run("draft-agreement", self.write("agreement.json", json.dumps(AGREEMENT)), "--at", SIGNED)
        for party, person in PARTIES.items():
            self.run("sign-agreement", "1", "--for", party, "--by", person, "--at", SIGNED)

    def entries(self, verb: str) -> list[dict[str, Any]]:
        with sqlite3.connect(self.home / "throughline.sqlite3") as database:
            found = database.execute(
                "SELECT detail FROM ledger_entry WHERE verb = ? ORDER BY sequence", (verb,)
            )
            return [json.loads(detail) for (detail,) in found]


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("bin")
    with subprocess.Popen([sys.executable, Path(__file__).with_name("door.py"), folder]) as door:
        try:
            end = time.monotonic() + 60
            while not (folder / "throughline").exists():
                assert time.monotonic() < end, "the command did not come"
                time.sleep(0.05)
            yield folder / "throughline"
        finally:
            door.terminate()


@pytest.fixture(scope="module")
def harbor(command: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Counts its ambulance runs: 14 in one ward in March, 3 in another."""
    installation = Installation(tmp_path_factory.mktemp("homes") / "harbor", command)
    installation.begin("Harbor County Coalition", "Ada Marsh", "ada@example.org")
    places = installation.write("places.csv", PLACES)
    installation.run(
        "import-places", places, "--name-column", "name",
        "--latitude-column", "latitude", "--longitude-column", "longitude",
    )  # fmt: skip
    mapping = installation.write("mapping.json", json.dumps(MAPPING))
    installation.run(
        "add-feed", "ems", "--name", "Ambulance runs", "--provider", "Harbor Fire and Rescue",
        "--mapping", mapping, "--counts-for", "overdoses",
    )  # fmt: skip
    installation.agree()
    _receive(installation, "march.csv", H1=14, H2=3, H3=11)
    return installation


@pytest.fixture(scope="module")
def calder(command: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Knows nobody's records."""
    installation = Installation(tmp_path_factory.mktemp("homes") / "calder", command)
    installation.begin("Calder County Coalition", "Yusuf Lindqvist", "yusuf@example.org")
    installation.agree()
    return installation


@pytest.fixture(scope="module")
def neighbours(harbor: Installation, calder: Installation) -> tuple[Installation, Installation]:
    """Each has read its key to the other."""
    calder.run("register-neighbour", "Harbor County Coalition", harbor.run("exchange-key"))
    harbor.run("register-neighbour", "Calder County Coalition", calder.run("exchange-key"))
    return harbor, calder


def _receive(installation: Installation, name: str, **counts: int) -> None:
    rows = [
        f"{name}{ward}{n},2026-03-{1 + n % 28:02} 10:00,{ward}"
        for ward, count in counts.items()
        for n in range(count)
    ]
    file = installation.write(name, "\n".join(["number,when,ward", *rows, ""]))
    installation.run("receive", "ems", file, "--received-at", SENT)


def _send(installation: Installation, out: Path, *, at: str = SENT, fails: bool = False) -> str:
    return installation.run(
        "send-counts", "--to", "Calder County Coalition", "--feed", "ems", "--indicator", "overdoses",
        "--since", "2026-02", "--until", "2026-03", "--by", "ada@example.org", "--at", at, "--out", str(out),
        fails=fails,
    )  # fmt: skip


def _take(installation: Installation, file: Path, *, at: str = SENT, fails: bool = False) -> str:
    return installation.run("receive-counts", str(file), "--by", "yusuf@example.org", "--at", at, fails=fails)


@pytest.mark.slow
def test_counts_go_over_and_nothing_else_does(
    neighbours: tuple[Installation, Installation], tmp_path: Path
) -> None:
    harbor, calder = neighbours
    first, second = tmp_path / "first.json", tmp_path / "second.json"

    assert "is document 1 for Calder County Coalition, under the agreement “Ambulance runs”" in _send(
        harbor, first
    )
    assert _take(calder, first) == "Document 1 of Harbor County Coalition is received."
    march = json.loads(first.read_text())["content"]["months"][1]
    assert march["places"]["H2"] is None, "3 runs are a small count"
    assert march["total"] is None or None in (march["places"]["H1"], march["places"]["H3"])
    assert "march.csv" not in first.read_text(), "no record's number goes over"

    _receive(harbor, "late.csv", H1=1)
    _send(harbor, second)
    again = json.loads(second.read_text())["content"]
    assert again["months"][1] == march, "what was told once is repeated, also when a record comes late"
    _take(calder, second)

    sent, received = harbor.entries("send_counts"), calder.entries("receive_counts")
    assert [entry["sha256"] for entry in sent] == [entry["sha256"] for entry in received]
    assert [entry["serial"] for entry in received] == [1, 2]
    assert {entry["reader"] for entry in harbor.entries("read_feed")} == {"Calder County Coalition"}
    for installation in neighbours:
        assert "The ledger is whole" in installation.run("verify")


@pytest.mark.slow
def test_what_is_not_right_is_refused_in_one_line(
    neighbours: tuple[Installation, Installation], tmp_path: Path
) -> None:
    harbor, calder = neighbours
    good, altered = tmp_path / "good.json", tmp_path / "altered.json"
    _send(harbor, good)
    altered.write_text(good.read_text().replace('"minimum_cell": 10', '"minimum_cell": 11'))
    assert altered.read_text() != good.read_text()

    assert "did not sign this: the document was altered" in _take(calder, altered, fails=True)
    assert "No neighbour is registered with the key" in harbor.run(
        "receive-counts", str(good), "--by", "ada@example.org", fails=True
    )
    assert "is not in force on 2027-01-02" in _take(calder, good, at=AFTER, fails=True)
    _take(calder, good)
    assert "is not new" in _take(calder, good, fails=True)
    late = tmp_path / "late.json"
    assert "Calder County Coalition may not read the feed ems" in _send(harbor, late, at=AFTER, fails=True)
    assert not late.exists()
    assert len(calder.entries("refuse_counts")) == 3
