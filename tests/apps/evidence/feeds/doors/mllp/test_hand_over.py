"""From the spool into the inbox, and from there into the warehouse."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from apps.evidence.conftest import AT
from click.testing import CliRunner
from factories import make_place

from throughline.cli.commands import throughline
from throughline.evidence.feeds.actions import add_feed, receive_next
from throughline.evidence.feeds.doors.mllp.actions import hand_over_messages
from throughline.evidence.feeds.doors.mllp.spool import Spool, id_of
from throughline.evidence.feeds.models import Feed, Intake
from throughline.evidence.feeds.queries import warehouse
from throughline.members.organizations.models import Organization

Write = Callable[[int], str]


@pytest.fixture
def hospital(ems: Organization) -> Feed:
    make_place(code="60601", latitude=41.9, longitude=-87.6)
    return add_feed(key="ed", name="ED visits", provider=ems, format="hl7v2", by="test", at=AT)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


def stored(spool: Spool, *messages: str) -> Path:
    spool.store([message.encode() for message in messages])
    spool.close_file()
    return spool.waiting()[-1]


def test_a_file_of_messages_goes_into_the_inbox_and_leaves_the_spool(
    hospital: Feed, spool: Spool, message: Write
) -> None:
    path = stored(spool, message(1), message(2))
    hand_over_messages(feed=hospital, path=path, by="system:mllp", at=AT)
    intake = Intake.objects.get()
    assert (intake.pk, intake.door, intake.by) == (id_of(path), "mllp", "system:mllp")
    assert intake.file_name.startswith("messages-20260302T090000Z-")
    assert spool.waiting() == []


def test_killed_between_the_two_it_is_handed_over_once(hospital: Feed, spool: Spool, message: Write) -> None:
    path = stored(spool, message(1))
    content = path.read_bytes()
    hand_over_messages(feed=hospital, path=path, by="system:mllp", at=AT)
    path.write_bytes(content)  # as if the kill had come before it was removed
    hand_over_messages(feed=hospital, path=path, by="system:mllp", at=AT)
    assert Intake.objects.count() == 1
    assert Intake.objects.get().file.read_bytes() == content
    assert not path.exists()


def test_messages_about_a_visit_are_merged_across_deliveries(
    hospital: Feed, spool: Spool, message: Write
) -> None:
    """Registered in one file; diagnosed in the next; the third says again what is known."""
    update = message(1).replace("A04", "A08").replace("202603010900", "") + "\rDG1|1||T40.1X1A^Heroin^I10C"
    for number, text in enumerate((message(1), update, update.replace("|M1|", "|M9|"))):
        hand_over_messages(
            feed=hospital, path=stored(spool, text), by="test", at=AT + timedelta(hours=number)
        )
        assert receive_next(at=AT + timedelta(hours=number)) is not None
    facts = list(
        hospital.deliveries.order_by("received_at").values_list("accepted", "revisions", "duplicates")
    )
    assert facts == [(1, 0, 0), (1, 1, 0), (0, 0, 1)]
    names = [str(pk) for pk in hospital.deliveries.values_list("pk", flat=True)]
    event = warehouse().latest_events("ed", names, {"111/V1"})["111/V1"]
    assert event.codes == ("patient_class=E", "diagnosis=T40.1X1A")
    assert (event.time_quality, event.occurred_at.hour) == ("minute", 14)


def test_only_feeds_of_messages_are_listened_for(feed: Feed, settings: object) -> None:
    result = CliRunner().invoke(throughline, ["listen-hl7", "--feed", feed.key])
    assert result.exit_code == 2
    assert "The feed 'ems' has the format 'tabular'; expected 'hl7v2'." in result.output


def test_a_feed_that_nobody_set_up_is_named(db: None) -> None:
    result = CliRunner().invoke(throughline, ["listen-hl7", "--feed", "nowhere"])
    assert (result.exit_code, "'nowhere'" in result.output) == (2, True)


def test_a_second_listener_and_an_address_of_others_are_refused(
    hospital: Feed, settings: object, tmp_path: Path
) -> None:
    settings.HOME = tmp_path  # type: ignore[attr-defined]
    other = Spool(tmp_path / "mllp" / "ed")
    result = CliRunner().invoke(throughline, ["listen-hl7", "--feed", "ed"])
    assert (result.exit_code, "Another process listens for this feed" in result.output) == (2, True)
    other.close()
    result = CliRunner().invoke(throughline, ["listen-hl7", "--feed", "ed", "--host", "203.0.113.1"])
    assert result.exit_code == 2
    assert "203.0.113.1" in result.output
