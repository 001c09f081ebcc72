"""Turns what happened into the rows of one agency: some damaged, some sent twice, some corrected."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

import numpy as np

from throughline.city.chance import stream
from throughline.city.feeds.design import Cells, Damage, FeedDesign
from throughline.city.incidents import Incident, draw_others

DAMAGED = 0.01  # of rows can't be read
REPAIRED = 0.5  # of damaged rows are sent again, whole
REPEATED = 0.006  # of rows are sent a second time, unchanged

Kind = Literal["first", "revision", "repeat", "damaged"]


@dataclass(frozen=True, slots=True)
class Report:
    """One row and when the agency could send it. `kind` is what intake should make of it."""

    ready_at: datetime
    record_id: str
    incident: Incident
    kind: Kind
    cells: Cells
    damage: Damage | None = None


def write_reports(incidents: Sequence[Incident], feed: FeedDesign, *, seed: int) -> tuple[Report, ...]:
    """All rows that the agency would ever send about these incidents, by when they are ready."""
    rng = stream(seed, f"reports of {feed.key}")
    seen = _recorded(incidents, feed, rng)
    reports = [
        report
        for number, incident in enumerate(seen, start=1)
        for report in _reports_of(incident, _record_id(feed, incident, number), feed, rng)
    ]
    return tuple(sorted(reports, key=lambda report: (report.ready_at, report.record_id)))


def _recorded(incidents: Sequence[Incident], feed: FeedDesign, rng: np.random.Generator) -> list[Incident]:
    """The overdoses that the agency sees, among the other things that it records."""
    seen = [incident for incident in incidents if rng.random() < feed.sees(incident)]
    others = draw_others(seen, round(feed.others * len(seen)), rng)
    return sorted((*seen, *others), key=lambda incident: incident.at)


def _record_id(feed: FeedDesign, incident: Incident, number: int) -> str:
    return feed.record_id.format(year=incident.at.year, number=number)


def _reports_of(
    incident: Incident, record_id: str, feed: FeedDesign, rng: np.random.Generator
) -> Iterator[Report]:
    """The row's one fate: damaged (and perhaps repaired), repeated, drafted and then settled, or simply right."""
    delay_minutes = 24 * 60 * feed.delay_days * float(rng.lognormal(0, feed.delay_spread))
    right = Report(
        incident.after(delay_minutes).astimezone(UTC),
        record_id,
        incident,
        "first",
        feed.cells(incident, record_id),
    )
    fate = rng.random()
    if fate < DAMAGED:
        yield from _damaged(right, feed, rng)
    elif fate < DAMAGED + REPEATED:
        yield right
        yield replace(right, kind="repeat", ready_at=right.ready_at + _sooner_or_later(feed, rng))
    elif rng.random() < feed.drafted:
        yield replace(right, cells=feed.draft(right.cells))
        settled = max(feed.settles_after_days * float(rng.lognormal(0, 0.3)), _files_apart(feed))
        yield replace(right, kind="revision", ready_at=right.ready_at + timedelta(days=settled))
    else:
        yield right


def _damaged(right: Report, feed: FeedDesign, rng: np.random.Generator) -> Iterator[Report]:
    damage = feed.damages[int(rng.integers(len(feed.damages)))]
    yield replace(right, kind="damaged", cells=damage.change(right.cells), damage=damage)
    if rng.random() < REPAIRED:
        yield replace(right, ready_at=right.ready_at + timedelta(days=_files_apart(feed)))


def _sooner_or_later(feed: FeedDesign, rng: np.random.Generator) -> timedelta:
    """A row comes twice in the same file, or again in a later one."""
    return timedelta(days=_files_apart(feed) if rng.random() < 0.5 else 0)


def _files_apart(feed: FeedDesign) -> float:
    """More days than ever lie between two files, so that two versions never share a file."""
    return feed.rhythm.expected_every_days + 1.0
