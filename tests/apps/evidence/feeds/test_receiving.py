"""Receiving: every row is accounted for, the same again changes nothing, a crash leaves all or nothing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from factories import make_organization, make_person, person_with, signed_agreement

from throughline.evidence.feeds import taking_in
from throughline.evidence.feeds.actions import (
    discard_file,
    hand_over_file,
    read_quarantine,
    receive_next,
    save_mapping,
    try_again,
)
from throughline.evidence.feeds.clocks.actions import raise_silences
from throughline.evidence.feeds.models import Delivery, Feed, Intake
from throughline.evidence.feeds.queries import warehouse
from throughline.evidence.feeds.receiving import receive_delivery
from throughline.evidence.feeds.rereading import replay_quarantine
from throughline.formats.faults import UnreadableFile
from throughline.ledger.models import Entry
from throughline.ledger.queries import verify
from throughline.members.organizations.models import Organization
from throughline.policy.sharing import Refused
from throughline.signals.models import Signal

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
Writer = Callable[..., Path]


def receive(feed: Feed, path: Path, at: datetime = AT) -> Delivery:
    delivery, _is_new = receive_delivery(feed=feed, path=path, by="test", at=at)
    return delivery


class TestReceipt:
    def test_every_row_is_accounted_for(self, feed: Feed, csv_file: Writer) -> None:
        receipt = receive(
            feed,
            csv_file(
                "1,2026-03-01 10:00,W1,lived",
                "1,2026-03-01 10:00,W1,lived",
                "2,2026-03-01 11:00,W9,died",
                "3,yesterday,W1,died",
                "4,2026-03-01 12:00,,died",
            ),
        )
        assert (receipt.rows, receipt.accepted, receipt.duplicates, receipt.quarantined) == (5, 2, 1, 2)
        assert receipt.unplaced == 1
        assert {(reason["field"], reason["rows"]) for reason in receipt.reasons} == {
            ("ward", 1),
            ("when", 1),
        }

    def test_the_same_file_again_changes_nothing(self, feed: Feed, csv_file: Writer) -> None:
        path = csv_file("1,2026-03-01 10:00,W1,lived")
        first = receive(feed, path)
        again, is_new = receive_delivery(feed=feed, path=path, by="test", at=AT)
        assert (again, is_new) == (first, False)
        assert Delivery.objects.count() == 1

    def test_a_known_row_in_a_new_file_is_a_duplicate(self, feed: Feed, csv_file: Writer) -> None:
        receive(feed, csv_file("1,2026-03-01 10:00,W1,lived"))
        later = receive(feed, csv_file("1,2026-03-01 10:00,W1,lived", "2,2026-03-01 10:00,W1,lived"))
        assert (later.accepted, later.duplicates) == (1, 1)

    def test_a_changed_row_is_a_revision(self, feed: Feed, csv_file: Writer) -> None:
        receive(feed, csv_file("1,2026-03-01 10:00,W1,lived"))
        later = receive(feed, csv_file("1,2026-03-01 10:00,W1,died"))
        assert (later.accepted, later.revisions) == (1, 1)

    def test_its_clocks(self, feed: Feed, csv_file: Writer) -> None:
        receipt = receive(feed, csv_file("1,2026-03-01 10:00,W1,lived"))
        assert receipt.received_at == receipt.usable_at == AT
        assert receipt.first_occurred_at == datetime(2026, 3, 1, 15, tzinfo=UTC)

    def test_it_is_in_the_ledger(self, feed: Feed, csv_file: Writer) -> None:
        receipt = receive(feed, csv_file("1,2026-03-01 10:00,W1,lived"))
        assert Entry.objects.get(verb="receive_delivery").subject == f"delivery:{receipt.pk}"
        assert verify().intact


class TestRefusal:
    def test_a_feed_without_a_mapping(self, feed: Feed, csv_file: Writer) -> None:
        feed.mappings.all().delete()
        with pytest.raises(ValidationError, match="no mapping yet"):
            receive(feed, csv_file())

    def test_a_file_that_can_not_be_read_leaves_nothing(self, feed: Feed, tmp_path: Path) -> None:
        path = tmp_path / "scan.csv"
        path.write_bytes(b"%PDF-1.7 not a table")
        with pytest.raises(UnreadableFile, match=r"scan\.csv"):
            receive(feed, path)
        assert not Delivery.objects.exists()
        assert not list((warehouse().root / "deliveries").glob("**/*.parquet"))

    def test_a_missing_column_is_named(self, feed: Feed, tmp_path: Path) -> None:
        path = tmp_path / "march.csv"
        path.write_text("number,when,result\n1,2026-03-01 10:00,lived\n")
        with pytest.raises(UnreadableFile, match="no column 'ward'"):
            receive(feed, path)


class TestCrash:
    def test_before_the_commit_nothing_has_happened(
        self, feed: Feed, csv_file: Writer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = csv_file("1,2026-03-01 10:00,W1,lived")
        with monkeypatch.context() as patch:
            patch.setattr(taking_in, "_commit", _power_cut)
            with pytest.raises(PowerCut):
                receive(feed, path)
        assert not Delivery.objects.exists()
        receipt = receive(feed, path)
        assert receipt.accepted == 1
        assert [folder.name for folder in (warehouse().root / "deliveries" / "ems").iterdir()] == [
            str(receipt.pk)
        ]


class TestReplay:
    def test_quarantine_is_read_again_under_a_new_mapping(self, feed: Feed, csv_file: Writer) -> None:
        first = receive(feed, csv_file("1,2026-03-01 10:00,W1,survived", "2,2026-03-01 10:00,W1,lived"))
        definition = feed.mapping.definition
        definition["outcome"]["codes"]["survived"] = "nonfatal"
        save_mapping(feed=feed, definition=definition, by="test", at=AT)
        replayed = replay_quarantine(delivery=first, by=make_person(), at=AT + timedelta(days=1))
        assert (replayed.rows, replayed.accepted, replayed.replay_of) == (1, 1, first)
        assert replayed.received_at == first.received_at
        with pytest.raises(ValidationError, match="replayed under this mapping already"):
            replay_quarantine(delivery=first, by=make_person(), at=AT)

    def test_the_same_mapping_would_say_the_same(self, feed: Feed, csv_file: Writer) -> None:
        first = receive(feed, csv_file("1,2026-03-01 10:00,W1,survived"))
        with pytest.raises(ValidationError, match="Save a new version first"):
            replay_quarantine(delivery=first, by=make_person(), at=AT)


class TestHandingOver:
    def hand_over(self, feed: Feed, content: bytes, name: str = "march.csv") -> Intake:
        return hand_over_file(
            feed=feed, file=[content], file_name=name, by=make_person(), at=AT, door="upload"
        )

    def test_a_worker_receives_it(self, feed: Feed) -> None:
        intake = self.hand_over(feed, b"number,when,ward,result\n1,2026-03-01 10:00,W1,lived\n")
        done = receive_next(at=AT)
        assert done == intake
        assert done.delivery.file_name == "march.csv"
        assert done.delivery.received_by == intake.handed_over_by
        assert not done.file.exists()
        assert receive_next(at=AT) is None

    def test_a_file_that_the_program_fails_on_holds_up_no_other(
        self, feed: Feed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        failing = self.hand_over(feed, b"number,when,ward,result\n1,2026-03-01 10:00,W1,lived\n")
        good = self.hand_over(feed, b"number,when,ward,result\n2,2026-03-01 11:00,W1,lived\n")
        monkeypatch.setattr(taking_in, "_sort_out", _power_cut)
        assert "The program failed on this file" in receive_next(at=AT).refusal
        assert failing.file.exists()
        monkeypatch.undo()
        assert receive_next(at=AT) == good

    def test_an_unreadable_file_is_kept_with_its_reason(self, feed: Feed) -> None:
        self.hand_over(feed, b"", name="empty.csv")
        refused = receive_next(at=AT)
        assert refused.refusal.startswith("empty.csv")
        assert refused.file.exists()
        try_again(intake=refused, by=make_person(), at=AT)
        refused = receive_next(at=AT)
        discard_file(intake=refused, by=make_person(), at=AT)
        assert not refused.file.exists()

    def test_only_refused_files_are_discarded(self, feed: Feed) -> None:
        intake = self.hand_over(feed, b"number")
        with pytest.raises(ValidationError):
            discard_file(intake=intake, by=make_person(), at=AT)


class TestQuarantine:
    def test_the_provider_sees_its_rows(self, feed: Feed, csv_file: Writer) -> None:
        receipt = receive(feed, csv_file("1,2026-03-01 10:00,W9,lived"))
        (row,) = read_quarantine(delivery=receipt, by=make_person(organization=feed.provider), at=AT)
        assert (row.row, row.field, row.value) == (2, "ward", "W9")

    def test_others_need_an_agreement(self, feed: Feed, csv_file: Writer) -> None:
        receipt = receive(feed, csv_file("1,2026-03-01 10:00,W9,lived"))
        stranger = make_person(organization=make_organization())
        with pytest.raises(Refused):
            read_quarantine(delivery=receipt, by=stranger, at=AT)
        assert Entry.objects.filter(verb="refuse_read").exists()

    def test_under_an_agreement_on_quality_they_see_codes_and_no_other_value(
        self, feed: Feed, backbone: Organization, csv_file: Writer
    ) -> None:
        signed_agreement(feed, recipients=[backbone], purposes=["quality"])
        receipt = receive(feed, csv_file("1,2026-03-01 10:00,W9,lived", "2,Ana Lopez,W1,lived"))
        analyst = make_person(organization=backbone)
        place, name = read_quarantine(delivery=receipt, by=analyst, at=AT)
        assert (place.value, name.value, name.raw) == ("W9", "withheld", {})


class TestRestore:
    def test_deliveries_of_a_newer_database_are_not_swept_away(self, feed: Feed, csv_file: Writer) -> None:
        for number in range(2):
            receive(feed, csv_file(f"{number},2026-03-01 10:00,W1,lived"))
        Delivery.objects.all().delete()  # what restoring an older copy of the database looks like
        with pytest.raises(ValidationError, match="Was an older copy of the database restored"):
            receive(feed, csv_file("3,2026-03-01 10:00,W1,lived"))
        assert len(list((warehouse().root / "deliveries" / "ems").iterdir())) == 2


class TestSilence:
    def test_a_feed_is_silent_after_twice_its_rhythm(self, feed: Feed, csv_file: Writer) -> None:
        feed.steward = make_person()
        feed.save()
        receive(feed, csv_file("1,2026-03-01 10:00,W1,lived"))
        assert not raise_silences(by="test", at=AT + timedelta(days=2))
        (signal,) = raise_silences(by="test", at=AT + timedelta(days=2, hours=1))
        assert (signal.kind, signal.owner) == ("silent_feed", feed.steward)
        assert not raise_silences(by="test", at=AT + timedelta(days=9))
        assert Signal.objects.count() == 1

    def test_a_feed_that_never_began_is_silent_too(self, feed: Feed) -> None:
        assert not raise_silences(by="test", at=AT + timedelta(days=2))
        (signal,) = raise_silences(by="test", at=AT + timedelta(days=3))
        assert signal.title == "EMS records has not begun"
        assert signal.sentence.endswith("None has come yet.")


class TestPages:
    def test_upload_shows_progress_then_the_receipt(
        self, feed: Feed, backbone: Organization, client_for: Callable
    ) -> None:
        client = client_for(person_with(role="analyst", organization=backbone))
        file = SimpleUploadedFile("march.csv", b"number,when,ward,result\n1,2026-03-01 10:00,W1,lived\n")
        progress = client.post("/feeds/ems/upload/", {"file": file}, follow=True)
        assert "Waiting to be read" in progress.content.decode()
        receive_next(at=AT)
        receipt = client.get(progress.request["PATH_INFO"], follow=True)
        assert "Every row, accounted for" in receipt.content.decode()

    def test_too_large_a_file_is_refused(
        self, feed: Feed, backbone: Organization, client_for: Callable, settings
    ) -> None:
        settings.FEED_FILE_MAX_BYTES = 10
        answer = client_for(person_with(role="analyst", organization=backbone)).post(
            "/feeds/ems/upload/", {"file": SimpleUploadedFile("march.csv", b"more than ten bytes")}
        )
        assert answer.status_code == 400
        assert "split it by date" in answer.content.decode()

    def test_a_mapping_with_faults_lists_them(self, feed: Feed, client_for: Callable) -> None:
        client = client_for("analyst")
        page = client.post("/feeds/ems/mapping/", {"definition": '{"ocurred_at": {}}'}).content.decode()
        assert "ocurred_at" in page
        page = client.post("/feeds/ems/mapping/", {"definition": "{"}).content.decode()
        assert "Expected a JSON document" in page
        assert feed.mapping.version == 1

    def test_quarantine_is_refused_with_the_reason(
        self, feed: Feed, csv_file: Writer, client_for: Callable
    ) -> None:
        receipt = receive(feed, csv_file("1,2026-03-01 10:00,W9,lived"))
        answer = client_for("analyst").get(f"/feeds/deliveries/{receipt.pk}/quarantine/")
        assert answer.status_code == 403
        assert "may not read the feed ems" in answer.content.decode()

    def test_members_do_not_see_feeds(self, feed: Feed, client_for: Callable) -> None:
        assert client_for("member").get("/feeds/").status_code == 403


class PowerCut(Exception):
    pass


def _power_cut(*args: object, **kwargs: object) -> None:
    raise PowerCut
