"""A page as of an earlier day shows what it showed on that day, whatever came, was corrected or withdrawn since."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from factories import person_with

from throughline.evidence.agreements.models import Agreement
from throughline.evidence.feeds.models import Delivery, Feed
from throughline.evidence.feeds.receiving import receive_delivery
from throughline.evidence.surveillance.actions import detect
from throughline.members.organizations.models import Organization

YESTERDAY = datetime(2026, 3, 9, 21, tzinfo=UTC)
TODAY = YESTERDAY + timedelta(days=1)
COUNTS, DETECTION, FEEDS = "/detection/counts/overdoses/", "/detection/", "/feeds/"
PAGES = [COUNTS, f"{COUNTS}?place=W1", DETECTION, FEEDS, "/feeds/ems/"]
AS_OF_YESTERDAY = "2026-03-09"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets what time it is for the pages."""

    def is_now(at: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: at)

    return is_now


@pytest.fixture
def analyst(client_for: Callable[..., Client], backbone: Organization, agreement: Agreement) -> Client:
    return client_for(person_with(role="analyst", organization=backbone))


@pytest.fixture
def receive(feed: Feed, csv_file: Callable[..., Path]) -> Callable[..., Delivery]:
    def received(*rows: str, at: datetime) -> Delivery:
        path = csv_file(*rows, name=f"{at:%Y-%m-%d-%H}.csv")
        return receive_delivery(feed=feed, path=path, by="test", at=at)[0]

    return received


def shown(client: Client, address: str, **query: str) -> str:
    """What a page says in its tables, lists and charts: without the form and the banner, which name the day."""
    answer = client.get(address, query or None)
    assert answer.status_code == 200, address
    main = answer.content.decode().partition('<main id="main"')[2].partition("</main>")[0]
    main = re.sub(r'<(form|div class="usa-alert).*?</(form|p></div></div)>', "", main, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<(?!text|circle|path)[^>]*>", " ", main))


def without_instants(page: str) -> str:
    """Charts say as of which minute they were drawn."""
    return re.sub(r"(as of )?(March \d+, 2026,? )?\d+(:\d+)? [ap]\.m\.", "", page)


class TestYesterdayToday:
    @pytest.fixture(autouse=True)
    def story(self, clock: Callable, analyst: Client, receive: Callable) -> dict[str, str]:
        """Yesterday's pages, kept; then a correction, a late delivery, and a file that is taken back."""
        receive(
            "1,2026-03-07 10:00,W1,lived", "2,2026-03-08 10:00,W2,lived", at=YESTERDAY - timedelta(hours=9)
        )
        wrong = receive("7,2026-03-08 11:00,W1,lived", at=YESTERDAY - timedelta(hours=8))
        detect(on=YESTERDAY.date() - timedelta(days=1), by="test", at=YESTERDAY - timedelta(hours=1))
        clock(YESTERDAY)
        self.yesterday = {page: shown(analyst, page) for page in PAGES}
        receive("2,2026-03-07 09:00,W1,died", at=TODAY - timedelta(hours=9))  # corrected: day, place, outcome
        receive("3,2026-03-06 10:00,W2,lived", "4,2026-03-08 23:00,W1,died", at=TODAY - timedelta(hours=8))
        Delivery.objects.filter(pk=wrong.pk).update(
            withdrawn_at=TODAY - timedelta(hours=1),
            withdrawn_by=analyst.person,
            withdrawal_reason="Sent by mistake.",
        )
        detect(on=TODAY.date() - timedelta(days=1), by="test", at=TODAY - timedelta(hours=1))
        clock(TODAY)
        return self.yesterday

    @pytest.mark.parametrize("page", PAGES)
    def test_as_of_yesterday_a_page_shows_what_it_showed(self, analyst: Client, page: str) -> None:
        address, _, query = page.partition("?")
        chosen = dict([query.split("=")]) if query else {}
        again = shown(analyst, address, **chosen, as_of=AS_OF_YESTERDAY)
        now = shown(analyst, address, **chosen)
        assert without_instants(again) == without_instants(self.yesterday[page])
        assert without_instants(now) != without_instants(again)

    def test_the_banner_says_so_and_leads_back(self, analyst: Client) -> None:
        page = analyst.get(COUNTS, {"as_of": AS_OF_YESTERDAY, "place": "W1"}).content.decode()
        assert "As of March 9, 2026." in page
        assert 'href="?place=W1">Show what is known now' in page
        assert "As of March" not in analyst.get(COUNTS).content.decode()

    def test_links_keep_the_day(self, analyst: Client) -> None:
        page = analyst.get(DETECTION, {"as_of": AS_OF_YESTERDAY}).content.decode()
        assert f'href="{COUNTS}?as_of={AS_OF_YESTERDAY}"' in page
        page = analyst.get(COUNTS, {"as_of": AS_OF_YESTERDAY}).content.decode()
        assert f"?as_of={AS_OF_YESTERDAY}&amp;place=W1" in page
        page = analyst.get(FEEDS, {"as_of": AS_OF_YESTERDAY}).content.decode()
        assert f'href="/feeds/ems/?as_of={AS_OF_YESTERDAY}"' in page

    def test_no_look_is_offered_at_an_earlier_day(self, analyst: Client) -> None:
        assert "Look now" in analyst.get(DETECTION).content.decode()
        assert "Look now" not in analyst.get(DETECTION, {"as_of": AS_OF_YESTERDAY}).content.decode()


@pytest.mark.parametrize("page", [COUNTS, DETECTION, FEEDS, "/feeds/ems/", "/feeds/ems/clocks/"])
@pytest.mark.parametrize(
    ("day", "says"),
    [
        ("2026-02-30", "“2026-02-30” is not a day. Write it like 2026-03-08."),
        ("yesterday", "“yesterday” is not a day. Write it like 2026-03-08."),
        ("2026-03-11", "March 11, 2026 has not come yet. Choose a day up to today, March 10, 2026."),
    ],
)
def test_a_day_that_cannot_be_shown_is_refused_in_words(
    clock: Callable, analyst: Client, page: str, day: str, says: str
) -> None:
    clock(TODAY)
    content: Any = analyst.get(page, {"as_of": day}).content.decode()
    assert says in content
    assert "Show what is known now" not in content


def test_today_is_now(clock: Callable, analyst: Client) -> None:
    clock(TODAY)
    assert "Look now" in analyst.get(DETECTION, {"as_of": "2026-03-10"}).content.decode()
