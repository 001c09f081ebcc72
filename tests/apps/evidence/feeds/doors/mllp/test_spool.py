"""Messages on disk, before the inbox has them."""

import os
from pathlib import Path

import pytest

from throughline.evidence.feeds.doors.mllp import spool as spools
from throughline.evidence.feeds.doors.mllp.spool import Spool, SpoolInUse, id_of
from throughline.formats.faults import Reason
from throughline.formats.hl7.framing import framed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


def test_stored_messages_wait_for_the_inbox_in_order(folder: Path) -> None:
    spool = Spool(folder)
    spool.store([b"one", b"two"])
    spool.store([b"three"])
    assert (spool.messages, spool.waiting()) == (3, [])
    spool.close_file()
    spool.store([b"four"])
    spool.close_file()
    spool.close_file()
    assert [path.read_bytes() for path in spool.waiting()] == [
        framed(b"one") + framed(b"two") + framed(b"three"),
        framed(b"four"),
    ]
    assert len({id_of(path) for path in spool.waiting()}) == 2
    assert spool.messages == 0


def test_order_is_kept_when_the_inbox_has_taken_some(folder: Path) -> None:
    spool = Spool(folder)
    for text in (b"one", b"two", b"three"):
        spool.store([text])
        spool.close_file()
    spool.waiting()[0].unlink()
    spool.store([b"four"])
    spool.close_file()
    assert [path.read_bytes() for path in spool.waiting()] == [
        framed(b"two"),
        framed(b"three"),
        framed(b"four"),
    ]


@pytest.mark.parametrize("cut", range(1, len(framed(b"two"))))
def test_what_a_kill_cut_off_was_never_acknowledged(folder: Path, cut: int) -> None:
    spool = Spool(folder)
    spool.store([b"one", b"two"])
    (part,) = folder.glob("*.part")
    os.truncate(part, part.stat().st_size - cut)
    spool._lock.close()  # as the kill does
    (waiting,) = Spool(folder).waiting()
    assert waiting.read_bytes() == framed(b"one")


def test_a_file_in_which_nothing_is_whole_is_none(folder: Path) -> None:
    spool = Spool(folder)
    spool.store([b"one"])
    (part,) = folder.glob("*.part")
    os.truncate(part, 2)
    spool._lock.close()
    assert Spool(folder).waiting() == []
    assert not part.exists()


def test_one_process_holds_a_spool(folder: Path) -> None:
    first = Spool(folder)
    with pytest.raises(SpoolInUse, match="Another process listens for this feed"):
        Spool(folder)
    first.close()
    Spool(folder).close()


def test_after_a_failed_write_nothing_is_left_of_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool(folder)
    spool.store([b"one"])
    write = os.write

    def full(file: int, data: bytes) -> int:
        if len(data) < 5:
            raise OSError(28, "No space left on device")
        return write(file, data[:3])

    monkeypatch.setattr(spools.os, "write", full)
    with pytest.raises(OSError, match="No space left"):
        spool.store([b"two"])
    monkeypatch.undo()
    spool.store([b"three"])
    spool.close_file()
    assert [path.read_bytes() for path in spool.waiting()] == [framed(b"one"), framed(b"three")]


def test_after_a_failed_sync_a_new_file_is_begun(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a disk that failed once really holds, nobody knows; nothing more is added to that file."""
    spool = Spool(folder)
    spool.store([b"one"])
    sync, calls = os.fsync, iter([OSError(5, "Input/output error")])

    def failing(file: int) -> None:
        if fault := next(calls, None):
            raise fault
        sync(file)

    monkeypatch.setattr(spools.os, "fsync", failing)
    with pytest.raises(OSError, match="Input/output"):
        spool.store([b"two"])
    spool.store([b"three"])
    spool.close_file()
    first, second = (path.read_bytes() for path in spool.waiting())
    assert first.startswith(framed(b"one"))
    assert second == framed(b"three")


def test_others_cannot_read_it_and_what_is_kept_aside_is_bounded(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spools, "MOST_ASIDE", 2)
    spool = Spool(folder)
    spool.store([b"one"])
    assert [spool.set_aside(b"odd", name, Reason.DAMAGED) for name in "abc"] == [True, True, False]
    assert {path.stat().st_mode & 0o077 for path in folder.rglob("*") if path.name != "lock"} == {0}
    assert folder.stat().st_mode & 0o077 == 0
