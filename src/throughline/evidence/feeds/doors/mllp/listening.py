"""Listens for HL7 v2 messages over MLLP and answers each when it is safe."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from throughline.evidence.feeds.doors.mllp.keeping import Keeper
from throughline.evidence.feeds.doors.mllp.spool import Spool
from throughline.evidence.feeds.doors.mllp.terms import Terms
from throughline.formats.faults import Reason, ValueFault
from throughline.formats.hl7.acknowledging import acknowledgment
from throughline.formats.hl7.framing import END, FramingFault, framed, unframed
from throughline.formats.hl7.structure import open_message

logger = logging.getLogger(__name__)

HandOver = Callable[[Path], None]
"""Puts a file of the spool into the inbox and removes it from the spool; after a crash it may see one again."""

_Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_LINE_ENDS = (b"\r", b"\n")
_HEADER_BYTES = 4096
_BROKEN_OFF = (ConnectionError, TimeoutError, FramingFault, asyncio.IncompleteReadError)


class TooLong(Exception):
    """A message longer than the terms allow; `beginning` is how it begins."""

    def __init__(self, beginning: bytes) -> None:
        super().__init__("A message is too long.")
        self.beginning = beginning


class Listener:
    """Serves senders until it is stopped.

    1. A message is read up to its end mark, within limits of size and time.
    2. One that can't be received, as `open_message` says, is kept aside and turned down with the reason.
    3. Any other is stored, and acknowledged only then.
    4. Files of stored messages are handed to the inbox, now and then and at the start, until it has taken them.

    Killed at any instant, it has acknowledged nothing that isn't on disk; a message whose acknowledgment was lost
    comes again, which changes nothing of its visit.
    """

    def __init__(
        self, spool: Spool, hand_over: HandOver, terms: Terms, *, clock: Callable[[], datetime]
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._hand_over = hand_over
        self._terms = terms
        self._keeper = Keeper(spool, terms)
        self._connections: dict[_Connection, asyncio.Task[None] | None] = {}
        self._stopped = False

    async def run(
        self,
        hosts: Sequence[str],
        port: int,
        *,
        stop: asyncio.Event,
        started: Callable[[Sequence[tuple[str, int]]], None],
    ) -> None:
        """Listen until `stop` is set; `started` is told the addresses, which say the port where 0 was asked for."""
        server = await asyncio.start_server(self._serve, hosts, port, limit=self._terms.message_bytes)
        async with asyncio.TaskGroup() as tasks:
            keeping = tasks.create_task(self._keeper.run())
            tasks.create_task(self._hand_over_files())
            started([listening.getsockname()[:2] for listening in server.sockets])
            await stop.wait()
            server.close()
            await self._end_connections()
            self._keeper.stop()
            await keeping
            self._stopped = True
            self._keeper.closed_a_file.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= self._terms.connections:
            logger.warning("A connection was refused: %d are open.", len(self._connections))
            writer.close()
            return
        connection = reader, writer
        self._connections[connection] = asyncio.current_task()
        try:
            await self._converse(reader, writer)
        except _BROKEN_OFF as fault:
            logger.info("A connection broke off: %s.", str(fault) or type(fault).__name__)
            writer.transport.abort()
        finally:
            writer.close()
            del self._connections[connection]

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer message by message until the sender ends; after one that is too long nobody knows where it ends."""
        try:
            while (message := await self._next_message(reader)) is not None:
                await self._send(writer, await self._answer(message))
        except TooLong as fault:
            found = f"more than {self._terms.message_bytes:,} bytes"
            too_long = ValueFault("", found, Reason.DAMAGED, "a shorter message")
            logger.warning("A message was turned down: %s.", found)
            await self._send(writer, self._answered(fault.beginning, too_long))

    async def _next_message(self, reader: asyncio.StreamReader) -> bytes | None:
        """None where the connection ended between two messages. Raises TooLong, and what breaks a connection off."""
        async with asyncio.timeout(self._terms.silence):
            while (first := await reader.read(1)) in _LINE_ENDS:
                pass
        if not first:
            return None
        try:
            async with asyncio.timeout(self._terms.patience):
                return unframed(first + await reader.readuntil(END))
        except asyncio.LimitOverrunError:
            raise TooLong(await reader.read(_HEADER_BYTES)) from None

    async def _answer(self, message: bytes) -> bytes | None:
        try:
            open_message(message, self._terms.encoding)
            await self._keeper.store(message)
        except ValueFault as fault:
            await self._set_aside(message, fault)
            return self._answered(message, fault)
        except OSError:
            return self._answered(message, None, stored=False)
        return self._answered(message, None)

    async def _set_aside(self, message: bytes, fault: ValueFault) -> None:
        """The log names the file and the reason, but no value: it may be anything about a person."""
        name = f"{self._clock():%Y%m%dT%H%M%S}_{uuid4().hex[:8]}"
        try:
            kept = await asyncio.to_thread(self._spool.set_aside, message, name, fault.reason)
        except OSError:
            kept = False
        where = f"kept aside as {name}" if kept else "not kept, since too many are"
        logger.warning("A message was turned down and %s: %s: %s.", where, fault.field, fault.reason)

    async def _send(self, writer: asyncio.StreamWriter, answer: bytes | None) -> None:
        if answer is not None:
            writer.write(framed(answer))
            async with asyncio.timeout(self._terms.patience):
                await writer.drain()

    async def _end_connections(self) -> None:
        """Let every connection finish the messages that have come whole."""
        if tasks := [task for task in self._connections.values() if task]:
            for reader, writer in self._connections:
                writer.transport.pause_reading()
                reader.feed_eof()
            _, unfinished = await asyncio.wait(tasks, timeout=self._terms.patience)
            for task in unfinished:
                task.cancel()

    async def _hand_over_files(self) -> None:
        """Hand over whatever waits, in order, and again after a while where the inbox couldn't take it."""
        with ThreadPoolExecutor(max_workers=1) as office:  # one thread, and so one connection to the database
            while True:
                is_last_time = self._stopped
                all_taken = await asyncio.get_running_loop().run_in_executor(office, self._hand_over_waiting)
                if is_last_time:
                    return
                with suppress(TimeoutError):
                    async with asyncio.timeout(None if all_taken else self._terms.patience):
                        await self._keeper.closed_a_file.wait()
                self._keeper.closed_a_file.clear()

    def _hand_over_waiting(self) -> bool:
        for path in self._spool.waiting():
            try:
                self._hand_over(path)
            except Exception:  # the database may be away, or the disk full: the file stays and is tried again
                logger.exception("The file %s could not be handed over yet.", path.name)
                return False
        return True

    def _answered(self, message: bytes, fault: ValueFault | None, *, stored: bool = True) -> bytes | None:
        control_id = uuid4().hex[:20]  # as long as MSH-10 may be
        return acknowledgment(message, at=self._clock(), control_id=control_id, fault=fault, stored=stored)
