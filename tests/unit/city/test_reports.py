"""Agencies write rows about what happened: in time that exists, and never two versions in one file."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from throughline.city.deliveries import deliver
from throughline.city.feeds.catalogue import FEEDS
from throughline.city.incidents import ZONE, Incident
from throughline.city.reports import write_reports
from throughline.city.residents import Person

FIRST = Incident(
    key="S000001",
    at=datetime(2026, 3, 8, 1, 50, tzinfo=ZONE),
    place="0101",
    latitude=41.45,
    longitude=-78.55,
    fatal=False,
    naloxone=True,
    person=Person(34, "female", "White", "Hispanic"),
    substances=("fentanyl",),
    outbreak="",
)
DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(200)]


def _incidents() -> list[Incident]:
    """One every two hours, some fatal, north and south in turn, through all of the period."""
    start = datetime(2026, 1, 1, tzinfo=ZONE)
    return [
        replace(
            FIRST,
            key=f"S{n:06d}",
            at=start + timedelta(hours=2 * n),
            latitude=41.46 - 0.02 * (n % 2),
            fatal=n % 9 == 0,
        )
        for n in range(1, 12 * 199)
    ]


def test_an_arrival_after_clocks_went_forward_is_written_as_clocks_then_show_it():
    assert f"{FIRST.after(30):%H:%M %z}" == "03:20 -0400"


def test_an_arrival_after_clocks_went_back_is_written_as_clocks_then_show_it():
    before = replace(FIRST, at=datetime(2026, 11, 1, 1, 50, tzinfo=ZONE))
    assert f"{before.after(30):%H:%M %z}" == "01:20 -0500"


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.key)
def test_two_versions_of_a_record_never_share_a_file(feed):
    files = deliver(feed, write_reports(_incidents(), feed, seed=1), DAYS, seed=1)
    revised = 0
    for file in files:
        first = {report.record_id for report in file.reports if report.kind in ("first", "damaged")}
        later = {report.record_id for report in file.reports if report.kind == "revision"}
        assert not first & later
        revised += len(later)
    assert revised > 0


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.key)
def test_each_damage_changes_the_row(feed):
    cells = feed.cells(FIRST, "1")
    assert all(damage.change(cells) != cells for damage in feed.damages)
    assert feed.draft(cells) != cells
    assert list(feed.draft(cells)) == list(cells)
