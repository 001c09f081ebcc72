"""What memory can't hold goes to a folder that only its owner can open, and nothing stays there."""

import os
import subprocess
import sys

from throughline.warehouse import revisions
from throughline.warehouse.revisions import EventFiles
from throughline.warehouse.scratch import scratch_folder


def test_a_question_larger_than_memory_is_answered_on_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(revisions, "_MEMORY", "40MB")
    events = EventFiles(tmp_path, [])
    rows = events.query(set(), "SELECT md5(range::VARCHAR) AS word FROM range(2_000_000) ORDER BY word")
    words = [word for (word,) in rows.fetchmany(10)]
    assert words == sorted(words)
    [spilled] = (tmp_path / "scratch").iterdir()
    assert any(spilled.iterdir())
    assert (tmp_path / "scratch").stat().st_mode & 0o077 == 0
    events.close()


def test_what_a_crash_left_is_removed_and_what_others_use_is_not(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    machine = os.uname().nodename
    for name in (
        f"{machine}-{ended.pid}",
        f"{machine}-{os.getppid()}",
        f"{machine}-{os.getpid()}",
        "elsewhere-7",
    ):
        (tmp_path / "scratch" / name).mkdir(parents=True)
    own = scratch_folder(tmp_path)
    left = {path.name for path in (tmp_path / "scratch").iterdir()}
    assert left == {f"{machine}-{os.getppid()}", "elsewhere-7"}
    assert own.name == f"{machine}-{os.getpid()}"
