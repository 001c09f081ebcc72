"""How late events are: the provider sees every figure, others what stands for enough of them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from django.test import Client
from factories import make_organization, make_person, person_with, signed_agreement

from throughline.evidence.feeds.clocks.timeliness import Lateness, month_chart, read_lateness, share_chart
from throughline.evidence.feeds.models import Feed
from throughline.evidence.feeds.receiving import receive_delivery
from throughline.ledger.models import Entry
from throughline.members.organizations.models import Organization
from throughline.policy.sharing import Refused

FEBRUARY, MARCH = datetime(2026, 2, 10, 12, tzinfo=UTC), datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NOW = datetime(2026, 4, 10, 12, tzinfo=UTC)
_keys = count(1)


@pytest.fixture
def send(feed: Feed, csv_file: Callable[..., Path]) -> Callable[..., None]:
    """Events that occurred at one instant and came so many days later."""

    def sent(occurred: datetime, events: int, *, after: float) -> None:
        rows = [f"t{next(_keys)},{occurred:%Y-%m-%d %H:%M},W1,lived" for _ in range(events)]
        path = csv_file(*rows, name=f"{next(_keys)}.csv")
        at = occurred + timedelta(hours=5) + after * DAY  # rows tell New York's time
        receive_delivery(feed=feed, path=path, by="test", at=at)

    return sent


@pytest.fixture
def sent(send: Callable[..., None]) -> None:
    """Of February 20 within a day, 4 more within two, 16 more within a week; of March 8, after two days."""
    send(FEBRUARY, 20, after=0.5)
    send(FEBRUARY, 4, after=1.5)
    send(FEBRUARY, 16, after=6)
    send(MARCH, 8, after=2)


def read(feed: Feed, organization: Organization, as_of: datetime = NOW) -> Lateness:
    person = make_person(organization=organization)
    return read_lateness(feed=feed, by=person, at=NOW, as_of=as_of)


@pytest.mark.usefixtures("sent")
class TestWhoSeesWhat:
    def test_the_provider_sees_every_figure_without_an_agreement(self, feed: Feed, ems: Organization) -> None:
        lateness = read(feed, ems)
        assert lateness.events == 48
        assert lateness.shares == pytest.approx((20 / 48, 24 / 48, 32 / 48, 1, 1, 1))
        assert lateness.median_days == pytest.approx((1.0, 2.0), abs=0.6)
        assert Entry.objects.get(verb="read_feed").detail["agreement"] == "own"

    def test_others_see_what_stands_for_the_minimum_cell_or_more(
        self, feed: Feed, backbone: Organization
    ) -> None:
        signed_agreement(feed, recipients=[backbone], purposes=["quality"])
        lateness = read(feed, backbone)
        assert lateness.shares == pytest.approx((20 / 48, None, 32 / 48, 1, 1, 1))
        assert lateness.median_days[1] is None
        assert lateness.percentile_90_days[1] is None

    def test_nobody_else_sees_any(self, feed: Feed) -> None:
        with pytest.raises(Refused):
            read(feed, make_organization())
        assert Entry.objects.filter(verb="refuse_read").exists()

    def test_as_of_an_earlier_instant_only_what_had_come_is_there(
        self, feed: Feed, ems: Organization
    ) -> None:
        assert read(feed, ems, as_of=FEBRUARY + 3 * DAY).shares == pytest.approx((20 / 24, 1, 1, 1, 1, 1))
        assert read(feed, ems, as_of=FEBRUARY) is None

    def test_charts_say_what_is_withheld(self, feed: Feed, backbone: Organization) -> None:
        signed_agreement(feed, recipients=[backbone], purposes=["quality"])
        lateness = read(feed, backbone)
        (_label, ((_series, text, bar),)) = share_chart(lateness).bars[1]
        assert (text, bar) == ("withheld", None)
        assert month_chart(lateness).rows[1] == ("Mar 2026", ["withheld", "withheld"])


def test_the_page_shows_both_charts(
    feed: Feed, ems: Organization, sent: None, client_for: Callable[..., Client]
) -> None:
    page = client_for(person_with(role="data_steward", organization=ems)).get("/feeds/ems/clocks/")
    content = page.content.decode()
    assert "Share of events received after they occurred" in content
    assert "Days from occurring to received, by month of occurrence" in content
    assert "48 events had come." in content
