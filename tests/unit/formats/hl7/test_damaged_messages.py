"""10,000 damaged messages: none crashes the reader, none is received in part."""

import random
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from throughline.formats.event import Event
from throughline.formats.faults import Rejected, UnreadableFile, ValueFault
from throughline.formats.hl7.acknowledging import acknowledgment
from throughline.formats.hl7.structure import open_message

Read = Callable[..., list[Event | Rejected]]

SAMPLE = Path(__file__).parents[3] / "samples" / "ed_visits.hl7"
FOLDER = Path(__file__).parents[4] / "../shared/data/hl7v2"
MUTANTS = 10_000
_AT = datetime(2026, 3, 1, tzinfo=UTC)
_NASTY = (
    b"\r",
    b"\n",
    b"|",
    b"^",
    b"~",
    b"&",
    b"\\",
    b"\0",
    b"\x0b",
    b"\x1c",
    b"\xff",
    b"MSH|",
    b"\rOBX",
    b'""',
    b"\xc3",
)


def _originals() -> list[bytes]:
    """Messages of our own, and the public ones where they are here."""
    sample = SAMPLE.read_bytes().replace(b"\n", b"\r")
    own = [b"MSH" + part for part in sample.split(b"MSH")[1:]]
    own[-1] = own[-1].split(b"\rBTS")[0]
    return own + [path.read_bytes() for path in sorted(FOLDER.glob("*.hl7"))]


def _mutant(data: bytes, draw: random.Random) -> bytes:
    for _ in range(draw.choice((1, 1, 2, 5))):
        at, length = draw.randrange(len(data) + 1), draw.choice((1, 1, 2, 8, 60))
        kind = draw.randrange(6)
        if kind == 0:
            data = data[:at] + bytes([draw.randrange(256)]) + data[at + 1 :]
        elif kind == 1:
            data = data[:at] + data[at + length :]
        elif kind == 2:
            data = data[:at] + draw.choice(_NASTY) + data[at:]
        elif kind == 3:
            data = data[:at] + data[at : at + length] * draw.choice((2, 50)) + data[at + length :]
        elif kind == 4:
            segments = data.split(b"\r")
            draw.shuffle(segments)
            data = b"\r".join(segments)
        else:
            data = data[:at]
    return data


def _mutants() -> Iterable[bytes]:
    draw = random.Random(4)
    originals = _originals()
    return (_mutant(draw.choice(originals), draw) for _ in range(MUTANTS))


def test_a_damaged_message_is_an_event_or_set_aside_or_no_message_at_all(read: Read) -> None:
    """And of each message either everything is kept as it came, or the visit is told as a whole."""
    kinds: Counter[str] = Counter()
    for data in _mutants():
        try:
            outcomes = read(data)
        except UnreadableFile:
            kinds["refused"] += 1
            continue
        for outcome in outcomes:
            kinds[type(outcome).__name__] += 1
            if isinstance(outcome, Event):
                _check_whole(outcome)
            else:
                assert outcome.raw
                assert outcome.reason
    assert min(kinds["refused"], kinds["Rejected"], kinds["Event"]) > 100, kinds


def _check_whole(event: Event) -> None:
    facility, _, number = event.record_id.partition("/")
    assert facility
    assert number
    assert event.occurred_at.tzinfo
    assert all("\0" not in text for text in (*event.codes, *event.texts))


def test_what_the_listener_acknowledges_the_reader_can_take_apart_and_what_it_turns_down_is_not_received(
    read: Read,
) -> None:
    """The listener judges a message before it is stored; the reader must not be stricter about its structure."""
    for data in list(_mutants())[::10]:
        fault = None
        try:
            open_message(data)
        except ValueFault as found:
            fault = found
        answer = acknowledgment(data, at=_AT, control_id="A1", fault=fault)
        assert answer is None or answer.startswith(b"MSH")
        if fault is None:
            assert read(b"\x0b" + data + b"\x1c\r"), "a stored message is never passed over"
