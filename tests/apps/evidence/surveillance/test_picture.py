"""The page of an indicator: counts that an agreement opens to the person's organization, in all places or in one."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client
from factories import make_organization, make_place, person_with

from throughline.evidence.agreements.models import Agreement
from throughline.evidence.feeds.models import Feed
from throughline.evidence.feeds.receiving import receive_delivery
from throughline.evidence.surveillance.picture import Picture, read_picture
from throughline.indicators import INDICATORS
from throughline.ledger.models import Entry
from throughline.members.organizations.models import Organization
from throughline.members.places.models import Place

AT = datetime(2026, 3, 9, 21, tzinfo=UTC)
ADDRESS = "/detection/counts/overdoses/"


@pytest.fixture
def received(feed: Feed, csv_file: Callable[..., Path]) -> None:
    """Ward 1, in a district, has two events in the last 28 days and one before; Ward 2 has one; one has no place."""
    district = make_place(code="D1", name="North", kind="district")
    Place.objects.filter(code="W1").update(parent=district)
    rows = ["1,2026-03-07 10:00,W1,lived", "2,2026-03-06 10:00,W1,lived", "3,2026-02-01 10:00,W1,lived"]
    rows += ["4,2026-03-07 11:00,W2,died", "5,2026-03-07 12:00,,lived"]
    receive_delivery(feed=feed, path=csv_file(*rows), by="test", at=AT)


@pytest.fixture
def analyst(client_for: Callable[..., Client], backbone: Organization) -> Client:
    return client_for(person_with(role="analyst", organization=backbone))


def picture(client: Client, place: str = "") -> Picture:
    found = Place.objects.get(code=place) if place else None
    return read_picture(indicator=INDICATORS["overdoses"], place=found, by=client.person, at=AT, as_of=AT)


@pytest.mark.usefixtures("received", "agreement")
class TestCounts:
    def test_days_hold_all_events_and_places_those_that_have_one(self, analyst: Client) -> None:
        shown = picture(analyst)
        assert [count for _day, count in shown.days][:2] == [3, 1]
        assert [(line.place.code, line.latest, line.before) for line in shown.lines] == [
            ("W1", 2, 1),
            ("W2", 1, 0),
        ]

    @pytest.mark.parametrize("place", ["W1", "D1"])
    def test_of_a_place_it_holds_what_lies_inside(self, analyst: Client, place: str) -> None:
        shown = picture(analyst, place)
        assert [count for _day, count in shown.days][:2] == [1, 1]
        assert [line.place.code for line in shown.lines] == ["W1"]

    def test_the_read_is_in_the_ledger(self, analyst: Client) -> None:
        assert analyst.get(ADDRESS).status_code == 200
        assert Entry.objects.filter(verb="read_feed", detail__purpose="surveillance").exists()

    def test_whom_no_agreement_names_reads_why_and_no_count(self, client_for: Callable[..., Client]) -> None:
        stranger = client_for(person_with(role="analyst", organization=make_organization(name="Others")))
        answer = stranger.get(ADDRESS)
        assert answer.status_code == 403
        assert "does not name Others as a recipient" in answer.content.decode()
        assert "tl-chart" not in answer.content.decode()

    def test_who_belongs_nowhere_reads_nothing(self, client_for: Callable[..., Client]) -> None:
        answer = client_for("analyst").get(ADDRESS)
        assert answer.status_code == 403
        assert "belongs to no organization" in answer.content.decode()


@pytest.mark.parametrize("address", ["/detection/counts/weather/", f"{ADDRESS}?place=nowhere"])
def test_what_is_not_known_is_not_found(analyst: Client, agreement: Agreement, address: str) -> None:
    assert analyst.get(address).status_code == 404


def test_before_the_first_file_there_is_nothing_to_draw(analyst: Client, agreement: Agreement) -> None:
    assert "No event had been received." in analyst.get(ADDRESS).content.decode()
