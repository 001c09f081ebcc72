"""Messages sent over a real socket."""

import socket
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from throughline.formats.hl7.framing import framed

Listen = Callable[..., Any]
Connect = Callable[..., Any]
Write = Callable[..., str]


def test_a_message_is_acknowledged_when_it_is_stored(
    listen: Listen, connect: Connect, message: Write
) -> None:
    listening = listen(messages_per_file=2)
    sender = connect(listening)
    assert "MSA|AA|M1" in sender.send(message(1))
    assert "MSA|AA|M2" in sender.send(message(2))
    assert "MSA|AA|M3" in sender.send(message(3))
    listening.stop()
    assert listening.files == [
        framed(message(1).encode()) + framed(message(2).encode()),
        framed(message(3).encode()),
    ]


def test_files_are_handed_over_after_a_while_too(listen: Listen, connect: Connect, message: Write) -> None:
    listening = listen(seconds_per_file=0.01)
    assert "MSA|AA" in connect(listening).send(message(1))
    assert listening.took_one.wait(60)
    assert listening.files == [framed(message(1).encode())]


def test_many_senders_at_once(listen: Listen, connect: Connect, message: Write) -> None:
    listening = listen(messages_per_file=40)

    def send(start: int) -> None:
        sender = connect(listening)
        for number in range(start, start + 25):
            assert f"MSA|AA|M{number}\r" in sender.send(message(number)) + "\r"
        done.append(start)

    done: list[int] = []
    threads = [Thread(target=send, args=[start]) for start in range(0, 200, 25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    listening.stop()
    assert len(done) == 8
    stored = b"".join(listening.files)
    assert stored.count(b"\x0b") == 200
    assert all(framed(message(number).encode()) in stored for number in range(200))


def test_a_message_that_is_not_received_is_turned_down_with_its_reason_and_kept_aside(
    listen: Listen, connect: Connect, message: Write, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    listening = listen()
    sender = connect(listening)
    damaged = message(1).replace("PV1|", "Jane Doe|")
    assert "MSA|AE|M1|'Jane Doe" in sender.send(damaged)
    assert "MSA|AR|M2|MSH-9" in sender.send(message(2).replace("ADT^A04", "ORU^R01"))
    assert "MSA|AE||MSH: 'garbage'" in sender.send("garbage")
    assert "MSA|AA|M3" in sender.send(message(3))
    listening.stop()
    aside = sorted((tmp_path / "spool" / "aside").iterdir())
    assert framed(damaged.encode()) in {path.read_bytes() for path in aside}
    assert len(aside) == 3
    assert listening.files == [framed(message(3).encode())]
    assert "the record is damaged" in caplog.text
    assert "Jane Doe" not in caplog.text, "values may be about people, and stay out of the log"


def test_no_answer_is_given_to_who_wants_none(listen: Listen, connect: Connect, message: Write) -> None:
    listening = listen()
    sender = connect(listening)
    sender.write(framed(message(1).replace("|2.5.1", "|2.5.1|||NE").encode()))
    assert "MSA|AA|M2" in sender.send(message(2)), "the first answer that comes is that of the second message"
    listening.stop()
    assert listening.files[0].count(b"\x0b") == 2


def test_messages_may_follow_each_other_without_waiting_and_come_in_pieces(
    listen: Listen, connect: Connect, message: Write
) -> None:
    listening = listen()
    sender = connect(listening)
    data = b"".join(framed(message(number).encode()) for number in range(20)).replace(b"\x1c\r", b"\x1c\r\n")
    for start in range(0, len(data), 7):
        sender.write(data[start : start + 7])
    assert [f"MSA|AA|M{number}" in sender.answer() for number in range(20)] == [True] * 20


def test_a_message_that_is_too_long_is_turned_down_and_the_connection_ends(
    listen: Listen, connect: Connect, message: Write
) -> None:
    listening = listen(message_bytes=2000)
    sender = connect(listening)
    assert "MSA|AA|M1" in sender.send(message(1))
    sender.write(framed(message(2).encode() + b"x" * 3000))
    answer = sender.answer()
    assert "MSA|AE|M2|'more than 2,000 bytes'" in answer
    assert sender.answer() == ""
    assert "MSA|AA|M3" in connect(listening).send(message(3)), "others go on"


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\n\r\n\x1c", b"MSH|no start mark\x1c\r"])
def test_what_is_no_frame_ends_the_connection(listen: Listen, connect: Connect, data: bytes) -> None:
    sender = connect(listen())
    sender.write(data)
    assert sender.answer() == ""


def test_a_message_without_an_end_is_dropped_after_a_while(
    listen: Listen, connect: Connect, message: Write
) -> None:
    listening = listen(patience=0.05)
    sender = connect(listening)
    sender.write(framed(message(1).encode())[:-10])
    assert sender.answer() == ""
    listening.stop()
    assert listening.files == []


def test_a_silent_connection_is_closed_after_a_while(listen: Listen, connect: Connect) -> None:
    assert connect(listen(silence=0.05)).answer() == ""


def test_a_connection_cut_in_a_message_stores_nothing(
    listen: Listen, connect: Connect, message: Write
) -> None:
    listening = listen()
    sender = connect(listening)
    sender.write(framed(message(1).encode())[:-2])
    sender.close()
    assert "MSA|AA|M2" in connect(listening).send(message(2))
    listening.stop()
    assert listening.files == [framed(message(2).encode())]


def test_there_is_a_limit_to_connections(listen: Listen, connect: Connect, message: Write) -> None:
    listening = listen(connections=1)
    first = connect(listening)
    assert "MSA|AA|M1" in first.send(message(1))
    assert connect(listening).send(message(2)) == ""
    assert "MSA|AA|M3" in first.send(message(3))


def test_a_full_disk_is_told_and_nothing_is_acknowledged(
    listen: Listen, connect: Connect, message: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    listening = listen()
    sender = connect(listening)

    def full(messages: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(listening.spool, "store", full)
    answer = sender.send(message(1))
    assert "MSA|AR|M1|The message could not be stored. Send it again." in answer
    monkeypatch.undo()
    assert "MSA|AA|M1" in sender.send(message(1))
    listening.stop()
    assert listening.files == [framed(message(1).encode())]


def test_a_file_that_the_inbox_could_not_take_is_offered_again_in_order(
    listen: Listen, connect: Connect, message: Write
) -> None:
    listening = listen(messages_per_file=1, patience=0.01)
    listening.away.set()
    sender = connect(listening)
    assert "MSA|AA|M1" in sender.send(message(1))
    assert "MSA|AA|M2" in sender.send(message(2))
    assert listening.refused_one.wait(60)
    assert listening.files == []
    listening.away.clear()
    assert listening.took_one.wait(60)
    listening.stop()
    assert listening.files == [framed(message(1).encode()), framed(message(2).encode())]


def test_what_an_earlier_run_left_is_handed_over_at_the_start(
    listen: Listen, connect: Connect, message: Write
) -> None:
    first = listen()
    assert "MSA|AA|M1" in connect(first).send(message(1))
    first.away.set()
    first.stop()
    assert first.files == []
    second = listen()
    assert second.took_one.wait(60)
    assert second.files == [framed(message(1).encode())]


def test_stopping_answers_what_has_come_whole(listen: Listen, connect: Connect, message: Write) -> None:
    listening = listen()
    sender, idle = connect(listening), connect(listening)
    assert "MSA|AA|M0" in idle.send(message(0))
    held = Event()
    store = listening.spool.store

    def slowly(messages: list[bytes]) -> None:
        stopping.start()
        held.set()
        store(messages)

    stopping = Thread(target=listening.stop)
    listening.spool.store = slowly
    assert "MSA|AA|M1" in sender.send(message(1))
    assert held.is_set()
    stopping.join(60)
    assert idle.answer() == ""
    assert listening.files[0].count(b"\x0b") == 2
    with pytest.raises(ConnectionRefusedError):
        connect(listening)


def test_both_kinds_of_addresses(listen: Listen, connect: Connect, message: Write) -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    listening = listen(hosts=("127.0.0.1", "::1"))
    assert {host for host, _ in listening.addresses} == {"127.0.0.1", "::1"}
    for host, port in listening.addresses:
        assert "MSA|AA|M1" in connect(listening, host=host, port=port).send(message(1))
