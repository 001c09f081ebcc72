"""Keeps messages safe on disk from their acknowledgment until the inbox has them."""

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID, uuid4

from throughline.formats.faults import Reason
from throughline.formats.hl7.framing import framed, whole_frames
from throughline.formats.limits import MEBIBYTE
from throughline.warehouse.files import create, make_folder, sync

FULL = 16 * MEBIBYTE
MOST_ASIDE = 1000
"""Messages that are kept aside; beyond it only the log tells of further ones, so that nobody can fill the disk."""

_OPEN, _CLOSED, _ASIDE = ".part", ".hl7", "aside"


class SpoolInUse(Exception):
    """Another process holds the spool."""


class Spool:
    """A folder of message files, for one process at a time.

    Messages are appended to an open file. `close_file` renames it, after which nothing is added to it any more and
    the inbox can have it: `waiting` lists such files, oldest first. What a killed process left is put in order when
    the spool is opened: a message that was cut off was never acknowledged, and its sender will send it again.

    Its methods may be called from any thread, but, `set_aside` excepted, one at a time.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: int | None = None
        self.messages = 0
        self.size = 0
        make_folder(folder / _ASIDE)
        self._lock = (folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise SpoolInUse(f"Another process listens for this feed; it holds {folder / 'lock'}.") from None
        self.close_file()

    def store(self, messages: Sequence[bytes]) -> None:
        """Return when all these messages will outlast a power cut.

        Raises OSError when that can't be; then none of them may be acknowledged, though some may be kept.
        """
        data = b"".join(map(framed, messages))
        try:
            if self._file is None:
                self._file = self._begin()
            _write_all(self._file, data)
            os.fsync(self._file)
        except OSError:
            self.close_file()  # a new one is begun: what a failed write or sync left in this one, nobody knows
            raise
        self.messages += len(messages)
        self.size += len(data)

    def close_file(self) -> None:
        """Let the inbox have what has been stored so far."""
        file, self._file, self.messages, self.size = self._file, None, 0, 0
        if file is not None:
            os.close(file)
        for path in self._folder.glob(f"*{_OPEN}"):
            if _cut_to_whole_frames(path):
                path.rename(path.with_suffix(_CLOSED))
            else:
                path.unlink()
        sync(self._folder)

    def waiting(self) -> list[Path]:
        """Files for the inbox, in the order in which they were begun."""
        return sorted(self._folder.glob(f"*{_CLOSED}"))

    def set_aside(self, message: bytes, name: str, reason: Reason) -> bool:
        """Keep a message that is not received, for whoever looks into it; False where there are too many already.

        The reason stands in the file's name, so that nobody has to open the file to learn it.
        """
        folder = self._folder / _ASIDE
        if len(list(folder.iterdir())) >= MOST_ASIDE:
            return False
        with create(folder / f"{name}.{reason.name}{_CLOSED}") as file:
            file.write(framed(message))
        return True

    def close(self) -> None:
        self.close_file()
        self._lock.close()

    def _begin(self) -> int:
        number = max((int(path.name.split("_")[0]) for path in self._folder.glob("*_*")), default=0) + 1
        path = self._folder / f"{number:010}_{uuid4()}{_OPEN}"
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        sync(self._folder)
        return file


def reasons_aside(folder: Path) -> list[Reason]:
    """Why each message that lies aside in a spool's folder was turned down; none where there is no such folder."""
    names = [path.stem.rpartition(".")[2] for path in (folder / _ASIDE).glob(f"*{_CLOSED}")]
    return [Reason.__members__.get(name, Reason.DAMAGED) for name in names]


def id_of(path: Path) -> UUID:
    """What tells a file of the spool from every other: with it, the inbox takes the file once."""
    return UUID(path.stem.split("_")[1])


def _write_all(file: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


def _cut_to_whole_frames(path: Path) -> int:
    """Remove what a kill or a failed write left at the end, which was never acknowledged; how many bytes stay."""
    with path.open("r+b") as file:
        size = file.truncate(whole_frames(file.read()))
        os.fsync(file.fileno())
    return size
