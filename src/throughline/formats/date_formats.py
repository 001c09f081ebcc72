"""Compiles date formats into readers that are several times as fast as strptime and read exactly the same."""

import re
from collections.abc import Callable
from datetime import datetime

# The patterns of CPython's own Lib/_strptime.py, in the order in which a datetime takes its parts.
_PARTS = {
    "Y": r"(?P<Y>\d\d\d\d)",
    "m": r"(?P<m>1[0-2]|0[1-9]|[1-9])",
    "d": r"(?P<d>3[0-1]|[1-2]\d|0[1-9]|[1-9]| [1-9])",
    "H": r"(?P<H>2[0-3]|[0-1]\d|\d)",
    "M": r"(?P<M>[0-5]\d|\d)",
    "S": r"(?P<S>6[0-1]|[0-5]\d|\d)",
}
_DIRECTIVE = re.compile(r"%(.)")

ReadDate = Callable[[str], datetime]


def date_reader(fmt: str) -> ReadDate:
    """What `datetime.strptime` does with this format; the function that it returns raises ValueError alike.

    >>> date_reader("%m/%d/%Y %H:%M")("3/8/2026 14:30")
    datetime.datetime(2026, 3, 8, 14, 30)
    """
    directives = _DIRECTIVE.findall(fmt)
    names = [name for name in _PARTS if name in directives]
    complete = names[:3] == ["Y", "m", "d"] and names == list(_PARTS)[: len(names)]
    if not complete or sorted(names) != sorted(directives):
        return lambda text: datetime.strptime(text, fmt)  # noqa: DTZ007  the rule's time zone follows
    match = re.compile(_pattern(fmt), re.IGNORECASE).match

    def read(text: str) -> datetime:
        found = match(text)
        if found is None or found.end() != len(text):
            raise ValueError(f"{text!r} is not written as {fmt}")
        return datetime(*map(int, found.group(*names)))  # type: ignore[arg-type]  # noqa: DTZ001  as above

    return read


def _pattern(fmt: str) -> str:
    """Blanks stand for any blanks, as in strptime; all else but directives stands for itself."""
    pieces = re.split(r"(%.|\s+)", fmt)
    return "".join(_piece(piece) for piece in pieces)


def _piece(piece: str) -> str:
    if piece.startswith("%"):
        return _PARTS[piece[1]]
    return r"\s+" if piece.isspace() else re.escape(piece)
