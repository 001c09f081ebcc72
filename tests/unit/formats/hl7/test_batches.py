"""A file of messages, with and without batches around them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from throughline.formats.event import Event
from throughline.formats.faults import Reason, Rejected, UnreadableFile
from throughline.formats.limits import DEFAULT_LIMITS

Read = Callable[..., list[Event | Rejected]]
Write = Callable[..., str]


@pytest.fixture
def two(write: Write) -> list[str]:
    return [write(visit="V1", message_id="M1"), write(visit="V2", message_id="M2")]


def ids(read: list[Event | Rejected]) -> list[str]:
    return [event.record_id for event in read if isinstance(event, Event)]


@pytest.mark.parametrize("ending", ["\r", "\n", "\r\n"])
def test_segments_and_messages_may_end_in_any_way(read: Read, two: list[str], ending: str) -> None:
    content = "\r".join([*two, ""]).replace("\r", ending)
    assert ids(read(content)) == ["111/V1", "111/V2"]
    assert ids(read(content + ending * 3)) == ["111/V1", "111/V2"]


def test_a_byte_order_mark_and_framing_bytes_are_no_fault(read: Read, two: list[str]) -> None:
    assert ids(read("\ufeff" + "\r".join(two))) == ["111/V1", "111/V2"]
    framed = "".join(f"\x0b{message}\r\x1c\r" for message in two)
    assert ids(read(framed)) == ["111/V1", "111/V2"]
    assert ids(read(framed.replace("\r\x1c\r", "\x1c\r\n"))) == ["111/V1", "111/V2"]


def test_a_framed_message_without_its_end_was_cut_off(read: Read, two: list[str]) -> None:
    first, second = read(f"\x0b{two[0]}\x1c\r\x0b{two[1]}")
    assert isinstance(second, Event)
    assert isinstance(first, Rejected)
    assert (first.row, first.reason) == (2, Reason.DAMAGED)


def test_batches_and_their_counts(read: Read, two: list[str]) -> None:
    batch = "\r".join(["BHS|^~\\&", *two, "BTS|2"])
    assert ids(read(batch)) == ["111/V1", "111/V2"]
    assert ids(read(f"FHS|^~\\&\r{batch}\rFTS|1")) == ["111/V1", "111/V2"]
    assert ids(read(f"FHS|^~\\&\r{batch}\r{batch}\rFTS|002|two")) == ["111/V1", "111/V2"]
    assert ids(read(batch.replace("BTS|2", "BTS"))) == ["111/V1", "111/V2"], "the count may be left out"
    assert read("BHS|^~\\&\rBTS|0") == []


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("BHS|^~\\&\r{0}\r{1}\rBTS|3", "line 10 announces 3 messages, but there are 2"),
        ("BHS|^~\\&\r{0}\r{1}\rBTS|x", "line 10 announces x messages, but there are 2"),
        ("FHS|^~\\&\rBHS|^~\\&\r{0}\rBTS|1\rFTS|2", "line 8 announces 2 batches, but there are 1"),
        ("BHS|^~\\&\r{0}\r{1}", "line 1 begins a batch (BHS) that has no end"),
        ("FHS|^~\\&\r{0}\r{1}", "line 1 begins a file (FHS) that has no end"),
        ("BHS|^~\\&\r{0}\rBHS|^~\\&\r{1}\rBTS", "line 6 begins a batch (BHS) inside the one of line 1"),
        ("{0}\rBTS|1", "line 5 ends a batch (BHS) that was not begun"),
        ("{0}\rFTS|1", "line 5 ends a file (FHS) that was not begun"),
        ("date,place\r{0}", "line 1 is 'date,place'"),
        ("BHS|^~\\&\r{0}\rBTS|1\rand more", "line 7 is 'and more'"),
        ("", "the file is empty"),
        ("\r\n\r\n", "the file is empty"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(
    read: Read, two: list[str], content: str, found: str
) -> None:
    with pytest.raises(UnreadableFile) as fault:
        read(content.format(*two))
    assert fault.value.found == found


def test_memory_is_bounded_by_the_limits(read: Read, write: Write) -> None:
    small = replace(DEFAULT_LIMITS, line=1000)
    with pytest.raises(UnreadableFile, match=r"the message that begins in line 1 is longer than"):
        read(write(more=("NTE|1||" + "x" * 400,) * 3), limits=small)
    with pytest.raises(UnreadableFile, match=r"the line that begins in line 1 is longer than 1 MB"):
        read("MSH|^~\\&" + "x" * 2_500_000)
    with pytest.raises(UnreadableFile, match=r"the file has 0 MB. Expected at most 0 MB; send it in parts"):
        read(write(), limits=replace(DEFAULT_LIMITS, file=10))


def test_a_large_file_is_read_across_its_blocks(read: Read, write: Write) -> None:
    """Line ends of two bytes fall on every position of a block's edge."""
    messages = [write(visit=f"V{n}", more=("NTE|1||" + "x" * (n % 97),)) for n in range(9000)]
    content = "\r\n".join(messages).replace("\r\n", "\r").replace("\r", "\r\n")
    assert len(content) > 2_000_000
    assert ids(read(content)) == [f"111/V{n}" for n in range(9000)]


def test_progress_is_told(tmp_path: Path, two: list[str]) -> None:
    from throughline.formats.hl7.batches import split_messages

    path = tmp_path / "two.hl7"
    path.write_text("\r".join(two), newline="")
    told: list[int] = []
    assert len(list(split_messages(path, DEFAULT_LIMITS, told.append))) == 2
    assert told == [path.stat().st_size]
