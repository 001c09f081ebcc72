"""Files that an agency lays into its folder are taken once they are whole, and none twice."""

import errno
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from apps.evidence.conftest import AT, HEADER, MAPPING
from django.utils import timezone

from throughline.evidence.feeds import actions
from throughline.evidence.feeds.actions import add_feed, receive_next, save_mapping
from throughline.evidence.feeds.doors import folder as door
from throughline.evidence.feeds.doors.folder import collect_drops
from throughline.evidence.feeds.models import Feed, Intake
from throughline.ledger.models import Entry

ROWS = f"{HEADER}1,2026-03-01 10:00,W1,lived\n2,2026-03-01 11:00,W9,lived\n"


@pytest.fixture
def folder(feed: Feed, settings: Any, tmp_path: Path) -> Path:
    settings.DROP_DIR = tmp_path / "drop"
    made = settings.DROP_DIR / feed.key
    made.mkdir(parents=True)
    return made


@pytest.fixture
def drop(folder: Path) -> Callable[..., Path]:
    def write(name: str | bytes = "march.csv", content: str = ROWS) -> Path:
        path = folder / os.fsdecode(name)
        path.write_text(content)
        return path

    return write


def later(seconds: int = 61) -> datetime:
    return timezone.now() + timedelta(seconds=seconds)


def work(at: datetime | None = None) -> None:
    """What the worker does within a few seconds: take, receive, move."""
    collect_drops(at=at or later())
    while receive_next(at=AT):
        pass
    collect_drops(at=at or later())


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


class TestAWholeFile:
    def test_is_received_and_moved_with_its_receipt(self, feed: Feed, folder: Path, drop: Callable) -> None:
        drop()
        work()
        delivery = feed.deliveries.get()
        assert (delivery.file_name, delivery.door, delivery.rows) == ("march.csv", "folder", 2)
        assert names(folder) == ["received/march.csv", "received/march.csv.txt"]
        note = (folder / "received" / "march.csv.txt").read_text()
        assert note == "Received: 2 rows = 1 accepted + 0 duplicates + 1 set aside.\n"
        assert Entry.objects.get(verb="hand_over_file").actor == "system:folder"

    def test_the_agency_can_read_what_became_of_it(self, folder: Path, drop: Callable) -> None:
        folder.chmod(0o2770)
        drop()
        mask = os.umask(0o077)
        work()
        os.umask(mask)
        assert (folder / "received").stat().st_mode & 0o7777 == 0o2770
        assert (folder / "received" / "march.csv.txt").stat().st_mode & 0o777 == 0o640

    def test_that_cannot_be_read_lies_among_the_refused_with_the_reason(
        self, folder: Path, drop: Callable
    ) -> None:
        drop(content="colour\nred\n")
        work()
        assert names(folder) == ["refused/march.csv", "refused/march.csv.txt"]
        assert (folder / "refused" / "march.csv.txt").read_text().startswith("march.csv: row 1 has no column")

    def test_that_is_too_large_too(self, folder: Path, drop: Callable, settings: Any) -> None:
        settings.FEED_FILE_MAX_BYTES = 10
        drop()
        work()
        assert "larger than 10" in (folder / "refused" / "march.csv.txt").read_text()
        assert list(settings.INBOX_DIR.iterdir()) == []

    def test_laid_there_again_after_its_mapping_was_mended_is_read_again(
        self, feed: Feed, folder: Path, drop: Callable
    ) -> None:
        save_mapping(feed=feed, definition=MAPPING | {"cause": {"columns": ["note"]}}, by="test", at=AT)
        drop()
        work()
        save_mapping(feed=feed, definition=MAPPING, by="test", at=AT)
        (folder / "refused" / "march.csv").rename(folder / "march.csv")
        work()
        assert feed.deliveries.get().accepted == 1

    def test_of_a_name_that_came_before_keeps_both(self, feed: Feed, folder: Path, drop: Callable) -> None:
        for number in (1, 2):
            drop(content=f"{HEADER}{number},2026-03-01 10:00,W1,lived\n")
            work()
        assert feed.deliveries.count() == 2
        assert len(names(folder / "received")) == 4

    @pytest.mark.parametrize("name", [b"run\xe9.csv", b"two\nlines.csv", b"n" * 250 + b".csv", "año 1.csv"])
    def test_of_an_odd_name(self, feed: Feed, folder: Path, drop: Callable, name: str | bytes) -> None:
        drop(name)
        work()
        assert feed.deliveries.get().accepted == 1
        assert len(names(folder / "received")) == 2
        assert Intake.objects.get().file_name.isprintable()


class TestAFileInTheMaking:
    def test_waits_until_it_has_been_still(self, folder: Path, drop: Callable) -> None:
        drop()
        work(at=later(30))
        assert names(folder) == ["march.csv"]
        assert not Intake.objects.exists()

    def test_of_an_old_date_waits_as_well(self, drop: Callable) -> None:
        os.utime(drop(), (0, 0))
        collect_drops(at=later(30))
        assert not Intake.objects.exists()

    def test_is_taken_at_once_with_its_companion(self, folder: Path, drop: Callable) -> None:
        drop()
        drop("march.csv.done", "")
        work(at=later(0))
        assert names(folder) == ["received/march.csv", "received/march.csv.txt"]

    @pytest.mark.parametrize("name", ["march.csv.part", "march.csv.filepart", ".march.csv.Xy7", "march.csv~"])
    def test_is_left_alone_under_the_name_that_programs_give_it(
        self, feed: Feed, drop: Callable, name: str
    ) -> None:
        path = drop(name)
        work()
        assert path.exists()
        path.rename(path.with_name("march.csv"))
        work()
        assert feed.deliveries.count() == 1

    def test_that_grows_while_it_is_read_is_taken_when_it_is_whole(
        self, feed: Feed, drop: Callable, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = drop(content=HEADER)
        monkeypatch.setattr("throughline.evidence.feeds.doors.folder._open", _writing_on(path))
        collect_drops(at=later())
        assert not Intake.objects.exists()
        monkeypatch.undo()
        work(at=later(200))
        assert feed.deliveries.get().rows == 1

    def test_that_is_written_to_after_it_was_taken_is_taken_again(self, feed: Feed, drop: Callable) -> None:
        path = drop()
        collect_drops(at=later())
        with path.open("a") as file:
            file.write("3,2026-03-01 12:00,W1,lived\n")
        work(at=later(200))
        receive_next(at=AT)
        assert sum(feed.deliveries.values_list("accepted", flat=True)) == 2
        assert names(path.parent) == ["received/march.csv", "received/march.csv.txt"]


def _writing_on(path: Path) -> Callable[..., Any]:
    """Opens the file, while somebody else writes a row to it."""

    def open_and_write(_dropped: object) -> Any:
        file = path.open("rb")
        with path.open("a") as other:
            other.write("1,2026-03-01 10:00,W1,lived\n")
        return file

    return open_and_write


class TestWhatIsNoFileOfAFeed:
    def test_links_pipes_folders_and_folders_of_no_feed_are_left_alone(
        self, folder: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "secret.csv").write_text(ROWS)
        (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
        os.mkfifo(folder / "pipe.csv")
        (folder / "2026").mkdir()
        (folder / "2026" / "march.csv").write_text(ROWS)
        (folder.parent / "nobody").mkdir()
        (folder.parent / "nobody" / "march.csv").write_text(ROWS)
        (folder.parent / "march.csv").write_text(ROWS)
        (folder.parent / "linked").symlink_to(folder)
        work()
        assert not Intake.objects.exists()

    def test_without_the_folder_nothing_happens(self, feed: Feed, settings: Any, tmp_path: Path) -> None:
        settings.DROP_DIR = tmp_path / "nowhere"
        assert collect_drops(at=AT) == []


def test_two_workers_take_it_once(feed: Feed, drop: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    drop()
    collect_drops(at=later())
    monkeypatch.setattr(
        "throughline.evidence.feeds.models.Intake.objects.filter", lambda **_: Intake.objects.none()
    )
    collect_drops(at=later())  # sees what the first saw before it was done
    monkeypatch.undo()
    work()
    assert Intake.objects.count() == 1
    assert feed.deliveries.get().accepted == 1


class TestWhatAnAgencyLaysInTheWay:
    def test_a_folder_that_is_a_link_is_not_followed(self, feed: Feed, folder: Path, drop: Callable) -> None:
        other = folder.parent / "other-agency"
        other.mkdir()
        (folder / "received").symlink_to(other)
        path = drop()
        work()
        assert path.exists()
        assert list(other.iterdir()) == []
        assert feed.deliveries.count() == 1

    def test_a_note_overwrites_nothing_and_follows_no_link(self, folder: Path, drop: Callable) -> None:
        received = folder / "received"
        received.mkdir()
        victim = folder.parent / "victim"
        victim.write_text("kept")
        (received / "march.csv.txt").symlink_to(victim)
        drop()
        work()
        assert victim.read_text() == "kept"
        [moved] = received.glob("*march.csv")
        assert moved.name != "march.csv"
        assert moved.with_name(moved.name + ".txt").read_text().startswith("Received: 2 rows")

    def test_a_file_that_takes_the_name_in_the_last_instant_is_received_as_well(
        self, feed: Feed, folder: Path, drop: Callable, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        drop()
        write_note = door._write_note

        def replaced_meanwhile(note: Path, sentence: str) -> None:
            write_note(note, sentence)
            monkeypatch.setattr(door, "_write_note", write_note)
            new = folder / "april.part"
            new.write_text(f"{HEADER}7,2026-04-01 10:00,W1,lived\n")
            new.rename(folder / "march.csv")

        monkeypatch.setattr(door, "_write_note", replaced_meanwhile)
        work()
        assert (folder / "march.csv").read_text().endswith("7,2026-04-01 10:00,W1,lived\n")
        work()
        assert sorted(feed.deliveries.values_list("rows", flat=True)) == [1, 2]

    def test_a_companion_never_outlives_its_file(
        self, folder: Path, drop: Callable, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        drop()
        drop("march.csv.done", "")
        collect_drops(at=timezone.now())
        assert receive_next(at=AT)
        monkeypatch.setattr(Path, "rename", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            collect_drops(at=timezone.now())
        assert not (folder / "march.csv.done").exists()

    def test_a_folder_that_can_not_be_looked_into_does_not_stop_the_others(
        self, feed: Feed, folder: Path, drop: Callable, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add_feed(key="a-first", name="First", provider=feed.provider, by="test", at=AT)
        (folder.parent / "a-first").mkdir()
        scandir = os.scandir

        def closed(path: Any) -> Any:
            if str(path).endswith("a-first"):
                raise PermissionError(path)
            return scandir(path)

        monkeypatch.setattr(os, "scandir", closed)
        drop()
        work()
        assert feed.deliveries.count() == 1


def test_a_full_disk_is_no_fault_of_the_file(
    feed: Feed, drop: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop()
    [intake] = collect_drops(at=later())
    full = Mock(side_effect=OSError(errno.ENOSPC, "No space left on device"))
    monkeypatch.setattr(actions, "receive_delivery", full)
    with pytest.raises(OSError, match="No space"):
        receive_next(at=AT)
    intake.refresh_from_db()
    assert (intake.finished_at, intake.refusal) == (None, "")
