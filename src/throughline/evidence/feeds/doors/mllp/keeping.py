"""Stores the messages of all connections in the spool, many with one write."""

import asyncio
import logging
from contextlib import suppress

from throughline.evidence.feeds.doors.mllp.spool import FULL, Spool
from throughline.evidence.feeds.doors.mllp.terms import Terms

logger = logging.getLogger(__name__)


class Keeper:
    """Writes messages of all connections into the spool, as many at once as have come (group commit).

    It alone touches the spool while it runs.
    """

    def __init__(self, spool: Spool, terms: Terms) -> None:
        self._spool = spool
        self._terms = terms
        self._pending: list[tuple[bytes, asyncio.Future[None]]] = []
        self._wake = asyncio.Event()
        self._begun_at: float | None = None  # when the first message of the open file was stored
        self._stopping = False
        self.closed_a_file = asyncio.Event()

    async def store(self, message: bytes) -> None:
        """Return when the message will outlast a power cut; OSError where it can't be kept."""
        kept = asyncio.get_running_loop().create_future()
        self._pending.append((message, kept))
        self._wake.set()
        await kept

    def stop(self) -> None:
        """Let `run` store what is pending and end."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        while not self._stopping or self._pending:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._due_at()):
                    await self._wake.wait()
            self._wake.clear()
            await self._store_pending()
            if self._is_due():
                await self._close_file()
        await self._close_file()

    async def _store_pending(self) -> None:
        pending, self._pending = self._pending, []
        if not pending:
            return
        try:
            await asyncio.to_thread(self._spool.store, [message for message, _ in pending])
        except OSError as fault:
            logger.error("Messages could not be stored, and were not acknowledged: %s.", fault)
            _settle(pending, fault)
        else:
            self._begun_at = self._begun_at or asyncio.get_running_loop().time()
            _settle(pending, None)

    def _due_at(self) -> float | None:
        return self._begun_at + self._terms.seconds_per_file if self._begun_at else None

    def _is_due(self) -> bool:
        due_at, now = self._due_at(), asyncio.get_running_loop().time()
        is_full = self._spool.messages >= self._terms.messages_per_file or self._spool.size >= FULL
        return is_full or (due_at is not None and now >= due_at)

    async def _close_file(self) -> None:
        self._begun_at = None
        try:
            await asyncio.to_thread(self._spool.close_file)
        except OSError as fault:
            logger.error("A file of the spool could not be closed; it will be with the next: %s.", fault)
        self.closed_a_file.set()


def _settle(pending: list[tuple[bytes, asyncio.Future[None]]], fault: OSError | None) -> None:
    for _, kept in pending:
        if kept.cancelled():
            continue
        if fault:
            kept.set_exception(fault)
        else:
            kept.set_result(None)
