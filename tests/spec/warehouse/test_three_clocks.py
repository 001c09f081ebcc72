"""When it happened, when it was received, from when it could be used: one record's story, told as of each day.

| March | delivery | what it says of run R-1                    | usable from |
|-------|----------|--------------------------------------------|-------------|
| 8     | first    | nonfatal                                   | 8           |
| 10    | second   | fatal, since the person died in hospital   | 11          |
| 12    | replay   | the row of the 8th for R-2, set aside then | 12          |
"""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from throughline.formats.event import Event
from throughline.formats.selection import Filter
from throughline.policy.sharing import Grant, Purpose, Request, Terms, decide
from throughline.warehouse import EventReader, Warehouse, open_events

FIELDS = frozenset({"occurred_at", "place", "outcome"})
TERMS = Terms(
    agreement="A-1",
    title="Sharing of EMS runs",
    feed="ems",
    provider="Fire department",
    recipients=frozenset({"Health department"}),
    purposes=frozenset({Purpose.SURVEILLANCE}),
    fields=FIELDS,
    minimum_cell=10,
    starts_on=date(2026, 1, 1),
)
REQUEST = Request("ems", "Health department", Purpose.SURVEILLANCE, FIELDS, date(2026, 3, 20))


def march(day: int) -> datetime:
    return datetime(2026, 3, day, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    warehouse = Warehouse(Path(tmp_path_factory.mktemp("warehouse")))
    happened = Event("R-1", march(7), place="08", outcome="nonfatal", row=2)
    died = Event("R-1", march(7), place="08", outcome="fatal", row=2)
    repaired = Event("R-2", march(7), outcome="nonfatal", row=3)
    for name, event, received, usable in [
        ("first", happened, 8, 8),
        ("second", died, 10, 11),
        ("replay", repaired, 8, 12),
    ]:
        clocks = {"received_at": march(received), "usable_at": march(usable)}
        with warehouse.stage("ems", name, mapping_version=1, **clocks) as stage:
            stage.add(event)
            stage.finish()
    return warehouse


def as_of(warehouse: Warehouse, day: int | None) -> EventReader:
    grant = decide(REQUEST, [TERMS])
    assert isinstance(grant, Grant)
    deliveries = {"ems": ["first", "second", "replay"]}
    return open_events(warehouse, grant, deliveries, as_of=march(day) if day else None)


@pytest.mark.parametrize(
    ("day", "nonfatal", "fatal"),
    [
        (7, 0, 0),  # it has happened, but nobody has told
        (8, 1, 0),
        (10, 1, 0),  # the correction lies there, but can't be used yet
        (11, 0, 1),
        (12, 1, 1),  # the repaired row joins in
        (None, 1, 1),  # now
    ],
)
def test_what_was_known_on_each_day(warehouse: Warehouse, day: int | None, nonfatal: int, fatal: int) -> None:
    with as_of(warehouse, day) as events:
        assert events.count(where=Filter.where(outcome={"nonfatal"})) == nonfatal
        assert events.count(where=Filter.where(outcome={"fatal"})) == fatal


def test_all_are_counted_on_the_day_they_happened_whenever_they_were_told(warehouse: Warehouse) -> None:
    with as_of(warehouse, None) as events:
        daily = events.daily_counts(start=date(2026, 3, 6), end=date(2026, 3, 8), time_zone="America/Chicago")
    assert (daily.places, daily.counts.tolist(), daily.unplaced.tolist()) == (("08",), [[0, 1, 0]], [0, 1, 0])
