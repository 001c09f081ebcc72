"""The listener is killed at random instants, while hospitals send: nothing is lost, nothing is doubled."""

import asyncio
import os
import random
import signal
from collections import Counter, deque
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Event, Thread, Timer
from typing import Any

import pytest

from throughline.evidence.feeds.doors.mllp.listening import Listener
from throughline.evidence.feeds.doors.mllp.spool import Spool, id_of
from throughline.evidence.feeds.doors.mllp.terms import Terms
from throughline.formats.event import Event as Visit
from throughline.formats.gazetteer import Gazetteer
from throughline.formats.hl7 import MAPPING, MERGE, read
from throughline.formats.mapping import parse_mapping

Write = Callable[[int], str]

_FORK = get_context("fork")  # a new interpreter for each kill would take a hundred times as long
_SENDERS = 3
_TERMS = Terms(messages_per_file=7, seconds_per_file=0.02)
_WAIT = 60
_RECEIVED_AT = datetime(2026, 3, 10, tzinfo=UTC)


def _listen(folder: Path, ready: Connection) -> None:
    """The process that is killed."""

    async def run() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        listener = Listener(
            Spool(folder / "spool"), partial(_take, folder / "inbox"), _TERMS, clock=lambda: _RECEIVED_AT
        )
        await listener.run(["127.0.0.1"], 0, stop=stop, started=lambda addresses: ready.send(addresses[0][1]))

    asyncio.run(run())


def _take(inbox: Path, path: Path) -> None:
    """What the inbox does: a file is there whole or not at all, and is taken once by its id."""
    target = inbox / str(id_of(path))
    if not target.exists():
        half = target.with_suffix(".half")
        half.write_bytes(path.read_bytes())
        half.rename(target)
    path.unlink()


def _start(folder: Path) -> tuple[BaseProcess, int]:
    ready, child = _FORK.Pipe(duplex=False)
    process = _FORK.Process(target=_listen, args=[folder, child], daemon=True)
    process.start()
    child.close()
    assert ready.poll(_WAIT)
    return process, ready.recv()


class _Hospital:
    """Sends messages until each is acknowledged, again where it doesn't know; several connections at a time."""

    def __init__(self, message: Write, connect: Callable[[int], Any]) -> None:
        self._message = message
        self._connect = connect
        self._next = 0
        self._unsure: deque[int] = deque()
        self.acknowledged: set[int] = set()
        self.sent: Counter[int] = Counter()

    def send(self, port: int, gone: Event, most: int) -> None:
        """Send from all connections until the listener is gone, or `most` messages have been begun."""
        threads = [Thread(target=self._send, args=[port, gone, most]) for _ in range(_SENDERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(_WAIT)
            assert not thread.is_alive()

    def _send(self, port: int, gone: Event, most: int) -> None:
        try:
            sender = self._connect(port)
        except OSError:
            return
        while not gone.is_set() and (number := self._take(most)) is not None:
            try:
                answer = sender.send(self._message(number))
            except OSError:
                answer = ""
            if f"MSA|AA|M{number}" not in answer:
                self._unsure.append(number)
                return
            self.acknowledged.add(number)

    def _take(self, most: int) -> int | None:
        try:
            number = self._unsure.popleft()
        except IndexError:
            if self._next >= most:
                return None
            number, self._next = self._next, self._next + 1
        self.sent[number] += 1
        return number


def _kill_and_check(folder: Path, hospital: _Hospital, kills: int) -> None:
    draw = random.Random(kills)
    (folder / "inbox").mkdir()
    for _ in range(kills):
        process, port = _start(folder)
        gone = Event()

        def kill(pid: int = process.pid or 0, gone: Event = gone) -> None:
            os.kill(pid, signal.SIGKILL)
            gone.set()

        Timer(draw.choice((0, 0.003, 0.01, 0.03)) * draw.random() * 2, kill).start()
        hospital.send(port, gone, most=1_000_000)
        process.join(_WAIT)
        assert process.exitcode == -signal.SIGKILL
    process, port = _start(folder)
    most = max(hospital.sent, default=0) + 10
    hospital.send(port, Event(), most)
    process.terminate()
    process.join(_WAIT)
    assert process.exitcode == 0
    _check(folder, hospital, most)


def _check(folder: Path, hospital: _Hospital, most: int) -> None:
    assert hospital.acknowledged == set(range(most)), "the last run acknowledged what was left"
    assert not list((folder / "spool").glob("*_*")), "everything was handed over"
    files = [path for path in (folder / "inbox").iterdir() if path.suffix != ".half"]
    stored = Counter(part.split(b"|")[9] for path in files for part in path.read_bytes().split(b"\x0b")[1:])
    assert set(stored) == {f"M{number}".encode() for number in range(most)}
    for number in range(most):
        assert stored[f"M{number}".encode()] <= hospital.sent[number], "nothing is stored twice by itself"
    _check_visits(files, most)


def _check_visits(files: list[Path], most: int) -> None:
    """A message that came twice because its answer was lost tells of the same visit."""
    mapping, gazetteer = parse_mapping(MAPPING), Gazetteer([])
    known: dict[str, Visit] = {}
    for path in files:
        for visit in read(path, mapping, gazetteer, received_at=_RECEIVED_AT):
            assert isinstance(visit, Visit)
            before = known.get(visit.record_id)
            known[visit.record_id] = MERGE(before, visit) if before else visit
    assert set(known) == {f"111/V{number}" for number in range(most)}


@pytest.fixture
def hospital(message: Write, connect: Callable[..., Any]) -> _Hospital:
    return _Hospital(message, lambda port: connect(None, port=port))


def test_two_hundred_kills(tmp_path: Path, hospital: _Hospital) -> None:
    _kill_and_check(tmp_path, hospital, kills=200)
