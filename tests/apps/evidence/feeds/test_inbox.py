"""Files wait in the inbox whole, whatever crashes leave."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from apps.evidence.conftest import AT
from django.core.exceptions import ValidationError
from factories import make_person

from throughline.evidence.feeds import actions
from throughline.evidence.feeds.actions import hand_over_file
from throughline.evidence.feeds.inbox import sweep_inbox
from throughline.evidence.feeds.models import Feed, Intake
from throughline.ledger.models import Entry

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def hand_over(feed: Feed, *chunks: bytes, by: object = "system:test") -> Intake:
    return hand_over_file(feed=feed, file=chunks, file_name="march.csv", by=by, at=AT, door="upload")


class TestKeeping:
    def test_a_file_comes_in_chunks_and_is_kept_whole(self, feed: Feed) -> None:
        intake = hand_over(feed, b"num", b"ber\n")
        assert intake.file.read_bytes() == b"number\n"
        assert intake.file.stat().st_mode & 0o777 == 0o600

    def test_a_person_or_a_program_handed_it_over(self, feed: Feed) -> None:
        person = make_person()
        assert Intake.objects.get(pk=hand_over(feed, by=person).pk).by == person
        assert Intake.objects.get(pk=hand_over(feed, by="system:folder").pk).by == "system:folder"

    def test_what_breaks_off_leaves_nothing(self, feed: Feed, settings: Any) -> None:
        def broken() -> Iterator[bytes]:
            yield b"num"
            raise ConnectionError

        with pytest.raises(ConnectionError):
            hand_over_file(feed=feed, file=broken(), file_name="march.csv", by="test", at=AT, door="api")
        assert list(settings.INBOX_DIR.iterdir()) == []
        assert not Intake.objects.exists()

    def test_what_is_too_large_leaves_nothing(self, feed: Feed, settings: Any) -> None:
        settings.FEED_FILE_MAX_BYTES = 4
        with pytest.raises(ValidationError, match="Split it by date"):
            hand_over(feed, b"num", b"ber")
        assert list(settings.INBOX_DIR.iterdir()) == []

    def test_no_row_without_its_ledger_entry(
        self, feed: Feed, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_arguments: object, **_facts: object) -> None:
            raise ConnectionError

        monkeypatch.setattr(actions, "record", fail)
        with pytest.raises(ConnectionError):
            hand_over(feed, b"number")
        assert not Intake.objects.exists()
        assert not Entry.objects.filter(verb="hand_over_file").exists()
        assert list(settings.INBOX_DIR.iterdir()) == []


class TestSweeping:
    @pytest.fixture
    def inbox(self, settings: Any) -> Path:
        settings.INBOX_DIR.mkdir()
        return settings.INBOX_DIR

    def lie(self, path: Path, *, for_minutes: int = 5) -> Path:
        path.touch()
        then = (NOW - timedelta(minutes=for_minutes)).timestamp()
        os.utime(path, (then, then))
        return path

    def test_what_crashes_left_goes(self, feed: Feed, inbox: Path) -> None:
        self.lie(inbox / "half.part")
        self.lie(inbox / "never-noted-down")
        assert sweep_inbox(at=NOW) == ["half.part", "never-noted-down"]
        assert list(inbox.iterdir()) == []

    def test_what_waits_or_was_refused_stays(self, feed: Feed, inbox: Path) -> None:
        waiting, refused = (hand_over(feed, b"number") for _n in range(2))
        Intake.objects.filter(pk=refused.pk).update(finished_at=AT, refusal="It is empty.")
        for intake in (waiting, refused):
            self.lie(intake.file)
        assert sweep_inbox(at=NOW) == []

    def test_what_is_being_written_stays(self, feed: Feed, inbox: Path) -> None:
        def slow() -> Iterator[bytes]:
            (part,) = inbox.iterdir()
            self.lie(part)
            assert sweep_inbox(at=NOW) == []
            yield b"number"

        intake = hand_over_file(
            feed=feed, file=slow(), file_name="march.csv", by="test", at=AT, door="upload"
        )
        assert intake.file.read_bytes() == b"number"

    def test_what_came_this_minute_stays(self, db: None, inbox: Path) -> None:
        self.lie(inbox / "young", for_minutes=0)
        assert sweep_inbox(at=NOW) == []
