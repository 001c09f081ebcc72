"""Describes one agency's feed: what it sees, how late, how it writes it down, and how its rows go wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from throughline.city.incidents import Incident
from throughline.formats.faults import Reason

Cells = Mapping[str, str | int | date | datetime]
"""One row by column, in the columns' order. Workbooks keep the types; CSV files hold the text."""


@dataclass(frozen=True)
class Damage:
    """One way in which a row becomes unreadable, and what its receipt should then say."""

    field: str
    reason: Reason
    change: Callable[[Cells], Cells]


@dataclass(frozen=True)
class Rhythm:
    """When files are sent: days, weeks or months apart, at an hour of the local day."""

    every: Literal["day", "week", "month"]
    hour: int
    on: int = 0  # weekday (Monday is 0) or day of the month

    @property
    def expected_every_days(self) -> int:
        return {"day": 1, "week": 7, "month": 31}[self.every]

    def falls_on(self, day: date) -> bool:
        if self.every == "month":
            return day.day == self.on
        return self.every == "day" or day.weekday() == self.on


@dataclass(frozen=True)
class FeedDesign:
    """One feed. The file's layout (sheet, header row, delimiter, encoding) is read from its mapping.

    `sees` is the chance that the agency records an incident; `delay_days` the median time until its record
    can be sent, lognormal with `delay_spread`. The share `drafted` of its rows is sent as `draft` first, and
    as it is in truth `settles_after_days` later.
    """

    key: str
    name: str
    provider: str
    rhythm: Rhythm
    suffix: Literal[".csv", ".xlsx", ".xml"]
    mapping: Mapping[str, Any]
    record_id: str  # such as "EMS-{year}-{number:05d}"
    sees: Callable[[Incident], float]
    cells: Callable[[Incident, str], Cells]
    draft: Callable[[Cells], Cells]
    damages: tuple[Damage, ...]
    delay_days: float
    delay_spread: float = 0.8
    drafted: float = 0.02
    settles_after_days: float = 10.0
    counts_for: tuple[str, ...] = ()  # indicators that are counted from this feed
    format: str = "tabular"  # key of the format in which the product reads the files
    definition: str = ""  # the case definition by which its records are counted; without one each is a case
    others: float = 0.0  # records of something else than an overdose, for each that is of one
    sends_until: float = 1.0  # where in the period the feed dies, from 0 to 1

    @property
    def layout(self) -> Mapping[str, Any]:
        """What the mapping says about the file, such as its sheet or delimiter."""
        layout: Mapping[str, Any] = self.mapping.get("file", {})
        return layout

    @property
    def header_row(self) -> int:
        """The row above the first; reports of a standard have none, and are numbered from 1."""
        return int(self.layout.get("header_row", 1)) if self.format == "tabular" else 0


def setting(**changes: str | int) -> Callable[[Cells], Cells]:
    """A change of cells; underscores in the names of columns stand for blanks."""
    named = {column.replace("_", " "): value for column, value in changes.items()}
    return lambda cells: {**cells, **named}


def number_of(incident: Incident) -> int:
    """A number that stays with the incident, by which small differences between records are chosen."""
    return int(incident.key[1:])
