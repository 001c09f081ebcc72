"""The answer to a message."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughline.formats.faults import ValueFault
from throughline.formats.hl7.acknowledging import acknowledgment
from throughline.formats.hl7.parser import Message, parse
from throughline.formats.hl7.structure import open_message

Write = Callable[..., str]

AT = datetime(2026, 3, 1, 14, 30, tzinfo=UTC)


def answer(message: str | bytes, *, stored: bool = True) -> Message | None:
    """What `message` is answered with, judged as the listener does."""
    data = message.encode() if isinstance(message, str) else message
    fault = None
    try:
        open_message(data)
    except ValueFault as found:
        fault = found
    written = acknowledgment(data, at=AT, control_id="A1", fault=fault, stored=stored)
    return parse(written.decode(errors="surrogateescape")) if written is not None else None


def code(message: str | bytes, *, stored: bool = True) -> str | None:
    found = answer(message, stored=stored)
    return found.segment("MSA").text(1) if found else None


def test_whoever_was_addressed_answers_to_whoever_sent(write: Write) -> None:
    message = write().replace(
        r"MSH|^~\&||General^111^NPI|||", r"MSH|^~\&|EPIC|General^111^NPI|THROUGHLINE|County|"
    )
    found = answer(message)
    assert found is not None
    assert found.lines == [
        r"MSH|^~\&|THROUGHLINE|County|EPIC|General^111^NPI|20260301143000+0000||ACK^A04^ACK|A1|P|2.5.1|||NE"
        "|||UNICODE UTF-8",
        "MSA|AA|M1",
    ]


@pytest.mark.parametrize(
    ("wanted", "good", "bad"),
    [
        ("", "AA", "AE"),
        ("|||AL", "CA", "CE"),
        ("|||NE", None, None),
        ("|||ER", None, "CE"),
        ("|||SU", "CA", None),
        ("||||AL", "AA", "AE"),
        ("||||NE", None, None),
        ("|||NE|AL", None, None),
        ("|||AL||||||PH_SS-Ack^SS Sender", "AA", "AE"),
        ("|||NE||||||PH_SS-NoAck^SS Sender", None, None),
    ],
)
def test_an_answer_is_given_as_the_sender_wants_it(
    write: Write, wanted: str, good: str | None, bad: str | None
) -> None:
    """Original mode without MSH-15 and MSH-16; the PHIN profiles answer AA where the standard has CA."""
    message = write(header_end=wanted)
    assert code(message) == good
    assert code(message.replace("PV1|", "PX1|")) == bad


def test_what_is_wrong_is_said_where_and_in_words(write: Write) -> None:
    found = answer(write().replace("|M1|", "||"))
    assert found is not None
    words = "MSH-10: '': a value is missing. Expected the message's own identifier."
    assert found.segment("MSA").text(1) == "AE"
    assert found.segment("MSA").text(3) == words
    error = found.segment("ERR")
    assert [error.text(2, part) for part in (1, 2, 3)] == ["MSH", "1", "10"]
    assert (error.text(3), error.text(4), error.text(8)) == ("101", "E", words)


@pytest.mark.parametrize(
    ("change", "expected", "condition"),
    [
        (("ADT^A04", "ORU^R01"), "AR", "201"),
        (("PV1|", "PX1|"), "AE", "100"),
        (("General", "Gen\x01eral"), "AE", "102"),
    ],
)
def test_a_kind_that_is_not_received_is_rejected_and_a_fault_is_an_error(
    write: Write, change: tuple[str, str], expected: str, condition: str
) -> None:
    found = answer(write().replace(*change))
    assert found is not None
    assert (found.segment("MSA").text(1), found.segment("ERR").text(3)) == (expected, condition)


def test_a_message_that_could_not_be_stored_should_come_again(write: Write) -> None:
    found = answer(write(), stored=False)
    assert found is not None
    assert found.segment("MSA").text(1) == "AR"
    assert found.segment("ERR").text(3) == "207"
    assert found.segment("ERR").text(8) == "The message could not be stored. Send it again."


def test_the_answer_has_the_messages_separators_and_names_as_they_came() -> None:
    message = "MSH#*!/@#Añ*x#B#C#D#2026##ADT*A04#M1#P#2.5.1\rEVN#\rPID#\rPV1#".encode("latin-1")
    written = acknowledgment(message, at=AT, control_id="A1", fault=ValueFault("PID", "a#b", "x", "y"))  # type: ignore[arg-type]
    assert written is not None
    assert written.startswith(b"MSH#*!/@#C#D#A\xf1*x#B#")
    assert b"MSA#AE#M1#PID: 'a/F/b': x. Expected y." in written


@pytest.mark.parametrize(
    "garbage", [b"", b"GET / HTTP/1.1", b"MSH", b"MSH|^~", b"\xff\xfe\x00", b"PID|1\rMSH|"]
)
def test_what_is_no_message_at_all_is_answered_too(garbage: bytes) -> None:
    assert code(garbage) == "AE"


def test_an_answer_is_never_answered(write: Write) -> None:
    """Two systems that did would never stop."""
    found = answer(write())
    assert found is not None
    assert answer("\r".join(found.lines).replace("|||NE", "")) is None


@given(st.binary(max_size=300))
def test_any_bytes_get_an_answer_that_can_be_read(data: bytes) -> None:
    found = answer(data)
    assert found is None or found.names[:2] == ["MSH", "MSA"]
