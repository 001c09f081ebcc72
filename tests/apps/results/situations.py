"""What the tests of results start from: an answered spike, and counts of which the test knows every one."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from factories import make_person, make_signal

from throughline.action.response.models import Response
from throughline.evidence.feeds.models import Delivery, Feed, Mapping
from throughline.evidence.surveillance.queries import PlaceDays
from throughline.members.places.models import Place
from throughline.policy.sharing import Purpose, Refusal, Refused, Request

SPIKE_ON = date(2026, 3, 7)
MOVED_AT = datetime(2026, 3, 8, 18, tzinfo=UTC)
BASELINE = [date(2025, 11, 15) + timedelta(days=n) for n in range(84)]  # ends 29 days before the spike
BEFORE_ON = BASELINE[56]
AFTER_ON = date(2026, 3, 20)  # in the 28 days after help moved
AT = datetime(2026, 6, 1, 15, tzinfo=UTC)


@dataclass
class Counts:
    """Stands for the warehouse: set events of a place on a day; it remembers what it was asked for."""

    places: dict[str, dict[date, int]] = field(default_factory=dict)
    minimum_cell: int = 10
    refused: set[Purpose] = field(default_factory=set)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def set(self, code: str, *, before: int, after: int) -> None:
        """Spread evenly over the days before; all on one day after."""
        every, more = divmod(before, len(BASELINE))
        self.places[code] = {day: every + (n < more) for n, day in enumerate(BASELINE)} | {AFTER_ON: after}

    def daily_counts(self, **asked: Any) -> PlaceDays:
        self.asked.append(asked)
        if asked["purpose"] in self.refused:
            request = Request("ems", "1", asked["purpose"], frozenset({"place"}), asked["start"])
            raise Refused(Refusal(request, ()))
        days = [asked["start"] + timedelta(days=n) for n in range((asked["end"] - asked["start"]).days + 1)]
        counts = np.array([[events.get(day, 0) for day in days] for events in self.places.values()])
        return PlaceDays(
            places=tuple(self.places),
            first_day=asked["start"],
            counts=counts,
            unplaced=np.zeros(len(days), np.int64),
            minimum_cell=self.minimum_cell,
            feeds=("ems",),
        )


def deliver(feed: Feed, *, usable_at: datetime, last_occurred_at: datetime | None = None) -> Delivery:
    mapping, _ = Mapping.objects.get_or_create(
        feed=feed, version=1, defaults={"definition": {}, "saved_at": usable_at}
    )
    return Delivery.objects.create(
        feed=feed,
        mapping=mapping,
        file_name="events.csv",
        file_sha256=f"{usable_at}",
        file_bytes=1,
        received_at=usable_at,
        usable_at=usable_at,
        last_occurred_at=last_occurred_at,
        door="cli",
        rows=0,
        accepted=0,
        duplicates=0,
        quarantined=0,
    )


def answer(**fields: Any) -> Response:
    """The spike in Ward 8, with help that moved the next day."""
    person = make_person()
    signal = make_signal(
        title="Ward 8: 12 overdoses in one day",
        sentence="12 overdoses in Ward 8 on March 7, 2026, where 1.2 were expected.",
        places=[Place.objects.get(code="W8")],
        begins_on=SPIKE_ON,
        ends_on=SPIKE_ON,
        evidence={"indicator": "overdoses", "observed": 12},
    )
    defaults = {
        "opened_at": MOVED_AT - timedelta(hours=20),
        "opened_by": person,
        "plan": "Post a unit",
        "planned_at": MOVED_AT - timedelta(hours=10),
        "planned_by": person,
        "moved_at": MOVED_AT,
        "moved_by": person,
        "movement": "Two units with kits",
    }
    return Response.objects.create(signal=signal, **defaults | fields)
