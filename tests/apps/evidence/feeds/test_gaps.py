"""Days and places that are missing within what a feed sends."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from factories import signed_agreement

from throughline.evidence.feeds.clocks.actions import check_feeds
from throughline.evidence.feeds.models import Feed
from throughline.evidence.feeds.receiving import receive_delivery
from throughline.ledger.models import Entry
from throughline.members.organizations.models import Organization
from throughline.signals.models import Signal

LAST = date(2026, 3, 20)
AT = datetime(2026, 3, 21, 9, tzinfo=UTC)
DAY = timedelta(days=1)
DAYS = [LAST - n * DAY for n in range(69, -1, -1)]
_keys = count(1)


def events(ward: str, days: Iterable[date], each: int) -> list[str]:
    return [f"g{next(_keys)},{day} {8 + n % 12:02}:00,{ward},lived" for day in days for n in range(each)]


@pytest.fixture
def send(feed: Feed, csv_file: Callable[..., Path]) -> Callable[..., None]:
    """Each day's rows on the morning after, one file of them all for tests' speed: delays are what they were."""

    def sent(rows: list[str], at: datetime) -> None:
        path = csv_file(*rows, name=f"{next(_keys)}.csv")
        receive_delivery(feed=feed, path=path, by="test", at=at)

    return sent


@pytest.fixture
def quality(feed: Feed, backbone: Organization) -> None:
    signed_agreement(feed, recipients=[backbone], purposes=["quality"])


def send_daily(send: Callable[..., None], rows_of: Callable[[date], list[str]]) -> None:
    """The first two months in weekly files, then one a day."""
    for first in range(0, 56, 7):
        week = DAYS[first : first + 7]
        send([row for day in week for row in rows_of(day)], at=_morning_after(week[-1]))
    for day in DAYS[56:]:
        if rows := rows_of(day):
            send(rows, at=_morning_after(day))


def _morning_after(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + DAY


@pytest.mark.usefixtures("quality")
class TestGaps:
    def test_a_day_that_is_missing_is_told_and_over_when_it_comes(self, send: Callable[..., None]) -> None:
        missing = LAST - 9 * DAY
        send_daily(
            send, lambda day: [] if day == missing else events("W1", [day], 8) + events("W2", [day], 8)
        )
        at = _morning_after(LAST) + timedelta(hours=2)
        (signal,) = check_feeds(by="test", at=at)
        assert signal.title == "EMS records: nothing on March 11, 2026"
        assert signal.sentence == (
            "Nothing on March 11, where 16 a day are usual and files of later days have come."
        )
        assert (signal.begins_on, signal.evidence["feeds"]) == (missing, ["ems"])
        send(events("W1", [missing], 9), at=at + timedelta(hours=13))
        assert check_feeds(by="test", at=at + timedelta(hours=14)) == []
        assert Signal.objects.get().over_because == "What was missing has come."

    def test_a_place_that_is_missing_is_told_by_name(self, send: Callable[..., None]) -> None:
        send_daily(
            send,
            lambda day: events("W1", [day], 5) + (events("W2", [day], 3) if day < LAST - 25 * DAY else []),
        )
        (signal,) = check_feeds(by="test", at=_morning_after(LAST) + timedelta(hours=2))
        assert signal.title == "EMS records: nothing from Ward 2 since Feb. 23, 2026"
        assert [place.code for place in signal.places.all()] == ["W2"]

    def test_a_feed_that_is_whole_raises_nothing_and_is_checked_twice_a_day_at_most(
        self, send: Callable[..., None]
    ) -> None:
        send_daily(send, lambda day: events("W1", [day], 5) + events("W2", [day], 1))
        at = _morning_after(LAST) + timedelta(hours=2)
        for hours in (0, 1, 2):
            assert check_feeds(by="test", at=at + timedelta(hours=hours)) == []
        assert Entry.objects.filter(verb="check_feed").count() == 1


def test_without_an_agreement_nothing_is_asked_or_read(
    send: Callable[..., None], backbone: Organization
) -> None:
    send(events("W1", [LAST], 3), at=AT)
    assert check_feeds(by="test", at=AT + DAY) == []
    assert not Entry.objects.filter(verb__in=["read_feed", "refuse_read", "check_feed"]).exists()
