"""Keeps values of records out of the log: a trace says where the program failed and on what kind of fault."""

import logging
import traceback
from types import TracebackType

_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class LineFormatter(logging.Formatter):
    """Writes traces without the messages of exceptions: libraries quote in them whatever they were given."""

    def formatException(self, ei: _Raised) -> str:
        return "".join(_trace(ei[1], seen=set())).rstrip() if ei[1] else ""


def _trace(fault: BaseException, seen: set[int]) -> list[str]:
    """What led to the fault first, as Python does it; then its frames and its type."""
    seen.add(id(fault))
    led = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
    parts = getattr(fault, "exceptions", ())
    before = [*_trace(led, seen), "It led to:\n"] if led and id(led) not in seen else []
    kind = f"{type(fault).__module__}.{type(fault).__qualname__}\n"
    of_group = [line for part in parts if id(part) not in seen for line in _trace(part, seen)]
    return [*before, *traceback.format_tb(fault.__traceback__), kind, *of_group]
