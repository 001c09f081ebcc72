"""A file that must be read again and can't be holds up no other, and people are told."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from apps.evidence.conftest import AT
from django.test import Client
from factories import make_organization, make_person, person_with

from throughline.evidence.feeds.models import Delivery, Feed
from throughline.evidence.feeds.queries import warehouse
from throughline.evidence.feeds.receiving import receive_delivery
from throughline.evidence.feeds.withdrawals.actions import reread_next, withdraw_delivery

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOW = AT + 3 * DAY


@pytest.fixture
def three(feed: Feed, csv_file: Callable[..., Path]) -> list[Delivery]:
    """The first was withdrawn, so the others, which repeat it, must be read again; the second's file is lost."""
    row = "1,2026-03-01 10:00,W1,lived"
    paths = [csv_file(*[row] * (number + 1), name=f"{number}.csv") for number in range(3)]
    received = [
        receive_delivery(feed=feed, path=path, by="test", at=AT + number * DAY)[0]
        for number, path in enumerate(paths)
    ]
    original_of(received[1]).rename(backup_of(received[1]))
    withdraw_delivery(delivery=received[0], reason="Sent by mistake.", by=make_person(), at=NOW)
    return received


def original_of(delivery: Delivery) -> Path:
    return warehouse().original(delivery.feed.key, str(delivery.pk))


def backup_of(delivery: Delivery) -> Path:
    path = original_of(delivery)
    return path.with_name(f"{path.name}.backup")


def test_the_others_are_read(three: list[Delivery]) -> None:
    assert reread_next(at=NOW) is None
    reread = reread_next(at=NOW)
    assert reread is not None and (reread.replay_of, reread.accepted) == (three[2], 1)
    assert list(Delivery.objects.unreadable()) == [three[1]]


def test_it_is_tried_again_every_hour(three: list[Delivery]) -> None:
    folder = original_of(three[2]).parent.parent / str(three[1].pk)
    (backup,) = folder.glob("*.backup")
    for _second in range(2):
        reread_next(at=NOW)
    backup.rename(backup.with_suffix(""))
    assert reread_next(at=NOW + HOUR - timedelta(seconds=1)) is None
    reread = reread_next(at=NOW + HOUR)
    assert reread is not None and reread.replay_of == three[1]
    assert not Delivery.objects.unreadable().exists()


def test_withdrawn_it_is_left_alone(three: list[Delivery]) -> None:
    reread_next(at=NOW)
    withdraw_delivery(delivery=Delivery.objects.get(pk=three[1].pk), reason="Lost.", by=make_person(), at=NOW)
    assert not Delivery.objects.unreadable().exists()


@pytest.mark.parametrize("address", ["/", "/feeds/ems/"])
def test_people_are_told(three: list[Delivery], client_for: Callable[..., Client], address: str) -> None:
    reread_next(at=NOW)
    steward = client_for(person_with(role="data_steward", organization=three[1].feed.provider))
    page = steward.get(address).content.decode()
    assert "be read again" in page
    assert "they must be read again, and can" in page
    assert "1.csv" in page


def test_its_receipt_says_so(three: list[Delivery], client_for: Callable[..., Client]) -> None:
    reread_next(at=NOW)
    page = client_for("analyst").get(f"/feeds/deliveries/{three[1].pk}/").content.decode()
    assert "This file must be read again and can" in page
    assert "within seconds" not in page


def test_today_does_not_trouble_other_agencies(
    three: list[Delivery], client_for: Callable[..., Client]
) -> None:
    reread_next(at=NOW)
    other = client_for(person_with(role="data_steward", organization=make_organization(name="Police")))
    assert "1.csv" not in other.get("/").content.decode()
