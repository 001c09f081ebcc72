"""The pages of the exchange: what neighbours told, for whom the agreement names, and what goes to them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from factories import make_organization, person_with

from throughline.evidence.agreements.models import Agreement
from throughline.evidence.exchange.actions import receive_counts
from throughline.evidence.exchange.documents import Counts, Month
from throughline.evidence.exchange.models import Answer, Neighbour, ReceivedCounts, SentCounts
from throughline.evidence.exchange.queries import tables_for
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization

AT = datetime.fromisoformat("2026-04-03T09:00:00+00:00")
Seal = Callable[[Counts], str]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def told(shared: Agreement, their_counts: Counts, sealed: Seal, analyst: Person) -> ReceivedCounts:
    return receive_counts(text=sealed(their_counts), by=analyst, at=AT)


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)


def page(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_a_neighbours_counts_stand_in_a_table_with_the_withheld_ones_called_so(
    told: ReceivedCounts, analyst: Person, client_for: Callable[..., Client], today: None
) -> None:
    shown = page(client_for(analyst), f"/exchange/neighbours/{told.neighbour_id}/")
    for text in ("Calder north", "2026-03", ">14<", ">31<", ">withheld<", "Counts below 10 are withheld"):
        assert text in shown


def test_later_documents_add_months(
    told: ReceivedCounts, their_counts: Counts, sealed: Seal, analyst: Person, neighbour: Neighbour
) -> None:
    april = Month(date(2026, 4, 1), {"C1": 10, "C3": 11}, 0, 21)
    later = replace(their_counts, serial=2, previous=told.sha256, months=(april,))
    receive_counts(text=sealed(later), by=analyst, at=AT)
    [table] = tables_for(analyst, neighbour, on=AT.date())
    assert table.months == [date(2026, 3, 1), date(2026, 4, 1)]
    rows = dict(table.rows)
    assert (rows["Calder north"], rows["C3"], rows["Everywhere"]) == ([14, 10], [None, 11], [31, 21])


@pytest.mark.parametrize("on", [date(2027, 1, 1), date(2025, 12, 31)])
def test_nothing_is_shown_while_no_agreement_is_in_force(
    told: ReceivedCounts, analyst: Person, neighbour: Neighbour, on: date
) -> None:
    assert tables_for(analyst, neighbour, on=on) == []


def test_nothing_is_shown_to_organizations_that_the_agreement_does_not_name(
    told: ReceivedCounts, client_for: Callable[..., Client], today: None
) -> None:
    other = person_with(role="analyst", organization=make_organization(name="University"))
    shown = page(client_for(other), f"/exchange/neighbours/{told.neighbour_id}/")
    assert "Calder north" not in shown
    assert "no agreement in force names your organization" in shown


def test_a_document_is_handed_over_on_a_page(
    *, shared: Agreement, their_counts: Counts, sealed: Seal, analyst: Person, client_for: Callable[..., Client],
    today: None,
) -> None:  # fmt: skip
    client = client_for(analyst)
    text = sealed(their_counts).encode()
    answers = [
        client.post("/exchange/receive/", {"file": SimpleUploadedFile("counts.json", text)}) for _ in "12"
    ]
    assert answers[0].status_code == 302
    assert "is not new: the last one received is 1" in answers[1].content.decode()
    assert ReceivedCounts.objects.count() == 1


def test_counts_are_looked_at_then_sent_on_a_page_and_fetched_as_a_file(
    *, shared: Agreement, records: Callable[..., None], neighbour: Neighbour, analyst: Person,
    client_for: Callable[..., Client], today: None,
) -> None:  # fmt: skip
    records("2026-03", W1=12, W2=20)
    client = client_for(analyst)
    asked = {"feed": "ems", "indicator": "overdoses", "first": "2026-03", "last": "2026-03"}
    shown = client.post(f"/exchange/neighbours/{neighbour.pk}/send/", asked).content.decode()
    assert "0 of 4 counts would be withheld." in shown
    assert ">20<" in shown
    assert not Answer.objects.exists()
    assert not SentCounts.objects.exists()
    sending = asked | {"send": "yes"}
    assert client.post(f"/exchange/neighbours/{neighbour.pk}/send/", sending).status_code == 302
    sent = SentCounts.objects.get()
    assert client.get(f"/exchange/sent/{sent.pk}/document.json").content.decode() == sent.text


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"first": "March"}, "Enter a month such as 2026-03."),
        ({"last": "2026-04"}, "Only months that are over"),
        ({"indicator": "naloxone_kits"}, "No feed counts for"),
        ({"feed": "unknown"}, "Select a valid choice"),
    ],
)
def test_what_can_not_be_sent_is_said_on_the_form(
    *, shared: Agreement, neighbour: Neighbour, analyst: Person, client_for: Callable[..., Client], today: None,
    changes: dict[str, str], told: str,
) -> None:  # fmt: skip
    asked = {"feed": "ems", "indicator": "overdoses", "first": "2026-03", "last": "2026-03"} | changes
    answer = client_for(analyst).post(f"/exchange/neighbours/{neighbour.pk}/send/", asked)
    assert told in answer.content.decode()


def test_what_was_told_already_is_shown_as_it_was_told(
    *, shared: Agreement, records: Callable[..., None], send: Callable[..., SentCounts], neighbour: Neighbour,
    analyst: Person, client_for: Callable[..., Client], today: None,
) -> None:  # fmt: skip
    records("2026-03", W1=12, W2=20)
    send()
    records("2026-03", W2=5)
    asked = {"feed": "ems", "indicator": "overdoses", "first": "2026-03", "last": "2026-03"}
    shown = client_for(analyst).post(f"/exchange/neighbours/{neighbour.pk}/send/", asked).content.decode()
    assert ">20<" in shown
    assert ">25<" not in shown


def test_a_refusal_quotes_the_agreement_on_the_form(
    agreement: Agreement,
    neighbour: Neighbour,
    analyst: Person,
    client_for: Callable[..., Client],
    today: None,
) -> None:
    asked = {"feed": "ems", "indicator": "overdoses", "first": "2026-03", "last": "2026-03"}
    answer = client_for(analyst).post(f"/exchange/neighbours/{neighbour.pk}/send/", asked)
    assert "does not name Calder County as a recipient" in answer.content.decode()


def test_a_neighbour_is_registered_with_a_key_that_is_one(
    backbone: Organization, own_key: str, client_for: Callable[..., Client]
) -> None:
    client, calder = client_for("project_manager"), make_organization(name="Calder County")
    wrong = client.post("/exchange/neighbours/new/", {"organization": calder.pk, "public_key": "abc"})
    assert "“abc” is no public key, expected the 64 digits" in wrong.content.decode()
    right = client.post("/exchange/neighbours/new/", {"organization": calder.pk, "public_key": own_key})
    assert right.status_code == 302
    assert own_key in page(client, "/exchange/")


def test_who_may_not_publish_sends_nothing(neighbour: Neighbour, client_for: Callable[..., Client]) -> None:
    assert client_for("privacy_officer").get(f"/exchange/neighbours/{neighbour.pk}/send/").status_code == 403
