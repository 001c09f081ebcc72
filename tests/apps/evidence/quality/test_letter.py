"""The letter: what came, what was good, what we ask; rows and columns, never a value."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.utils import timezone
from factories import person_with

from throughline.evidence.agreements.models import Agreement
from throughline.evidence.feeds.actions import save_mapping
from throughline.evidence.feeds.models import Delivery, Feed
from throughline.evidence.quality.letter import Some
from throughline.members.organizations.models import Organization

PATIENT = "Jane Example born 1980"


@pytest.fixture
def with_bad_rows(a_good_year: Callable, receive: Callable[..., Delivery]) -> None:
    a_good_year("FM" * 35 + " " * 30)
    bad = [
        "b1,2026-02-03 10:00,W1,lived,F",
        f"b2,{PATIENT},W1,lived,F",
        f"b3,2026-02-03 10:00,W1,lived,{PATIENT}",
    ]
    receive(date(2026, 2, 20), bad, name="february.csv")


def letter(client: Client, feed: Feed) -> str:
    return " ".join(client.get(f"/quality/{feed.key}/letter/?month=2026-02").content.decode().split())


@pytest.mark.usefixtures("with_bad_rows")
class TestLetter:
    @pytest.fixture
    def text(self, client_for: Callable[..., Client], feed: Feed, agreement: Agreement) -> str:
        feed.steward = person_with(role="data_steward", organization=feed.provider, full_name="Ida Keeper")
        feed.save()
        client = client_for(person_with(role="analyst", organization=agreement.recipients.get()))
        return letter(client, feed)

    def test_it_is_addressed_and_says_what_came_and_what_was_good(self, text: str) -> None:
        assert "Dear Ida Keeper," in text
        assert "Your data for February 2026: EMS records" in text
        assert "No row was dropped." in text
        assert "Outcome (100%)" in text

    def test_it_asks_and_says_until_when(self, text: str) -> None:
        assert "Sex is known in" in text
        assert "Please answer by" in text

    def test_examples_name_file_row_and_column_and_no_value(self, text: str) -> None:
        assert "february.csv" in text
        assert '<td class="tl-number">3</td><td>when</td><td>the date can&#x27;t be read</td>' in text
        assert '<td class="tl-number">4</td><td>gender</td>' in text
        assert "Jane" not in text

    def test_it_says_nothing_that_the_agreement_withholds(self, text: str) -> None:
        assert "Race" not in text


def test_who_may_not_see_rows_writes_it_without_examples(
    with_bad_rows: None,
    client_for: Callable[..., Client],
    feed: Feed,
    backbone: Organization,
    agreement: Agreement,
) -> None:
    text = letter(client_for(person_with(role="project_manager", organization=backbone)), feed)
    assert "Why rows were set aside" in text
    assert "february.csv" not in text


def test_a_list_is_cut_where_it_would_no_longer_be_read() -> None:
    assert Some.of(range(20), 6) == Some(range(6), 14)
    assert Some.of(range(6), 6) == Some(range(6), 0)
    assert Some.of(range(7), 6) == Some(range(7), 0)  # “and 1 more” would take as much room


def test_the_letter_names_as_many_reasons_as_are_read_and_counts_the_others(
    a_good_year: Callable,
    receive: Callable[..., Delivery],
    client_for: Callable[..., Client],
    feed: Feed,
    agreement: Agreement,
) -> None:
    a_good_year()
    columns = [
        {"columns": [f"c{n}"], "substance": "heroin", "present": ["1"], "absent": ["0"]} for n in range(9)
    ]
    definition = feed.mapping.definition | {"substance_flags": columns}
    save_mapping(feed=feed, definition=definition, by="test", at=timezone.now())
    header = "number,when,ward,result,gender," + ",".join(f"c{n}" for n in range(9)) + "\n"
    rows = [
        f"z{n},2026-02-03 10:00,W1,lived,F," + ",".join("x" if at == n else "0" for at in range(9))
        for n in range(9)
    ]
    receive(date(2026, 2, 20), rows, header=header)
    text = letter(client_for(person_with(role="analyst", organization=agreement.recipients.get())), feed)
    assert text.count("(1 row)") == 6
    assert "And 3 more reasons." in text


def test_a_month_in_which_nothing_came_is_not_thanked_for(
    a_good_year: Callable, client_for: Callable[..., Client], feed: Feed, backbone: Organization
) -> None:
    a_good_year()
    client = client_for(person_with(role="project_manager", organization=backbone))
    text = client.get(f"/quality/{feed.key}/letter/?month=2026-04").content.decode()
    assert "No row came in this month." in text
    assert "Please go on as you do." not in text


def test_a_feed_without_anything_to_ask_is_thanked(
    a_good_year: Callable, client_for: Callable[..., Client], feed: Feed, backbone: Organization
) -> None:
    a_good_year()
    text = letter(client_for(person_with(role="project_manager", organization=backbone)), feed)
    assert "Please go on as you do." in text
