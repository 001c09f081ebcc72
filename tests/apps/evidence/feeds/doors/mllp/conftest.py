"""A listener to send messages to, over a real socket."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event, Thread

import pytest

from throughline.evidence.feeds.doors.mllp.listening import Listener
from throughline.evidence.feeds.doors.mllp.spool import Spool
from throughline.evidence.feeds.doors.mllp.terms import Terms
from throughline.formats.hl7.framing import END, framed

WAIT = 60  # seconds after which a test has failed; none waits so long otherwise


class Sender:
    """A hospital's end of a connection."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.socket = socket.create_connection((host, port), timeout=WAIT)
        self._received = b""

    def send(self, message: str | bytes) -> str:
        """Send one message and return its answer, which is empty where the connection was closed instead."""
        self.write(framed(message.encode() if isinstance(message, str) else message))
        return self.answer()

    def write(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self) -> str:
        while END not in self._received:
            try:
                data = self.socket.recv(4096)
            except ConnectionError:
                data = b""
            if not data:
                return ""
            self._received += data
        answer, _, self._received = self._received.partition(END)
        return answer.strip(b"\x0b\r\n").decode()

    def close(self) -> None:
        self.socket.close()


class Listening:
    """A listener in a thread of its own; `files` are what it handed over, in order."""

    def __init__(self, folder: Path, terms: Terms, hosts: tuple[str, ...]) -> None:
        self.spool = Spool(folder)
        self.files: list[bytes] = []
        self.addresses: list[tuple[str, int]] = []
        self.away, self.took_one, self.refused_one = Event(), Event(), Event()
        self._ready = Event()
        self._listener = Listener(self.spool, self.take, terms, clock=partial(datetime.now, UTC))
        self._thread = Thread(target=asyncio.run, args=[self._run(hosts)], daemon=True)
        self._thread.start()
        assert self._ready.wait(WAIT)

    async def _run(self, hosts: tuple[str, ...]) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        await self._listener.run(hosts, 0, stop=self._stop, started=self._started)

    def _started(self, addresses: list[tuple[str, int]]) -> None:
        self.addresses = addresses
        self._ready.set()

    @property
    def port(self) -> int:
        return self.addresses[0][1]

    def take(self, path: Path) -> None:
        if self.away.is_set():
            self.refused_one.set()
            raise ConnectionError("the database is away")
        self.files.append(path.read_bytes())
        path.unlink()
        self.took_one.set()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(WAIT)
        assert not self._thread.is_alive()
        self.spool.close()


Listen = Callable[..., Listening]


@pytest.fixture
def listen(tmp_path: Path) -> Iterator[Listen]:
    """`listen(messages_per_file=2)` starts a listener; it is stopped at the end, if the test didn't."""
    started: list[Listening] = []

    def start(*, hosts: tuple[str, ...] = ("127.0.0.1",), **terms: float) -> Listening:
        started.append(Listening(tmp_path / "spool", Terms(**terms), hosts))  # type: ignore[arg-type]
        return started[-1]

    yield start
    for listening in started:
        if listening._thread.is_alive():
            listening.stop()


@pytest.fixture
def connect() -> Iterator[Callable[..., Sender]]:
    """`connect(listening)` opens a connection, which is closed at the end."""
    senders: list[Sender] = []

    def open_one(listening: Listening, *, host: str = "127.0.0.1", port: int = 0) -> Sender:
        senders.append(Sender(port or listening.port, host))
        return senders[-1]

    yield open_one
    for sender in senders:
        sender.close()


@pytest.fixture(scope="session")
def message() -> Callable[[int], str]:
    """`message(7)`: registers visit V7, in message M7."""

    def write(number: int) -> str:
        return "\r".join(
            (
                rf"MSH|^~\&||General^111^NPI|||202603010910||ADT^A04^ADT_A01|M{number}|P|2.5.1",
                "EVN||202603010905|||||General^111^NPI",
                "PID|1||P1",
                f"PV1|1|E{'|' * 17}V{number}{'|' * 25}202603010900",
            )
        )

    return write
