"""Finds the formats by looking: every module of this package that declares a KEY reads one."""

import pkgutil
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol, cast

from throughline import formats
from throughline.formats.event import Event
from throughline.formats.faults import Rejected, UnreadableFile
from throughline.formats.gazetteer import Gazetteer
from throughline.formats.limits import Limits
from throughline.formats.mapping import Mapping as FeedMapping
from throughline.formats.tabular import Progress

_HEAD = 4096


class Format(Protocol):
    """What a module offers to be a format: its key, its name for people, the suffixes it reads, and `read`.

    `MAPPING` is a mapping's document that reads a standard as it is written; None where each agency's files
    differ. `recognizes` is told the first 4 KB of a file: what a file is, its content decides.
    """

    KEY: str
    NAME: str
    SUFFIXES: tuple[str, ...]
    MAPPING: Mapping[str, Any] | None

    def recognizes(self, head: bytes) -> bool: ...

    def read(
        self,
        path: Path,
        mapping: FeedMapping,
        gazetteer: Gazetteer,
        *,
        received_at: datetime,
        progress: Progress | None = None,
        limits: Limits = ...,
    ) -> Iterator[Event | Rejected]: ...


@cache
def known_formats() -> Mapping[str, Format]:
    """All formats by key, in the order of their modules' names."""
    names = (f"{formats.__name__}.{module.name}" for module in pkgutil.iter_modules(formats.__path__))
    modules = [module for name in names if hasattr(module := import_module(name), "KEY")]
    return MappingProxyType({module.KEY: cast(Format, module) for module in modules})


def find_format(path: Path) -> Format:
    """The format that a file's content is in, else the one that reads files of this name; raises UnreadableFile."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    for known in known_formats().values():
        if known.recognizes(head):
            return known
    for known in known_formats().values():
        if path.suffix.lower() in known.SUFFIXES:
            return known
    suffixes = sorted(suffix for known in known_formats().values() for suffix in known.SUFFIXES)
    found = f"the name ends in {path.suffix!r}" if path.suffix else "the name has no ending"
    raise UnreadableFile(path.name, found, f"one of {', '.join(suffixes)}")
