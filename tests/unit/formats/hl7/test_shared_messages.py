"""Every message of the public test material, with the answers that go with it."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from throughline.formats.event import Event
from throughline.formats.faults import Reason, Rejected
from throughline.formats.hl7.acknowledging import acknowledgment
from throughline.formats.hl7.parser import parse
from throughline.formats.hl7.structure import open_message
from throughline.formats.registry import find_format

Read = Callable[..., list[Event | Rejected]]

FOLDER = Path(__file__).parents[4] / "../shared/data/hl7v2"
MESSAGES = sorted(path for path in FOLDER.glob("*.hl7") if not path.stem.endswith("_ACK"))
ANSWERS = sorted(FOLDER.glob("*_ACK.hl7"))

pytestmark = pytest.mark.skipif(not MESSAGES, reason="../shared/data/hl7v2 is not here")


def test_every_message_is_a_visit(read: Read) -> None:
    visits = {path.stem: read(path) for path in MESSAGES}
    assert len(visits) == 8
    for name, found in visits.items():
        assert find_format(FOLDER / f"{name}.hl7").KEY == "hl7v2"
        assert [type(outcome) for outcome in found] == [Event], name


def test_the_registration_and_the_discharge_of_the_child_are_one_visit(read: Read, tmp_path: Path) -> None:
    both = tmp_path / "both.hl7"
    both.write_bytes(
        (FOLDER / "contextfree_Ack_A04.hl7").read_bytes()
        + b"\r\n"
        + (FOLDER / "contextfree_Ack_A03.hl7").read_bytes()
    )
    (visit,) = read(both)
    assert isinstance(visit, Event)
    assert visit.record_id == "1231231234/1111_001"
    assert visit.occurred_at == datetime(2010, 2, 20, 13, 30, tzinfo=UTC)
    assert (visit.age, visit.outcome, visit.race) == (0, "nonfatal", "multiple")
    assert visit.codes[:2] == ("diagnosis=4871", "diagnosis=38053")
    assert visit.texts[0] == "chief_complaint=Mother states that patient has fever, cough, and earache"


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: path.stem)
def test_answers_say_what_the_published_ones_say(path: Path) -> None:
    message = path.with_name(path.name.replace("_ACK", "")).read_bytes()
    open_message(message)
    written = acknowledgment(message, at=datetime(2015, 8, 18, tzinfo=UTC), control_id="A1")
    assert written is not None
    ours, published = parse(written.decode()), parse(path.read_text())
    for field in (1, 2, 9, 11, 12, 15, 16):
        assert ours.header.field(field) == published.header.field(field), f"MSH-{field}"
    assert ours.segment("MSA").field(1) == published.segment("MSA").field(1) == "AA"
    assert ours.segment("MSA").field(2) == published.segment("MSA").field(2)


@pytest.mark.parametrize(
    "path", [path for path in MESSAGES if "NoAck" in path.name], ids=lambda path: path.stem
)
def test_senders_that_want_no_answer_get_none(path: Path) -> None:
    assert acknowledgment(path.read_bytes(), at=datetime(2015, 8, 18, tzinfo=UTC), control_id="A1") is None


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: path.stem)
def test_an_answer_is_no_visit(read: Read, path: Path) -> None:
    (outcome,) = read(path)
    assert isinstance(outcome, Rejected)
    assert (outcome.field, outcome.reason) == ("MSH-9", Reason.OTHER_KIND)
