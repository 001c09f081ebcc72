"""`throughline explain-access`: what somebody could read, under which agreement, and the clause that forbids it."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result
from factories import make_organization, make_person, signed_agreement

from throughline.cli.commands import throughline
from throughline.evidence.agreements.models import Agreement
from throughline.evidence.feeds.models import Feed
from throughline.ledger.models import Entry
from throughline.members.organizations.models import Organization

CLAUSES = {"purposes": "The data serve to watch for overdoses.", "fields": "Day and place are shared."}


@pytest.fixture
def narrow(feed: Feed, backbone: Organization) -> Agreement:
    return signed_agreement(feed, recipients=[backbone], fields=["occurred_at", "place"], clauses=CLAUSES)


def ask(*arguments: str, purpose: str = "surveillance", on: str = "2026-03-02") -> Result:
    command = ["explain-access", "--feed", "ems", "--purpose", purpose, "--on", on, *arguments]
    return CliRunner().invoke(throughline, command)


def asked_as_json(*arguments: str, **changes: str) -> dict[str, Any]:
    return json.loads(ask(*arguments, "--json", **changes).stdout)


def test_it_says_what_is_allowed_and_quotes_what_forbids_the_rest(narrow: Agreement) -> None:
    said = ask("--organization", "Backbone").output
    assert f"Allowed by agreement {narrow.pk} EMS agreement, counts from 10: occurred_at, place\n" in said
    assert "purposes: “The data serve to watch for overdoses.”" in said
    assert "Refused: age, age_group" in said
    assert "(“Day and place are shared”)" in said


def test_a_purpose_that_is_not_agreed_is_refused_with_the_clause(narrow: Agreement) -> None:
    answer = asked_as_json("--organization", "Backbone", purpose="law_enforcement")
    assert answer["allowed"] == []
    assert "place" in answer["refused"]
    by_term = {reason["term"]: reason for reason in answer["reasons"]}
    assert by_term["purposes"]["agreement"] == str(narrow.pk)
    assert by_term["purposes"]["clause"] == CLAUSES["purposes"]


def test_a_person_reads_in_the_name_of_their_organization(narrow: Agreement, backbone: Organization) -> None:
    make_person(email="ada@example.org", organization=backbone)
    answer = asked_as_json("--person", "ada@example.org")
    assert answer["recipient"] == "Backbone"
    assert answer["allowed"][0]["fields"] == ["occurred_at", "place"]


@pytest.mark.parametrize(
    ("on", "count"), [("2026-01-01", 1), ("2025-12-31", 0), ("2026-12-31", 1), ("2027-01-01", 0)]
)
def test_it_answers_for_a_day(narrow: Agreement, on: str, count: int) -> None:
    assert len(asked_as_json("--organization", "Backbone", on=on)["allowed"]) == count


def test_the_provider_checks_its_own_data(feed: Feed) -> None:
    said = ask("--organization", "County EMS", purpose="quality").output
    assert "Allowed as its own, counts from 1: age," in said
    assert "Refused" not in said


def test_no_agreement_at_all_is_said(feed: Feed) -> None:
    make_organization(name="Sheriff")
    assert "no agreement covers the feed ems" in ask("--organization", "Sheriff").output


def test_it_tells_what_is_told_roughly_of_which_records_and_to_whom(
    feed: Feed, backbone: Organization
) -> None:
    state = make_organization(name="State Health")
    signed_agreement(
        feed,
        recipients=[backbone],
        fields=["occurred_at", "place"],
        precision={"occurred_at": "month"},
        rows={"measure": ["overdose"]},
        onward_recipients=[state],
    )
    said = ask("--organization", "Backbone").output
    for limit in ("occurred_at to the month", "records with measure overdose", "passed on to State Health"):
        assert f"  only {limit}\n" in said
    (allowed,) = asked_as_json("--organization", "Backbone")["allowed"]
    assert (allowed["precision"], allowed["rows"]) == ({"occurred_at": "month"}, {"measure": ["overdose"]})
    assert allowed["onward_recipients"] == ["State Health"]


def test_what_a_recipient_could_pass_on(feed: Feed, backbone: Organization) -> None:
    state = make_organization(name="State Health")
    passing_on = ("--organization", "State Health", "--through", "Backbone")
    signed_agreement(feed, recipients=[backbone], fields=["place"])
    assert "does not let Backbone pass data on to State Health" in ask(*passing_on).output
    signed_agreement(feed, recipients=[backbone], fields=["place"], onward_recipients=[state])
    assert asked_as_json(*passing_on)["allowed"][0]["fields"] == ["place"]
    assert asked_as_json("--organization", "State Health")["allowed"] == []


def test_explaining_reads_nothing(narrow: Agreement) -> None:
    before = Entry.objects.count()
    ask("--organization", "Backbone")
    assert Entry.objects.count() == before


@pytest.mark.parametrize("who", [(), ("--organization", "Backbone", "--person", "ada@example.org")])
def test_it_asks_for_one_of_both(feed: Feed, backbone: Organization, who: tuple[str, ...]) -> None:
    make_person(email="ada@example.org")
    result = ask(*who)
    assert (result.exit_code, "either --organization or --person" in result.output) == (2, True)


def test_a_person_without_an_organization_reads_nothing(feed: Feed) -> None:
    make_person(full_name="Ada", email="ada@example.org")
    assert (
        "Ada belongs to no organization, and so reads nothing." in ask("--person", "ada@example.org").output
    )
