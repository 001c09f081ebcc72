"""From a count to its records and back to file and row: only under a grant, and never without the ledger."""

import html
import json
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from apps.evidence.conftest import AT, MAPPING
from django.test import Client
from django.urls import reverse
from factories import make_organization, make_signal, person_with, signed_agreement
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from throughline.evidence.agreements.models import Agreement
from throughline.evidence.case_definitions.actions import choose_definition
from throughline.evidence.feeds.actions import save_mapping
from throughline.evidence.feeds.models import Delivery, Feed
from throughline.evidence.feeds.receiving import receive_delivery
from throughline.evidence.surveillance.provenance.actions import show_history, show_records
from throughline.evidence.surveillance.provenance.questions import CountBehind, Reason
from throughline.formats.event import EVENT_FIELDS
from throughline.indicators import INDICATORS
from throughline.ledger.models import Entry
from throughline.members.organizations.models import Organization
from throughline.members.places.models import Place
from throughline.policy.sharing import Purpose, Refused

HEADER = "number,when,ward,result,gender,years,story,dx,complaint\n"
FULL = MAPPING | {
    "sex": {"columns": ["gender"], "codes": {"F": "female", "M": "male"}},
    "age": {"columns": ["years"]},
    "cause": {"columns": ["story"]},
    "codes": [{"name": "diagnosis", "columns": ["dx"]}],
    "texts": [{"name": "chief_complaint", "columns": ["complaint"]}],
}
FIRST = [
    "CASE-77001,2026-03-01 10:00,W1,lived,F,37,story-sentinel,T40.1X1A,found down with needle",
    "CASE-77002,2026-03-01 11:00,W2,lived,M,52,other story,S72.0,fell",
]
SECOND = ["CASE-77001,2026-03-01 10:00,W1,died,F,38,story-sentinel,T40.1X1A,found down with needle"]
LATER = AT + timedelta(hours=1)
PLAIN = {"occurred_at", "place", "outcome", "sex", "codes"}
SECRETS = {
    "record_id": "CASE-77001",
    "age": "37",
    "cause": "story-sentinel",
    "texts": "found down with needle",
    "sex": "female",
    "codes": "T40.1X1A",
}


@pytest.fixture
def feed(feed: Feed) -> Feed:
    save_mapping(feed=feed, definition=FULL, by="test", at=AT)
    return feed


@pytest.fixture
def receive(feed: Feed, tmp_path: Path) -> Callable[..., Delivery]:
    def received(name: str, rows: list[str], at: datetime = AT) -> Delivery:
        path = tmp_path / name
        path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
        return receive_delivery(feed=feed, path=path, by="test", at=at)[0]

    return received


@pytest.fixture
def first(receive: Callable[..., Delivery]) -> Delivery:
    return receive("first.csv", FIRST)


@pytest.fixture
def shared(feed: Feed, backbone: Organization) -> Agreement:
    return signed_agreement(
        feed,
        recipients=[backbone],
        purposes=["response", "quality"],
        fields=sorted(PLAIN),
        clauses={"fields": "No name, no age, no narrative.", "purposes": "To answer, and to check."},
    )


@pytest.fixture
def analyst(client_for: Callable[..., Client], backbone: Organization, shared: Agreement) -> Client:
    return client_for(person_with(role="analyst", organization=backbone))


QUESTION = {
    "indicator": "overdoses",
    "feed": "ems",
    "start": "2026-03-01",
    "end": "2026-03-01",
    "purpose": "response",
}


def shown(client: Client, address: str = "/detection/records/", **query: Any) -> str:
    answer = client.get(address, {**QUESTION, **query} if address == "/detection/records/" else query)
    return html.unescape(answer.content.decode())


def told_in(page: str) -> list[str]:
    """Which of the first row's values stand on a page. An age is a number like others, so its label tells."""
    texts = SECRETS | {"age": "<dt>Age</dt>"}
    return [name for name, text in texts.items() if text in page or f'<th scope="col">{name}' in page.lower()]


def page_of(delivery: Delivery, row: int) -> str:
    return f"/detection/records/ems/{delivery.pk}/{row}/"


class TestFromACount:
    def test_a_count_is_followed_to_rows_of_files(self, analyst: Client, first: Delivery) -> None:
        page = shown(analyst)
        assert "2 records from" in page
        assert f'href="{page_of(first, 2)}?purpose=response"' in page
        assert "first.csv, row 2" in page

    def test_of_one_place_and_of_all_that_lie_in_it(self, analyst: Client, first: Delivery) -> None:
        assert "1 record from" in shown(analyst, place="W1")

    def test_identifying_fields_are_left_out_unless_they_are_asked_for(
        self, analyst: Client, first: Delivery
    ) -> None:
        page = shown(analyst)
        assert told_in(page) == []

    def test_what_the_agreement_lacks_is_refused_in_its_own_words_and_nothing_is_shown(
        self, analyst: Client, first: Delivery
    ) -> None:
        page = shown(analyst, identifying="age")
        assert "No name, no age, no narrative" in page
        assert "first.csv" not in page
        assert Entry.objects.latest("sequence").verb == "refuse_read"

    def test_identifying_fields_that_it_shares_come_where_they_are_named(
        self, analyst: Client, first: Delivery, shared: Agreement
    ) -> None:
        Agreement.objects.update(fields=sorted({*PLAIN, "age"}))
        page = shown(analyst, identifying="age")
        assert '<td data-label="Age">37</td>' in page
        assert "CASE-77001" not in page

    def test_what_a_case_definition_looks_at_selects_and_is_not_shown(
        self, analyst: Client, first: Delivery, shared: Agreement, feed: Feed
    ) -> None:
        choose_definition(feed=feed, key="ed-opioid-overdose-text", by="test", at=AT)
        assert "does not share texts" in shown(analyst)
        Agreement.objects.update(fields=sorted({*PLAIN, "texts"}))
        page = shown(analyst)
        assert "1 record from" in page
        assert told_in(page) == []

    def test_another_purpose_is_refused(self, analyst: Client, first: Delivery) -> None:
        assert "To answer, and to check" in shown(analyst, purpose="surveillance")

    def test_the_ledger_holds_purpose_and_fields_but_no_count_before_anything_is_shown(
        self, analyst: Client, first: Delivery
    ) -> None:
        shown(analyst)
        granted, read = Entry.objects.order_by("sequence").filter(subject="feed:ems")
        assert (granted.verb, read.verb) == ("read_feed", "show_records")
        assert len(read.detail.pop("fingerprint")) == 64
        assert read.detail == {
            "purpose": "response",
            "fields": ["occurred_at", "outcome", "place"],
            "indicator": "overdoses",
            "places": [],
            "days": ["2026-03-01", "2026-03-01"],
        }
        assert read.actor == f"person:{analyst.person.pk}"

    @pytest.mark.parametrize("page", ["0", "-3", "x", "9"])
    def test_any_page_can_be_asked_for(self, analyst: Client, first: Delivery, page: str) -> None:
        assert "2 records" in shown(analyst, page=page)

    @pytest.mark.parametrize(
        ("wrong", "told"),
        [
            ({"end": "2026-02-01"}, "before it starts"),
            ({"feed": "nobody"}, "valid choice"),
            ({"indicator": "luck"}, "valid choice"),
            ({"purpose": "curiosity"}, "valid choice"),
            ({"place": "nowhere"}, "nowhere"),
        ],
    )
    def test_a_question_that_makes_no_sense_is_refused_kindly(
        self, analyst: Client, first: Delivery, wrong: dict[str, str], told: str
    ) -> None:
        page = shown(analyst, **wrong)
        assert told in page
        assert not Entry.objects.filter(verb="show_records").exists()


class TestTheWayThere:
    """The number that a page shows, and the number of records behind its link, are the same."""

    def test_from_the_counts_of_places(
        self, client_for: Callable[..., Client], first: Delivery, backbone: Organization, shared: Agreement
    ) -> None:
        Agreement.objects.update(purposes=["surveillance"])
        client = client_for(person_with(role="analyst", organization=backbone))
        counts = html.unescape(client.get("/detection/counts/overdoses/").content.decode())
        (link,) = re.findall(r'href="(/detection/records/[^"]*place=W1[^"]*)">1</a>', counts)
        assert "1 record from" in client.get(link).content.decode()

    def test_from_a_signal_as_it_was_known_when_it_was_found(
        self, analyst: Client, first: Delivery, receive: Callable[..., Delivery], feed: Feed
    ) -> None:
        found = {"indicator": "overdoses", "feeds": ["ems"], "as_of": AT.isoformat()}
        on = date(2026, 3, 1)
        signal = make_signal(evidence=found, begins_on=on, ends_on=on, places=[Place.objects.get(code="W1")])
        late = [FIRST[0].replace("CASE-77001", "CASE-77009").replace("10:00", "12:00")]
        receive("late.csv", late, at=LATER)
        page = html.unescape(analyst.get(reverse("signal", args=[signal.pk])).content.decode())
        (link,) = re.findall(r'href="(/detection/records/[^"]*)"', page)
        assert "1 record from" in analyst.get(link).content.decode()
        assert "2 records from" in shown(analyst, place="W1")

    def test_who_may_not_see_rows_is_shown_no_way(
        self, client_for: Callable[..., Client], first: Delivery, feed: Feed, backbone: Organization
    ) -> None:
        found = {"indicator": "overdoses", "feeds": ["ems"], "as_of": AT.isoformat()}
        signal = make_signal(evidence=found, begins_on=date(2026, 3, 1), ends_on=date(2026, 3, 1))
        client = client_for(person_with(role="project_manager", organization=backbone))
        assert "/detection/records/" not in client.get(reverse("signal", args=[signal.pk])).content.decode()


class TestFromAnEvent:
    def test_to_file_row_delivery_mapping_version_and_definitions(
        self, analyst: Client, first: Delivery
    ) -> None:
        page = shown(analyst, page_of(first, 2), purpose="response")
        assert "Row 2 of first.csv" in page
        assert f"/feeds/deliveries/{first.pk}/" in page
        assert "Read with mapping version 2" in page
        assert "ED discharge: heroin overdose" in page
        assert "diagnosis: <q>T40.1X1A</q>" in page
        assert "Can't be told without texts:" in page

    def test_all_revisions_in_order_with_what_each_changed(
        self, analyst: Client, first: Delivery, receive: Callable[..., Delivery]
    ) -> None:
        second = receive("second.csv", SECOND, at=LATER)
        for where in (page_of(first, 2), page_of(second, 2)):
            page = shown(analyst, where, purpose="response")
            assert page.index("First sent") < page.index("first.csv</a>") < page.index("Corrected")
            assert "Outcome: from nonfatal to fatal" in page
            assert told_in(page) == ["sex", "codes"]

    def test_what_changed_in_fields_that_are_not_shared_is_not_told(
        self, analyst: Client, first: Delivery, receive: Callable[..., Delivery]
    ) -> None:
        older = [SECOND[0].replace("died", "lived")]
        page = shown(analyst, page_of(receive("older.csv", older, at=LATER), 2), purpose="response")
        assert "Nothing changed in the fields shown." in page

    def test_the_look_is_in_the_ledger(self, analyst: Client, first: Delivery) -> None:
        shown(analyst, page_of(first, 2), purpose="quality")
        entry = Entry.objects.latest("sequence")
        assert (entry.verb, entry.detail["purpose"]) == ("show_history", "quality")
        assert (entry.detail["delivery"], entry.detail["row"]) == (str(first.pk), 2)

    def test_the_mapping_that_it_was_read_with_stays_on_the_page_when_another_is_in_use(
        self, analyst: Client, feed: Feed, first: Delivery
    ) -> None:
        read_with = feed.mapping.definition
        save_mapping(
            feed=feed, definition=read_with | {"outcome": {"constant": "fatal"}}, by="test", at=LATER
        )
        page = shown(analyst, page_of(first, 2), purpose="response")
        assert "Read with mapping version 2" in page
        assert json.dumps(read_with, indent=2, ensure_ascii=False) in page

    def test_a_refusal_shows_nothing_and_quotes_the_clause(self, analyst: Client, first: Delivery) -> None:
        answer = analyst.get(page_of(first, 2), {"purpose": "response", "identifying": "cause"})
        assert answer.status_code == 403
        assert "No name, no age, no narrative" in answer.content.decode()
        assert "T40" not in answer.content.decode()

    @pytest.mark.parametrize("row", [1, 99])
    def test_a_row_that_became_no_record_is_not_there(
        self, analyst: Client, first: Delivery, row: int
    ) -> None:
        assert analyst.get(page_of(first, row), {"purpose": "response"}).status_code == 404

    def test_without_a_purpose_nothing_is_read(self, analyst: Client, first: Delivery) -> None:
        page = shown(analyst, page_of(first, 2))
        assert "What for" in page
        assert "T40" not in page
        assert not Entry.objects.filter(verb="read_feed").exists()


class TestWhoMay:
    @pytest.mark.parametrize("role", ["member", "project_manager", "administrator", "privacy_officer"])
    def test_who_may_not_see_rows_opens_neither_page(
        self, client_for: Callable[..., Client], first: Delivery, role: str
    ) -> None:
        client = client_for(role)
        assert client.get("/detection/records/").status_code == 403
        assert client.get(page_of(first, 2)).status_code == 403

    def test_the_provider_checks_its_own_records(
        self, client_for: Callable[..., Client], first: Delivery, ems: Organization
    ) -> None:
        client = client_for(person_with(role="data_steward", organization=ems))
        page = shown(client, page_of(first, 2), purpose="quality", identifying=["age", "texts"])
        assert ">37<" in page
        assert "found down with needle" in page
        assert "CASE-77001" not in page

    def test_another_agency_and_who_belongs_nowhere_see_nothing(
        self, client_for: Callable[..., Client], first: Delivery, shared: Agreement
    ) -> None:
        for person in (
            person_with(role="data_steward", organization=make_organization()),
            person_with(role="analyst"),
        ):
            for answer in (
                client_for(person).get(page_of(first, 2), {"purpose": "quality"}),
                client_for(person).get("/detection/records/", QUESTION),
            ):
                assert answer.status_code == 403
                assert "W1" not in answer.content.decode().partition("<form")[0]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=st.sets(st.sampled_from(sorted(EVENT_FIELDS))),
    asked=st.sets(st.sampled_from(sorted(name for name, field in EVENT_FIELDS.items() if field.identifying))),
)
def test_no_row_about_a_person_leaves_without_an_agreements_grant(
    fields: set[str], asked: set[str], shared: Agreement, first: Delivery, backbone: Organization
) -> None:
    """Whatever is shared and whatever is asked for: what leaves is shared, and identifying only if it was asked for."""
    Agreement.objects.update(fields=sorted(fields))
    reason, person = (
        Reason(Purpose.RESPONSE, frozenset(asked)),
        person_with(role="analyst", organization=backbone),
    )
    count = CountBehind(first.feed, INDICATORS["overdoses"], AT.date().replace(day=1), AT.date())
    for read in (
        lambda: show_records(count=count, reason=reason, by=person, at=AT),
        lambda: show_history(feed=first.feed, delivery=str(first.pk), row=2, reason=reason, by=person, at=AT),
    ):
        try:
            answer = read()
        except Refused:
            assert asked - fields or {"occurred_at", "place"} - fields
            continue
        seen = {name for record in answer.records for name in record.values}
        assert seen <= fields
        assert not any(EVENT_FIELDS[name].identifying for name in seen - asked)
        for name in SECRETS.keys() - seen:
            assert SECRETS[name] not in str([record.values for record in answer.records])
