"""What a read of counts asks for, as the ledger keeps it: enough to know its size, nothing of what was found."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Counting:
    """A table of counts: of what, on which days (both included), in how many rows, as far as was known when.

    `series` are its rows, such as places; each has a count for every day, or one of them all where not `daily`.
    """

    of: str
    start: date
    end: date
    series: int
    daily: bool = True
    as_of: datetime | None = None

    @property
    def cells(self) -> int:
        return self.series * ((self.end - self.start).days + 1 if self.daily else 1)

    def detail(self) -> dict[str, Any]:
        """For an entry of the ledger."""
        known = {"as_of": self.as_of.isoformat()} if self.as_of else {}
        days = [self.start.isoformat(), self.end.isoformat()]
        return {"counting": self.of, "days": days, "cells": self.cells, **known}
