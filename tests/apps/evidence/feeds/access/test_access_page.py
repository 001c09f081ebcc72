"""The page on who could see what: the same answer as `throughline explain-access`, for people."""

from collections.abc import Callable

import pytest
from django.test import Client
from factories import make_organization, signed_agreement

from throughline.evidence.agreements.models import Agreement
from throughline.evidence.feeds.models import Feed
from throughline.ledger.models import Entry
from throughline.members.organizations.models import Organization

CLAUSES = {"purposes": "The data serve to watch for overdoses.", "fields": "Day and place are shared."}


@pytest.fixture
def narrow(feed: Feed, backbone: Organization) -> Agreement:
    return signed_agreement(feed, recipients=[backbone], fields=["occurred_at", "place"], clauses=CLAUSES)


def ask(
    client: Client, reader: Organization, *, purpose: str = "surveillance", on: str = "2026-03-02"
) -> str:
    asked = {"feed": "ems", "organization": reader.pk, "purpose": purpose, "on": on}
    return client.get("/feeds/access/", asked).content.decode()


def test_it_shows_what_is_allowed_and_quotes_what_forbids_the_rest(
    narrow: Agreement, backbone: Organization, client_for: Callable[..., Client]
) -> None:
    page = ask(client_for("privacy_officer"), backbone)
    assert f'<a href="/agreements/{narrow.pk}/">EMS agreement</a>' in page
    assert "occurred at, place" in page
    assert "does not share age, age_group" in page
    assert "<q>Day and place are shared.</q>" in page


def test_where_no_agreement_names_the_reader_everything_is_refused(
    narrow: Agreement, client_for: Callable[..., Client]
) -> None:
    page = ask(client_for("privacy_officer"), make_organization(name="Sheriff"))
    assert "Allowed" not in page
    assert "does not name Sheriff as a recipient" in page


def test_who_sends_a_feed_may_check_it_without_an_agreement(
    feed: Feed, ems: Organization, client_for: Callable[..., Client]
) -> None:
    page = ask(client_for("privacy_officer"), ems, purpose="quality")
    assert "as its own records" in page
    assert "Refused" not in page


def test_an_agreement_that_ended_allows_nothing_on_a_later_day(
    narrow: Agreement, backbone: Organization, client_for: Callable[..., Client]
) -> None:
    assert "ended on 2026-12-31" in ask(client_for("privacy_officer"), backbone, on="2027-01-01")


def test_asking_opens_nothing_and_so_leaves_no_entry(
    narrow: Agreement, backbone: Organization, client_for: Callable[..., Client]
) -> None:
    entries = Entry.objects.count()
    ask(client_for("privacy_officer"), backbone)
    assert Entry.objects.count() == entries


def test_a_question_that_is_not_whole_is_answered_at_its_field(
    feed: Feed, backbone: Organization, client_for: Callable[..., Client]
) -> None:
    asked = {"feed": "unknown", "organization": backbone.pk, "purpose": "surveillance"}
    page = client_for("privacy_officer").get("/feeds/access/", asked).content.decode()
    assert "Select a valid choice" in page


@pytest.mark.parametrize("path", ["/feeds/ems/", "/agreements/{pk}/"])
def test_the_feed_and_the_agreement_lead_there_with_the_feed_chosen(
    narrow: Agreement, path: str, client_for: Callable[..., Client]
) -> None:
    client = client_for("privacy_officer")
    assert "/feeds/access/?feed=ems" in client.get(path.format(pk=narrow.pk)).content.decode()
    form = client.get("/feeds/access/?feed=ems").content.decode()
    assert '<option value="ems" selected>' in form
    assert "This field is required" not in form


def test_who_may_not_see_agreements_is_turned_away(feed: Feed, client_for: Callable[..., Client]) -> None:
    assert client_for("member").get("/feeds/access/").status_code == 403
