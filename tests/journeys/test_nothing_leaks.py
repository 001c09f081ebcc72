"""What stands in a record stays there: no log, ledger entry, address or e-mail quotes it, whatever goes wrong."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.test import Client
from django.utils import timezone
from django.utils.module_loading import import_string
from factories import make_organization, make_person, make_place

from throughline.evidence.feeds import receiving
from throughline.evidence.feeds.actions import add_feed, hand_over_file, receive_next, save_mapping
from throughline.evidence.feeds.doors.actions import make_token
from throughline.evidence.feeds.models import Door, Feed, Intake
from throughline.ledger.models import Entry

MARKER = "ZZMARKERZZ"
MAPPING = {
    "record_id": {"columns": ["number"]},
    "occurred_at": {"columns": ["when"], "formats": ["%Y-%m-%d %H:%M"], "time_zone": "America/New_York"},
    "place": {"code": {"columns": ["ward"]}},
    "outcome": {"columns": ["result"], "codes": {"died": "fatal"}},
    "age": {"columns": ["age"]},
}
HEADER = "number,when,ward,result,age\n"
FAULTY_ROWS = [
    f"{MARKER},2026-03-01 10:00,W1,died,30",
    f"2,{MARKER},W1,died,30",
    f"3,2026-03-01 10:00,{MARKER},died,30",
    f"4,2026-03-01 10:00,W1,{MARKER},30",
    f"5,2026-03-01 10:00,W1,died,{MARKER}",
    f"6,2026-03-01 10:00,W1,died,30,{MARKER}",
    f"7,2026-03-01 10:00,W1,died,\x00{MARKER}",
    f'8,"2026-03-01 10:00"{MARKER},W1,died,30',
]
REFUSED = {
    "other-columns.csv": f"{MARKER},{MARKER} 2\nx,y\n",
    "broken.xlsx": f"PK{MARKER}",
    "broken.parquet": f"PAR1{MARKER}",
    "nested.json": f'{{"resourceType": "{MARKER}"',
}


@pytest.fixture
def feed(transactional_db: None, settings: Any, tmp_path: Path) -> Feed:
    settings.WAREHOUSE_DIR, settings.INBOX_DIR = tmp_path / "warehouse", tmp_path / "inbox"
    make_place(code="W1", name="Ward 1", latitude=40.0, longitude=-75.0)
    added = add_feed(
        key="ems", name="EMS", provider=make_organization(name="EMS"), by="test", at=timezone.now()
    )
    save_mapping(feed=added, definition=MAPPING, by="test", at=timezone.now())
    return added


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that the program logs, at every level, as an installation writes it."""
    written, root = io.StringIO(), logging.getLogger()
    line = django_settings.LOGGING["formatters"]["line"]
    handler, level = logging.StreamHandler(written), root.level
    handler.setFormatter(import_string(line["()"])(line["format"], style=line["style"]))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


def hand_over(feed: Feed, name: str, content: str) -> Intake:
    hand_over_file(
        feed=feed, file=[content.encode()], file_name=name, by="test", at=timezone.now(), door=Door.UPLOAD
    )
    received = receive_next(at=timezone.now())
    assert received is not None
    return received


def check_silence(log: io.StringIO) -> None:
    assert MARKER not in log.getvalue()
    entries = json.dumps(list(Entry.objects.values("actor", "verb", "subject", "detail")))
    assert MARKER not in entries
    assert not [message for message in mail.outbox if MARKER in str(message.message())]


def test_rows_that_are_set_aside(feed: Feed, log: io.StringIO) -> None:
    received = hand_over(feed, "faulty.csv", HEADER + "\n".join(FAULTY_ROWS) + "\n")
    assert received.delivery is not None
    assert received.delivery.quarantined >= 6
    check_silence(log)


@pytest.mark.parametrize("name", REFUSED)
def test_files_that_are_refused(feed: Feed, log: io.StringIO, name: str) -> None:
    assert hand_over(feed, name, REFUSED[name]).refusal
    check_silence(log)


def test_a_reader_that_fails_on_a_value_and_quotes_it(
    feed: Feed, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object, **options: object) -> None:
        try:
            int(MARKER)
        except ValueError as fault:
            raise ExceptionGroup(MARKER, [KeyError(MARKER), RuntimeError(MARKER)]) from fault

    monkeypatch.setattr(receiving, "read_file", fail)
    refused = hand_over(feed, "good.csv", f"{HEADER}1,2026-03-01 10:00,W1,died,30\n")
    assert "The program failed on this file" in refused.refusal
    told = log.getvalue()
    assert str(refused.pk) in told, "the log says which file"
    assert "builtins.ValueError" in told and "builtins.KeyError" in told, "what kind of fault"
    assert "in fail" in told, "and where in the program"
    check_silence(log)


@pytest.mark.parametrize("field", ["outcome", "place", "occurred_at", "age", "notes", MARKER])
def test_a_report_of_a_program(feed: Feed, log: io.StringIO, field: str) -> None:
    add_feed(
        key="spikes", name="Reports", format="odmap", provider=feed.provider, by="test", at=timezone.now()
    )
    secret = make_token(feed=Feed.objects.get(key="spikes"), name="CAD", by=make_person(), at=timezone.now())
    good = {"occurred_at": "2026-03-01T10:00", "place": "W1", "outcome": "nonfatal", "naloxone": "single"}
    answer = Client().post(
        "/api/feeds/spikes/reports",
        json.dumps(good | {field: MARKER}),
        content_type="application/json",
        headers={"authorization": f"Bearer {secret}"},
    )
    receive_next(at=timezone.now())
    assert answer.status_code == (202 if field == "notes" else 400)
    assert MARKER not in answer.headers.get("Location", "")
    check_silence(log)
