"""What every way of asking for a scan comes down to: a question, its arguments, and the names of what they count."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from throughline.cli.scan.calendar import Calendar

Question = Literal["spatial", "temporal", "space_time", "prospective"]
SPACE_TIME: frozenset[Question] = frozenset({"space_time", "prospective"})


@dataclass(frozen=True)
class Analysis:
    """Everything that one scan needs but the seed.

    arguments: keyword arguments of `throughline.science.scan.<question>_scan`. places: identifiers, by the
    index that the arguments use. from_reference: asked by the reference's files, so that its digits are wanted.
    days_per_look: how often a prospective analysis is repeated; None where it isn't. unused: settings that ask
    for files which aren't written.
    """

    question: Question
    arguments: Mapping[str, Any]
    analysis: str
    model: str
    rates: str
    places: tuple[str, ...]
    calendar: Calendar
    from_reference: bool = False
    days_per_look: float | None = None
    warnings: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
