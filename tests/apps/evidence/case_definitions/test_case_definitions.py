"""What counts as a case is data: changed by whoever manages feeds, after seeing what a change would do."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from factories import person_with, signed_agreement

from throughline.definitions import parse_definition
from throughline.evidence.case_definitions.actions import adopt_definition, choose_definition
from throughline.evidence.case_definitions.preview import changes
from throughline.evidence.case_definitions.queries import definition_of, editions, in_use
from throughline.evidence.feeds.actions import save_mapping
from throughline.evidence.feeds.models import Feed
from throughline.evidence.feeds.receiving import receive_delivery
from throughline.evidence.surveillance.queries import daily_counts
from throughline.ledger.models import Entry
from throughline.members.access import Permission
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization
from throughline.policy.sharing import Purpose

MONDAY = datetime(2026, 3, 9, 12, tzinfo=UTC)
TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)
HEROIN = {
    "id": "heroin",
    "name": "Heroin",
    "any": [{"name": "diagnosis", "all": [{"codes": ["diagnosis"], "prefixes": ["T40.1"]}]}],
}
OPIOIDS = HEROIN | {
    "any": [{"name": "diagnosis", "all": [{"codes": ["diagnosis"], "prefixes": ["T40.2", "T40.4"]}]}]
}
MAPPING = {
    "record_id": {"columns": ["number"]},
    "occurred_at": {"columns": ["when"], "time_zone": "America/New_York"},
    "place": {"code": {"columns": ["ward"]}},
    "codes": [{"columns": ["dx"], "name": "diagnosis", "split": " "}],
}
# Twelve of heroin, eleven of something else opioid, thirty of neither, all simulated.
CODES = ["T40.1X1A"] * 12 + ["T40.2X1A"] * 11 + ["R07.9"] * 30


@pytest.fixture
def visits(feed: Feed, tmp_path: Path) -> Feed:
    save_mapping(feed=feed, definition=MAPPING, by="test", at=MONDAY)
    path = tmp_path / "visits.csv"
    rows = [f"{n},2026-03-0{1 + n % 7}T10:00,W1,{code}" for n, code in enumerate(CODES)]
    path.write_text("number,when,ward,dx\n" + "\n".join(rows) + "\n")
    receive_delivery(feed=feed, path=path, by="test", at=MONDAY)
    return feed


@pytest.fixture
def analyst(backbone: Organization) -> Person:
    return person_with(Permission.MANAGE_FEEDS, organization=backbone)


@pytest.fixture
def shared(visits: Feed, backbone: Organization) -> Any:
    return signed_agreement(
        visits, recipients=[backbone], purposes=["surveillance", "quality"], minimum_cell=10
    )


def counted(reader: Organization, at: datetime, as_of: datetime | None = None) -> int:
    found = daily_counts(
        indicator="overdoses",
        start=date(2026, 3, 1),
        end=date(2026, 3, 8),
        purpose=Purpose.SURVEILLANCE,
        reader=reader,
        by="test",
        at=at,
        as_of=as_of,
    )
    return found.total


def test_a_shipped_definition_is_in_use_until_another_version_is_adopted(analyst: Person) -> None:
    shipped = in_use("ed-heroin-overdose", at=MONDAY)
    assert shipped is not None
    assert shipped.adopted is None
    changed = {**shipped.document, "name": "ED: heroin, as we count it"}
    adopted = adopt_definition(document=changed, note="Agreed on Tuesday.", by=analyst, at=TUESDAY)
    assert adopted.version == shipped.definition.version + 1
    now = in_use("ed-heroin-overdose", at=WEDNESDAY)
    assert now is not None
    assert now.definition.name == "ED: heroin, as we count it"
    assert in_use("ed-heroin-overdose", at=MONDAY) == shipped
    assert len(editions("ed-heroin-overdose", at=WEDNESDAY)) == 2
    entry = Entry.objects.latest("sequence")
    assert (entry.verb, entry.detail) == (
        "adopt_definition",
        {"key": "ed-heroin-overdose", "version": adopted.version},
    )


def test_a_feed_is_counted_by_its_definition_in_the_version_of_the_day(
    visits: Feed, analyst: Person, backbone: Organization, shared: Any
) -> None:
    assert counted(backbone, MONDAY) == 53
    adopt_definition(document=HEROIN, note="A first try.", by=analyst, at=TUESDAY)
    choose_definition(feed=visits, key="heroin", by=analyst, at=TUESDAY)
    assert counted(backbone, TUESDAY) == 12
    adopt_definition(document=OPIOIDS, note="The others.", by=analyst, at=WEDNESDAY)
    assert counted(backbone, WEDNESDAY) == 11
    assert counted(backbone, WEDNESDAY, as_of=TUESDAY) == 12
    assert counted(backbone, WEDNESDAY, as_of=MONDAY) == 53
    choose_definition(feed=visits, key="", by=analyst, at=WEDNESDAY + timedelta(hours=1))
    assert counted(backbone, WEDNESDAY + timedelta(hours=2)) == 53
    assert definition_of(visits, at=TUESDAY) == parse_definition(HEROIN | {"version": 1})


def test_records_that_call_themselves_something_else_count_where_a_definition_says_so(
    visits: Feed, tmp_path: Path, analyst: Person, backbone: Organization, shared: Any
) -> None:
    save_mapping(
        feed=visits, definition=MAPPING | {"count": {"measure": {"constant": "visit"}}}, by="test", at=MONDAY
    )
    path = tmp_path / "more.csv"
    path.write_text("number,when,ward,dx\nA,2026-03-05T10:00,W1,T40.1X1A\nB,2026-03-05T10:00,W1,R07.9\n")
    receive_delivery(feed=visits, path=path, by="test", at=MONDAY)
    assert counted(backbone, MONDAY) == 53
    adopt_definition(document=HEROIN, note="A first try.", by=analyst, at=TUESDAY)
    choose_definition(feed=visits, key="heroin", by=analyst, at=TUESDAY)
    assert counted(backbone, TUESDAY) == 13


def test_what_a_change_would_do_is_counted_beforehand(visits: Feed, analyst: Person, shared: Any) -> None:
    adopt_definition(document=HEROIN, note="A first try.", by=analyst, at=TUESDAY)
    choose_definition(feed=visits, key="heroin", by=analyst, at=TUESDAY)
    both = HEROIN | {"any": [*HEROIN["any"], *OPIOIDS["any"]]}
    proposed = parse_definition(both | {"version": 2})
    known = in_use("heroin", at=TUESDAY)
    assert known is not None
    [change], start, end = changes(known.definition, proposed, by=analyst, at=TUESDAY)
    assert (change.kept, change.added, change.dropped) == (12, 11, 0)
    assert (start, end) == (date(2025, 3, 11), date(2026, 3, 10))


def test_small_numbers_of_a_change_are_hidden(visits: Feed, analyst: Person, backbone: Organization) -> None:
    signed_agreement(visits, recipients=[backbone], purposes=["quality"], minimum_cell=12)
    [change], *_ = changes(parse_definition(HEROIN), parse_definition(OPIOIDS), by=analyst, at=TUESDAY)
    assert (change.kept, change.added, change.dropped) == (0, None, 12)


def test_without_an_agreement_nothing_is_counted_and_the_reason_told(visits: Feed, analyst: Person) -> None:
    [change], *_ = changes(None, parse_definition(HEROIN), by=analyst, at=TUESDAY)
    assert (change.kept, change.added, change.dropped) == (None, None, None)
    assert "no agreement covers the feed ems" in change.refusal
    assert Entry.objects.latest("sequence").verb == "refuse_read"


def test_faults_are_told_and_nothing_is_adopted(analyst: Person) -> None:
    with pytest.raises(ValidationError) as error:
        adopt_definition(document=HEROIN | {"any": []}, note="", by=analyst, at=MONDAY)
    assert "any: " in error.value.messages[0]
    adopt_definition(document=HEROIN, note="A first try.", by=analyst, at=MONDAY)
    with pytest.raises(ValidationError, match="Nothing was changed"):
        adopt_definition(document=HEROIN | {"version": 7}, note="Again.", by=analyst, at=TUESDAY)
    with pytest.raises(ValidationError, match="no definition “nothing”"):
        choose_definition(feed=Feed(key="none"), key="nothing", by=analyst, at=MONDAY)


def test_the_pages_lead_from_the_list_to_an_adopted_change(
    client_for: Callable[..., Client], visits: Feed, analyst: Person, backbone: Organization
) -> None:
    today = timezone.localdate()
    signed_agreement(
        visits,
        recipients=[backbone],
        purposes=["quality"],
        minimum_cell=10,
        starts_on=today - timedelta(days=400),
        ends_on=today + timedelta(days=30),
    )
    client = client_for(analyst)
    assert "EMS: opioid overdose, anchored" in client.get("/definitions/").text
    fields = {"document": json.dumps(HEROIN), "note": "Agreed."}
    preview = client.post("/definitions/new/", fields | {"preview": "yes"}).text
    assert "What it would do" in preview
    assert in_use("heroin", at=timezone.now()) is None
    client.post("/definitions/new/", fields | {"adopt": "yes"})
    client.post("/definitions/heroin/feeds/", {"feed": visits.key})
    page = client.get("/definitions/heroin/").text
    assert "Agreed." in page
    assert "Count every record of EMS records instead" in page
    client.post("/definitions/heroin/feeds/", {"feed": visits.key, "stop": "yes"})
    assert definition_of(visits, at=timezone.now()) is None


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("{", "expected a JSON document"),
        ("[]", "Expected an object in braces"),
        (
            json.dumps(HEROIN | {"id": "ed-heroin-overdose"}),
            "There is a definition ed-heroin-overdose already",
        ),
        (json.dumps(HEROIN | {"surprise": 1}), "surprise"),
        ("[" * 100_000, "expected a JSON document"),
    ],
)
def test_bad_documents_are_answered_in_words(
    client_for: Callable[..., Client], analyst: Person, document: str, told: str
) -> None:
    answer = client_for(analyst).post("/definitions/new/", {"document": document, "preview": "yes"})
    assert answer.status_code == 200
    assert told in answer.text


def test_a_feeds_page_says_what_counts_in_it(
    client_for: Callable[..., Client], visits: Feed, analyst: Person
) -> None:
    client, now = client_for(analyst), timezone.now()
    assert "Every record." in client.get("/feeds/ems/").text
    save_mapping(
        feed=visits, definition=MAPPING | {"count": {"measure": {"constant": "visit"}}}, by="test", at=now
    )
    assert "None of its records yet" in client.get("/feeds/ems/").text
    choose_definition(feed=visits, key="ed-heroin-overdose", by=analyst, at=now)
    assert "Records that meet version 1 of" in client.get("/feeds/ems/").text


def test_adopting_needs_a_reason_and_the_right_to_manage_feeds(
    client_for: Callable[..., Client], analyst: Person
) -> None:
    fields = {"document": json.dumps(HEROIN), "adopt": "yes"}
    assert "Say why" in client_for(analyst).post("/definitions/new/", fields).text
    reader = person_with(Permission.VIEW_FEEDS)
    assert client_for(reader).get("/definitions/").status_code == 200
    assert client_for(reader).post("/definitions/new/", fields).status_code == 403
    assert client_for(analyst).get("/definitions/unknown/").status_code == 404
    assert client_for(analyst).get("/definitions/unknown/change/").status_code == 404
