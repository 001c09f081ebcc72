"""At the end of the last agreement all that came through a feed is destroyed, and a certificate says so."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from factories import make_person, person_with, signed_agreement

from throughline.evidence.agreements.actions import terminate_agreement
from throughline.evidence.agreements.models import Agreement, Destruction
from throughline.evidence.feeds.destruction.actions import destroy_feed_data, finish_destructions
from throughline.evidence.feeds.destruction.queries import obligations
from throughline.evidence.feeds.models import Delivery, Feed
from throughline.evidence.feeds.queries import committed_deliveries
from throughline.evidence.feeds.receiving import receive_delivery
from throughline.ledger.models import Entry
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization
from throughline.warehouse import Warehouse

AT = datetime(2026, 3, 3, 9, tzinfo=UTC)
LATER = AT + timedelta(days=2)


@pytest.fixture
def officer(backbone: Organization) -> Person:
    return make_person(organization=backbone)


@pytest.fixture
def file(csv_file: Callable[..., Path]) -> Path:
    return csv_file("1,2026-03-01 10:00,W1,lived", "2,2026-03-01 11:00,W9,lived")


@pytest.fixture
def received(feed: Feed, agreement: Agreement, file: Path) -> Delivery:
    return receive_delivery(feed=feed, path=file, by="test", at=AT)[0]


@pytest.fixture
def ended(received: Delivery, agreement: Agreement, officer: Person) -> Agreement:
    terminate_agreement(agreement=agreement, by=officer, at=LATER, reason="done")
    return Agreement.objects.get()


@pytest.fixture
def cut_off(
    ended: Agreement, feed: Feed, officer: Person, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Destruction:
    """Killed after the first of the files was deleted."""

    def killed(*args: object, **kwargs: object) -> None:
        files_of(home)[0].unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Warehouse, "sweep", killed)
        with pytest.raises(KeyboardInterrupt):
            destroy_feed_data(feed=feed, by=officer, at=LATER)
    return Destruction.objects.get()


def files_of(home: Path) -> list[Path]:
    return [path for path in (home / "warehouse" / "deliveries").rglob("*") if path.is_file()]


class TestWhatMustBeDestroyed:
    def test_nothing_while_an_agreement_lasts(self, received: Delivery, feed: Feed, officer: Person) -> None:
        assert obligations(AT.date()) == []
        with pytest.raises(ValidationError, match="Nothing of this feed has to be destroyed"):
            destroy_feed_data(feed=feed, by=officer, at=AT)

    def test_after_the_last_day_within_the_agreed_days(self, received: Delivery) -> None:
        assert obligations(date(2026, 12, 31)) == []
        (due,) = obligations(date(2027, 1, 1))
        assert (due.ended_on, due.due_on) == (date(2027, 1, 1), date(2027, 1, 31))

    def test_nothing_while_another_agreement_covers_it(
        self, ended: Agreement, feed: Feed, backbone: Organization
    ) -> None:
        signed_agreement(feed, recipients=[backbone], starts_on=date(2026, 6, 1))
        assert obligations(LATER.date()) == []

    def test_nothing_where_nothing_came(self, agreement: Agreement) -> None:
        assert obligations(date(2027, 1, 1)) == []


class TestDestroying:
    def test_every_file_is_gone_and_named(
        self, ended: Agreement, feed: Feed, officer: Person, home: Path
    ) -> None:
        before = {path.read_bytes() for path in files_of(home)}
        assert len(before) == 3  # the original, its events, its quarantine
        destroyed = destroy_feed_data(feed=feed, by=officer, at=LATER)
        assert files_of(home) == []
        named = {file["sha256"] for file in destroyed.files}
        assert named == {hashlib.sha256(content).hexdigest() for content in before}
        assert committed_deliveries(feed) == committed_deliveries(feed, as_of=AT) == []
        assert obligations(LATER.date()) == []

    def test_files_that_could_not_be_read_are_destroyed_too(
        self, ended: Agreement, feed: Feed, officer: Person, home: Path
    ) -> None:
        (home / "inbox").mkdir(exist_ok=True)
        for name in ("refused", "of-another-feed"):
            (home / "inbox" / name).write_text("a row")
        feed.intakes.create(
            file_name="x.csv", path="refused", handed_over_at=AT, handed_over_as="test",
            finished_at=AT, refusal="no header",
        )  # fmt: skip
        destroyed = destroy_feed_data(feed=feed, by=officer, at=LATER)
        assert [path.name for path in (home / "inbox").iterdir()] == ["of-another-feed"]
        assert "refused" in {file["name"] for file in destroyed.files}

    def test_the_receipt_stays(self, ended: Agreement, feed: Feed, officer: Person) -> None:
        destroyed = destroy_feed_data(feed=feed, by=officer, at=LATER)
        receipt = Delivery.objects.get()
        assert (receipt.rows, receipt.destruction) == (2, destroyed)

    def test_strangers_destroy_nothing(self, ended: Agreement, feed: Feed, home: Path) -> None:
        with pytest.raises(ValidationError, match="Only a party"):
            destroy_feed_data(feed=feed, by=make_person(), at=LATER)
        assert files_of(home)

    def test_a_kill_in_the_middle_is_finished_later(
        self, cut_off: Destruction, feed: Feed, home: Path
    ) -> None:
        assert (cut_off.finished_at, cut_off.certificate) == (None, "")
        assert files_of(home)
        assert committed_deliveries(feed, as_of=AT) == []  # nothing half-destroyed is read
        for _again in range(2):
            finish_destructions(by="test", at=LATER)
        assert files_of(home) == []
        assert Destruction.objects.get().finished_at == LATER
        assert Entry.objects.filter(verb="certify_destruction").count() == 1

    def test_what_comes_under_a_new_agreement_is_not_touched(
        self, cut_off: Destruction, feed: Feed, home: Path, file: Path, backbone: Organization
    ) -> None:
        """Even where the destruction was cut off before, and the same file comes again."""
        signed_agreement(feed, recipients=[backbone])
        anew, is_new = receive_delivery(feed=feed, path=file, by="test", at=LATER)
        finish_destructions(by="test", at=LATER)
        assert is_new
        assert committed_deliveries(feed) == [str(anew.pk)]
        assert {path.parent.name for path in files_of(home)} == {str(anew.pk)}


class TestPages:
    def test_it_is_destroyed_on_the_page_and_the_certificate_has_its_hash(
        self, ended: Agreement, feed: Feed, backbone: Organization, client_for: Callable, home: Path
    ) -> None:
        client = client_for(person_with(role="privacy_officer", organization=backbone))
        assert "EMS records" in client.get("/feeds/destructions/").content.decode()
        assert client.post("/feeds/ems/destroy/").status_code == 400
        answer = client.post("/feeds/ems/destroy/", {"confirmed": "on"})
        destroyed = Destruction.objects.get()
        assert answer.url == f"/feeds/destructions/{destroyed.pk}/"
        page = client.get(answer.url).content.decode()
        assert destroyed.certificate_hash in page
        certificate = client.get(f"/feeds/destructions/{destroyed.pk}.json").content
        assert hashlib.sha256(certificate).hexdigest() == destroyed.certificate_hash
        assert len(json.loads(certificate)["files"]) == 3
        entry = Entry.objects.get(verb="certify_destruction")
        assert entry.detail["certificate"] == destroyed.certificate_hash

    def test_receipts_of_what_was_destroyed_say_so(
        self, ended: Agreement, feed: Feed, officer: Person, client_for: Callable
    ) -> None:
        destroy_feed_data(feed=feed, by=officer, at=LATER)
        client, pk = client_for("analyst"), Delivery.objects.get().pk
        assert "Its files were destroyed." in client.get(f"/feeds/deliveries/{pk}/").content.decode()
        assert client.get(f"/feeds/deliveries/{pk}/quarantine/").status_code == 404
