"""Two hundred times the power goes while a file comes in: the file is there whole, once, or not at all."""

import json
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow.parquet as pq
import pytest

KILLS, UNDISTURBED = 100, 7
KILLED = -9
ROWS, NEW_ROWS = 400, 300
MAPPING = {
    "record_id": {"columns": ["number"]},
    "occurred_at": {"columns": ["when"], "formats": ["%Y-%m-%d %H:%M"], "time_zone": "America/New_York"},
    "outcome": {"constant": "nonfatal"},
}
SET_UP = [
    "init --organization Backbone --name Ada --email ada@example.org --password forty-two-sparrows",
    "add-feed ems --name EMS --provider Backbone --mapping mapping.json",
]


class Installation:
    """A simulated installation on SQLite, worked by processes that can be killed."""

    def __init__(self, folder: Path, process: subprocess.Popen[str]) -> None:
        self.folder = folder
        self._process = process
        self._database = sqlite3.connect(folder / "throughline.sqlite3")

    def run(self, *arguments: str, kill_after: float | None = None) -> dict[str, Any]:
        print(
            json.dumps({"arguments": arguments, "kill_after": kill_after}),
            file=self._process.stdin,
            flush=True,
        )
        return json.loads(self._process.stdout.readline())

    def receive(self, number: int, kill_after: float | None = None) -> dict[str, Any]:
        file = _write_file(self.folder / f"ems-{number}.csv", number)
        return self.run("receive", "ems", str(file), kill_after=kill_after)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return self._database.execute(sql).fetchall()

    def receipts(self) -> dict[str, tuple[str, int, int, int, int]]:
        facts = self.query(
            "SELECT id, file_name, rows, accepted, duplicates, quarantined FROM feeds_delivery"
        )
        return {id.replace("-", ""): tuple(rest) for id, *rest in facts}

    def folders(self, part: str) -> dict[str, Path]:
        feed = self.folder / "warehouse" / part / "ems"
        return {folder.name.replace("-", ""): folder for folder in feed.iterdir()} if feed.exists() else {}

    def inbox(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "inbox").iterdir())


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "throughline.config.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path}/throughline.sqlite3",
        "THROUGHLINE_HOME": str(tmp_path),
        "THROUGHLINE_SECRET_KEY": "of one installation of a test",
        "THROUGHLINE_DROP_STILL_SECONDS": "0",
        "THROUGHLINE_API_FILES_PER_MINUTE": "10000",
    }
    (tmp_path / "mapping.json").write_text(json.dumps(MAPPING))
    command = [sys.executable, str(Path(__file__).with_name("mortal.py"))]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=environment, cwd=tmp_path, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
    ) as process:
        installation = Installation(tmp_path, process)
        for line in SET_UP:
            assert installation.run(*line.split())["code"] == 0, line
        yield installation
        process.stdin.close()


def _write_file(path: Path, number: int) -> Path:
    """Each file repeats the last hundred rows of the one before."""
    first = number * NEW_ROWS
    rows = [f"{n},2026-01-{1 + n % 28:02d} {n % 24:02d}:{n % 60:02d}" for n in range(first, first + ROWS)]
    path.write_text("\n".join(["number,when", *rows, ""]))
    return path


@pytest.mark.slow
def test_a_hundred_kills_leave_each_file_whole_once_or_not_at_all(installation: Installation) -> None:
    undisturbed = median(installation.receive(n)["seconds"] for n in range(UNDISTURBED))
    chance = random.Random(20)
    number, killed = UNDISTURBED, 0
    while killed < KILLS:
        ended = installation.receive(number, kill_after=chance.uniform(0, 1.2 * undisturbed))
        killed += ended["code"] == KILLED
        number += _is_received(installation, number)
    assert number > UNDISTURBED + 5, "some kills should come after the commit"
    assert killed > number / 2, "and most before it"

    assert installation.receive(number)["code"] == 0
    _check_each_file_is_there_once(installation, number + 1)


class Doors:
    """The ways in besides the command line. An agency tries again until its file was taken."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        secret = installation.folder / "secret"
        assert installation.run("token", str(secret))["code"] == 0
        self._secret = secret.read_text()
        self._drop = installation.folder / "drop" / "ems"
        self._drop.mkdir(parents=True)

    def upload(self, file: Path, **kill: float | None) -> dict[str, Any]:
        return self._installation.run("upload", str(file), **kill)

    def send(self, file: Path, **kill: float | None) -> dict[str, Any]:
        return self._installation.run("send", str(file), self._secret, **kill)

    def drop(self, file: Path, **_kill: float | None) -> dict[str, Any]:
        """Under another name until it is whole, as programs do."""
        part = self._drop / f"{file.name}.part"
        part.write_bytes(file.read_bytes())
        part.rename(self._drop / file.name)
        return {"code": 0, "seconds": 0}

    def work(self, **kill: float | None) -> dict[str, Any]:
        return self._installation.run("work", **kill)


@pytest.mark.parametrize("kills", [5, pytest.param(100, marks=pytest.mark.slow)])
def test_whichever_door_is_used_and_whenever_the_power_goes(installation: Installation, kills: int) -> None:
    doors, chance = Doors(installation), random.Random(20)
    ways, number, killed = [doors.upload, doors.send, doors.drop], 0, 0
    seconds: dict[Any, float] = {}
    while killed < kills or number < len(ways):
        file = _write_file(installation.folder / f"ems-{number}.csv", number)
        for step in (partial(ways[number % len(ways)], file), doors.work):
            key = getattr(step, "func", step)
            if key not in seconds:  # the first time, to know how long it takes
                seconds[key] = step()["seconds"]
                continue
            while step(kill_after=chance.uniform(0, 1.5 * seconds[key]))["code"] == KILLED:
                killed += 1
        number += 1
    assert doors.work()["code"] == 0
    _check_each_file_is_there_once(installation, number)
    assert installation.inbox() == []
    dropped = {f"ems-{n}.csv" for n in range(number) if ways[n % len(ways)] == doors.drop}
    received = installation.folder / "drop" / "ems" / "received"
    assert {path.name for path in received.glob("*.csv")} == dropped
    assert all(path.with_name(f"{path.name}.txt").read_text() for path in received.glob("*.csv"))
    assert [path.name for path in received.parent.iterdir()] == ["received"]


def _check_each_file_is_there_once(installation: Installation, files: int) -> None:
    receipts = installation.receipts()
    assert sorted(name for name, *_ in receipts.values()) == sorted(f"ems-{n}.csv" for n in range(files))
    assert {tuple(counts) for _, *counts in receipts.values()} == {
        (ROWS, ROWS, 0, 0),  # the first file
        (ROWS, NEW_ROWS, ROWS - NEW_ROWS, 0),
    }
    assert installation.folders("deliveries").keys() == receipts.keys(), "what crashes left is swept away"
    assert not installation.folders("staging")
    records = [
        record
        for folder in installation.folders("deliveries").values()
        for record in pq.read_table(folder / "events.parquet", columns=["record_id"])["record_id"].to_pylist()
    ]
    assert sorted(map(int, records)) == list(range((files - 1) * NEW_ROWS + ROWS))
    entries = installation.query("SELECT count(*) FROM ledger_entry WHERE verb = 'receive_delivery'")
    assert entries == [(files,)]
    assert installation.run("verify")["code"] == 0


def _is_received(installation: Installation, number: int) -> bool:
    """Whether there is a receipt; if so, its events are all there."""
    for delivery, (name, _rows, accepted, *_rest) in installation.receipts().items():
        if name == f"ems-{number}.csv":
            folder = installation.folders("deliveries")[delivery]
            assert pq.read_metadata(folder / "events.parquet").num_rows == accepted
            return True
    return False
