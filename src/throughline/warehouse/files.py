"""Writes files so that a crash can't leave half of one, and nobody else can read them."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO

from throughline.formats.digest import file_sha256


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file of the warehouse; `name` is its path below the warehouse's root."""

    name: str
    sha256: str
    bytes: int


def create(path: Path) -> BinaryIO:
    """A new file that only its owner can read; FileExistsError if there is one."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def copy(source: Path, target: Path) -> None:
    with source.open("rb") as original, create(target) as kept:
        copyfileobj(original, kept)


def make_folder(folder: Path) -> None:
    """A folder, and those above it, that only their owner can open; `mkdir` alone would leave those above open."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def sync(path: Path) -> None:
    """Return when a file, or the list of a folder's files, will outlast a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def stored(root: Path, folder: Path) -> Iterator[StoredFile]:
    """All files below a folder, in the order of their names."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield StoredFile(str(path.relative_to(root)), file_sha256(path), path.stat().st_size)
