"""A file that is sent again is answered with its receipt, also where later files changed what it brought."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from apps.evidence.conftest import AT
from django.core.exceptions import ValidationError
from django.test import Client
from factories import make_person

from throughline.evidence.feeds.doors.api.answers import state_of
from throughline.evidence.feeds.doors.folder import receipt_in_words
from throughline.evidence.feeds.models import Delivery, Feed, Intake
from throughline.evidence.feeds.queries import changed_since, committed_deliveries, warehouse
from throughline.evidence.feeds.receiving import receive_again, receive_delivery
from throughline.evidence.feeds.withdrawals.actions import reread_next, withdraw_delivery

Writer = Callable[..., Path]
DAY = timedelta(days=1)


@pytest.fixture
def files(csv_file: Writer) -> tuple[Path, Path]:
    """One, and a later one that corrects its first record."""
    rows = "1,2026-03-01 10:00,W1,lived", "2,2026-03-01 10:00,W1,lived"
    return csv_file(*rows, name="a.csv"), csv_file("1,2026-03-01 10:00,W1,died", name="b.csv")


@pytest.fixture
def corrected(feed: Feed, files: tuple[Path, Path]) -> Delivery:
    """The receipt of the first of them."""
    first, _second = (receive(feed, path, AT + n * DAY)[0] for n, path in enumerate(files))
    return first


def receive(feed: Feed, path: Path, at: object) -> tuple[Delivery, bool]:
    return receive_delivery(feed=feed, path=path, by="test", at=at)  # type: ignore[arg-type]


def outcome(feed: Feed) -> str:
    return warehouse().latest_events(feed.key, committed_deliveries(feed), ["1"])["1"].outcome


def test_it_reverts_no_correction(feed: Feed, files: tuple[Path, Path], corrected: Delivery) -> None:
    assert receive(feed, files[0], AT + 2 * DAY) == (corrected, False)
    assert outcome(feed) == "fatal"


def test_the_answer_says_how_many_records_have_changed(corrected: Delivery) -> None:
    assert changed_since(corrected) == 1
    intake = Intake(feed=corrected.feed, delivery=corrected, handed_over_at=AT)
    assert state_of(intake)["receipt"]["changed_since"] == 1
    assert "Later files changed 1 of its records" in receipt_in_words(corrected)


def test_a_person_can_have_it_received_again(feed: Feed, corrected: Delivery) -> None:
    again = receive_again(delivery=corrected, by=make_person(), at=AT + 2 * DAY)
    assert (again.accepted, again.revisions, again.duplicates) == (1, 1, 1)
    assert (again.door, again.replay_of, again.file_name) == ("again", corrected, "a.csv")
    assert outcome(feed) == "nonfatal"
    assert changed_since(corrected) == 0
    with pytest.raises(ValidationError, match="No later file changed"):
        receive_again(delivery=corrected, by=make_person(), at=AT + 3 * DAY)


def test_withdrawn_it_leaves_the_correction(feed: Feed, corrected: Delivery) -> None:
    again = receive_again(delivery=corrected, by=make_person(), at=AT + 2 * DAY)
    withdraw_delivery(delivery=again, reason="It was the old one.", by=make_person(), at=AT + 3 * DAY)
    while reread_next(at=AT + 3 * DAY):
        pass
    assert outcome(feed) == "fatal"


def test_on_its_page(corrected: Delivery, client_for: Callable[..., Client]) -> None:
    address, analyst = f"/feeds/deliveries/{corrected.pk}/", client_for("analyst")
    assert "Later files changed 1 of the records" in analyst.get(address).content.decode()
    received = analyst.post(f"{address}again/", follow=True).content.decode()
    assert "1 row had been received before, unchanged" in received
    assert "Receive this file again" not in analyst.get(address).content.decode()
    assert analyst.post(f"{address}again/").status_code == 400
    assert client_for("data_steward").post(f"{address}again/").status_code == 403
