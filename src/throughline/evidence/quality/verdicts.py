"""What a measure means in plain words, and from where on: the limits stand here and on the page."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext_lazy as _


class Verdict(Enum):
    """`tone` is that of a status tag; the words say the same."""

    GOOD = (_("good"), "good")
    LOOK = (_("look at it"), "warning")
    ASK = (_("ask the agency"), "bad")
    UNTOLD = (_("can't tell"), "neutral")

    def __init__(self, label: Any, tone: str) -> None:
        self.label = label
        self.tone = tone


@dataclass(frozen=True)
class Limit:
    """From `good` on a measure is good, beyond `ask` the agency is asked. Larger is better where `good` is larger."""

    good: float
    ask: float

    def verdict(self, value: float | None) -> Verdict:
        if value is None:
            return Verdict.UNTOLD
        sign = 1 if self.good > self.ask else -1
        if sign * value >= sign * self.good:
            return Verdict.GOOD
        return Verdict.LOOK if sign * value >= sign * self.ask else Verdict.ASK


LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "complete": Limit(good=0.95, ask=0.80),  # share of records whose field is known
        "valid": Limit(good=0.99, ask=0.95),  # share of rows that were not set aside
        "placed": Limit(good=0.98, ask=0.90),  # share of accepted rows that name a place
        "repeated": Limit(
            good=0.30, ask=0.80
        ),  # share of rows that were known: some agencies send a month each week
        "alike": Limit(good=0.005, ask=0.02),  # share of records that look like another one
        "taken_back": Limit(good=0.01, ask=0.05),  # share of records that their source deleted
        "days": Limit(good=7, ask=30),  # days in which nine of ten records arrive
        "drift": Limit(good=0.01, ask=0.05),  # bits between the mixes of two periods
    }
)

SURE = 0.01
"""A mix has changed where chance gives as much less often than this."""
