"""What was read of a file, counted and in words."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from throughline.cli.read.reading import Reading
from throughline.definitions import Definition, Match, library
from throughline.formats.event import Event
from throughline.formats.faults import Rejected

Met = list[tuple[Definition, Match]]
_MOST_LINES = 12


@dataclass
class Tally:
    """Counts of what has been read so far."""

    events: int = 0
    quarantined: int = 0
    unplaced: int = 0
    first: datetime | None = None
    last: datetime | None = None
    outcomes: Counter[str] = field(default_factory=Counter)
    definitions: Counter[str] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def rows(self) -> int:
        return self.events + self.quarantined

    def add(self, event: Event, met: Met) -> None:
        at = event.occurred_at
        self.events += 1
        self.unplaced += event.place is None
        self.first = at if self.first is None else min(self.first, at)
        self.last = at if self.last is None else max(self.last, at)
        self.outcomes[event.outcome] += 1
        self.definitions.update({f"{one.name} ({one.id}, version {one.version})" for one, _match in met})

    def reject(self, rejected: Rejected) -> None:
        self.quarantined += 1
        self.reasons[rejected.field, str(rejected.reason)] += 1


def classified(reading: Reading, tally: Tally) -> Iterator[tuple[Event, Met] | Rejected]:
    """Each event with the definitions that it meets; `tally` counts along."""
    definitions = library().values()
    for outcome in reading.outcomes:
        if isinstance(outcome, Rejected):
            tally.reject(outcome)
            yield outcome
        else:
            met = [(one, match) for one in definitions for match in one.matches(outcome)]
            tally.add(outcome, met)
            yield outcome, met


def tallied(reading: Reading) -> Tally:
    tally = Tally()
    for _outcome in classified(reading, tally):
        pass
    return tally


def in_words(reading: Reading, tally: Tally) -> str:
    return "\n".join(_lines(reading, tally))


def _lines(reading: Reading, tally: Tally) -> Iterator[str]:
    yield f"{reading.file.name}: {reading.format.NAME}. Nothing was stored."
    yield f"Mapping: {reading.mapping_name}."
    yield from _proposed(reading)
    yield f"{tally.rows:,} records: {tally.events:,} events, {tally.quarantined:,} set aside."
    if tally.first and tally.last:
        yield f"Events from {tally.first:%Y-%m-%d %H:%M} to {tally.last:%Y-%m-%d %H:%M} UTC."
        yield (
            "Outcome: " + ", ".join(f"{count:,} {name}" for name, count in tally.outcomes.most_common()) + "."
        )
        yield f"Without a place: {tally.unplaced:,}."
    for name, count in tally.definitions.most_common():
        yield f"Meets {name}: {count:,}."
    for (column, reason), count in tally.reasons.most_common(_MOST_LINES):
        yield f"Set aside, {column or 'the record'}: {reason}: {count:,}."


def _proposed(reading: Reading) -> Iterator[str]:
    if reading.proposal is None:
        return
    for finding in reading.proposal.findings:
        columns = f" = {', '.join(finding.columns)}" if finding.columns else ""
        yield f"  {finding.setting}{columns} ({finding.confidence}): {finding.reason}"
