"""From an agency's file to the counts on a page, and from each count back to the lines of the file."""

import html
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from factories import make_organization, make_place, person_with, signed_agreement

from throughline.evidence.feeds.actions import add_feed, receive_next, save_mapping
from throughline.evidence.feeds.models import Delivery, Feed
from throughline.evidence.feeds.queries import warehouse

AT = datetime(2026, 3, 20, 12, tzinfo=UTC)
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
MAPPING = {
    "record_id": {"columns": ["run"]},
    "occurred_at": {"columns": ["when"], "formats": ["%Y-%m-%d %H:%M"], "time_zone": "America/New_York"},
    "place": {"code": {"columns": ["ward"]}},
    "outcome": {"columns": ["result"], "codes": {"died": "fatal", "lived": "nonfatal"}},
}


@pytest.fixture
def feed(transactional_db: None, settings: Any, tmp_path: Path) -> Feed:
    settings.WAREHOUSE_DIR, settings.INBOX_DIR = tmp_path / "warehouse", tmp_path / "inbox"
    for number in range(4):
        make_place(code=f"W{number}", name=f"Ward {number}", latitude=40 + number / 10, longitude=-75.0)
    provider = make_organization(name="County EMS", sector="ems")
    feed = add_feed(key="ems", name="EMS", provider=provider, counts_for=["overdoses"], by="test", at=AT)
    save_mapping(feed=feed, definition=MAPPING, by="test", at=AT)
    return feed


@pytest.fixture
def analyst(feed: Feed) -> Client:
    backbone = make_organization(name="Backbone", is_backbone=True)
    signed_agreement(
        feed, recipients=[backbone], purposes=["surveillance"], fields=["occurred_at", "place", "outcome"]
    )
    return signed_in("analyst", backbone)


def signed_in(role: str, organization: Any) -> Client:
    client = Client()
    client.force_login(person_with(role=role, organization=organization), backend=BACKEND)
    return client


def hand_over(client: Client, feed: Feed, name: str, rows: list[str], at: datetime) -> None:
    text = "run,when,ward,result\n" + "".join(f"{row}\n" for row in rows)
    client.post(f"/feeds/{feed.key}/upload/", {"file": SimpleUploadedFile(name, text.encode())})
    assert receive_next(at=at).refusal == ""


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return " ".join(html.unescape(answer.content.decode()).split())


def links(text: str, beginning: str) -> list[tuple[str, str]]:
    return re.findall(rf'href="({beginning}[^"]*)">([^<]*)</a>', text)


def lines_behind(client: Client, address: str) -> Iterator[str]:
    """Every record of a list, as the line of the file that its page names."""
    for where, _name in links(page(client, address), "/detection/records/ems/"):
        row, file = re.search(r"<h1>Row (\d+) of ([^<]+)</h1>", page(client, where)).groups()
        delivery = Delivery.objects.get(file_name=file)
        yield warehouse().original("ems", str(delivery.pk)).read_text().splitlines()[int(row) - 1]


def test_from_a_file_to_a_count_and_back_to_file_and_row(feed: Feed, analyst: Client) -> None:
    steward = signed_in("data_steward", feed.provider)
    day = datetime(2026, 3, 1, 10, tzinfo=UTC)
    first = [f"r{n},{day + timedelta(hours=9 * n):%Y-%m-%d %H:%M},W{n % 3},lived" for n in range(20)]
    hand_over(steward, feed, "first.csv", ["bad,no day,W1,lived", *first], AT)
    corrected = [first[4].replace("lived", "died"), first[5].replace(",W2,", ",W3,")]
    hand_over(steward, feed, "second.csv", corrected, AT + timedelta(hours=1))

    counted = links(page(analyst, "/detection/counts/overdoses/"), "/detection/records/")
    now = [*first[:4], *corrected, *first[6:]]
    assert sorted(int(count) for _address, count in counted) == sorted(
        Counter(row.split(",")[2] for row in now).values()
    )

    behind = {address: list(lines_behind(analyst, address)) for address, _count in counted}
    assert [len(lines) for lines in behind.values()] == [int(count) for _address, count in counted]
    assert sorted(line for lines in behind.values() for line in lines) == sorted(now)
