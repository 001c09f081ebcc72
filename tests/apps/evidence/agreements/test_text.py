"""The text of an agreement says what its terms say, and nothing else can be signed."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import typst
from django.core.exceptions import ValidationError
from factories import make_person, person_with, sign
from hypothesis import given
from hypothesis import strategies as st

from throughline.evidence.agreements.actions import draft_agreement, sign_agreement
from throughline.evidence.agreements.clauses.library import Clause, library, newest
from throughline.evidence.agreements.clauses.writing import sections_of, sentences_of
from throughline.evidence.agreements.drafting.actions import (
    answer_comment,
    comment_on_clause,
    revise_agreement,
    send_for_signature,
    send_to_review,
)
from throughline.evidence.agreements.models import Agreement, Stage
from throughline.evidence.feeds.models import Feed
from throughline.members.organizations.models import Organization

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def terms(feed: Feed, backbone: Organization) -> dict[str, Any]:
    return {
        "title": "EMS runs",
        "tier": "contributor",
        "parent": None,
        "feed": feed.key,
        "provider": feed.provider,
        "recipients": [backbone],
        "purposes": ["surveillance"],
        "fields": ["place", "occurred_at"],
        "starts_on": date(2026, 1, 1),
        "ends_on": None,
        "minimum_cell": 10,
        "forbidden_purposes": [],
        "onward_recipients": [],
        "precision": {},
        "rows": {},
        "linkages": [],
        "breach_hours": 24,
        "destruction_days": 30,
        "clauses": {},
    }


@pytest.fixture
def draft(terms: dict[str, Any]) -> Agreement:
    return draft_agreement(**terms, by="test", at=AT)


class TestTheLibrary:
    def test_it_has_a_clause_for_each_thing_that_agreements_must_settle(self) -> None:
        settled = {
            "purposes", "fields", "recipients", "dates", "linkages", "minimum_cell",
            "onward", "law_enforcement", "precision", "rows",
            "forbidden_purposes", "retention", "breach", "destruction",
        }  # fmt: skip
        assert {clause.term for clause in library(newest())} == settled

    @given(st.text(), st.text())
    def test_a_clause_is_filled_in_or_says_otherwise(self, feed: str, words: str) -> None:
        clause = Clause("t", "T", "Linked with {feed}.", otherwise="Linked with nothing; {words}.")
        expected = f"Linked with {feed}." if feed else f"Linked with nothing; {words}."
        assert clause.fill({"feed": feed, "words": words}) == expected


class TestTheText:
    def test_each_term_is_in_it(self, draft: Agreement) -> None:
        text = draft.version.text
        for words in (
            "# EMS runs\n", "Provider: County EMS", "Recipient: Backbone",
            "for no other: watching for overdoses and where they happen.",
            "of the feed ems, and no others: occurred at, place.",
            "in force from 1 January 2026,", "until a party terminates it", "Counts from 1 to 9,",
            "not linked with those of any other feed", "do not serve law enforcement", "within 24 hours",
            "Within 30 days",
        ):  # fmt: skip
            assert words in text

    @pytest.mark.parametrize(
        ("term", "value", "words"),
        [
            ("forbidden_purposes", ["law_enforcement"], "other agreements allow: law enforcement."),
            ("precision", {"occurred_at": "day"}, "is told: occurred at to the day."),
            ("rows", {"measure": ["overdose"]}, "these items: measure: overdose."),
            ("fields", ["place"], "no others: place."),
            ("ends_on", date(2026, 12, 31), "from 1 January 2026 to 31 December 2026"),
            ("minimum_cell", 20, "from 1 to 19"),
            ("linkages", ["deaths", "ed"], "several reports: deaths, ed."),
            ("breach_hours", 1, "within 1 hour,"),
            ("destruction_days", 7, "Within 7 days"),
            ("clauses", {"purposes": "Never\n\n# for sale."}, "The parties add: Never # for sale."),
        ],
    )
    def test_another_term_is_another_text_with_another_hash(
        self, draft: Agreement, terms: dict[str, Any], term: str, value: Any, words: str
    ) -> None:
        version = revise_agreement(agreement=draft, terms=terms | {term: value}, by="test", at=AT)
        assert words in version.text
        assert version.text_hash != draft.versions.last().text_hash == draft.versions.get(number=1).text_hash

    def test_a_refusal_quotes_the_sentence_that_the_parties_signed(self, draft: Agreement) -> None:
        quoted = draft.terms().clauses["purposes"]
        assert quoted == sentences_of(draft, newest())["purposes"]
        assert quoted in draft.version.text

    def test_no_name_can_make_a_heading(self, draft: Agreement, terms: dict[str, Any]) -> None:
        forged = terms | {"title": "Runs\n\n## 1. Purposes\n\nAnything."}
        version = revise_agreement(agreement=draft, terms=forged, by="test", at=AT)
        assert len(sections_of(version.text)) == len(sections_of(draft.versions.last().text))

    def test_the_file_has_the_hash_that_signatures_bind_to(
        self, draft: Agreement, client_for: Callable
    ) -> None:
        file = client_for("commissioner").get(f"/agreements/{draft.pk}/text/1.txt").content
        assert hashlib.sha256(file).hexdigest() == draft.text_hash

    def test_the_page_shows_every_paragraph(self, draft: Agreement, client_for: Callable) -> None:
        page = client_for("commissioner").get(f"/agreements/{draft.pk}/text/1/").content.decode()
        assert "for no other: watching for overdoses" in page
        assert draft.text_hash in page


class TestReview:
    def test_open_comments_hold_up_the_signatures(self, draft: Agreement) -> None:
        send_to_review(agreement=draft, by="test", at=AT)
        counsel = make_person(organization=draft.provider)
        comment = comment_on_clause(agreement=draft, term="breach", text="24 hours?", by=counsel, at=AT)
        with pytest.raises(ValidationError, match="Answer counsel's comments"):
            send_for_signature(agreement=draft, by="test", at=AT)
        answer_comment(comment=comment, answer="As agreed on 2 March.", by=counsel, at=AT)
        send_for_signature(agreement=draft, by="test", at=AT)
        assert Agreement.objects.get().stage(AT.date()) == Stage.SIGNATURE

    def test_strangers_do_not_comment(self, draft: Agreement) -> None:
        send_to_review(agreement=draft, by="test", at=AT)
        with pytest.raises(ValidationError, match="Only a party"):
            comment_on_clause(agreement=draft, term="breach", text="!", by=make_person(), at=AT)

    def test_a_comment_names_a_clause(self, draft: Agreement) -> None:
        send_to_review(agreement=draft, by="test", at=AT)
        counsel = make_person(organization=draft.provider)
        with pytest.raises(ValidationError, match="no clause “shoes”"):
            comment_on_clause(agreement=draft, term="shoes", text="!", by=counsel, at=AT)

    def test_a_draft_that_was_not_sent_can_not_be_signed(self, draft: Agreement) -> None:
        with pytest.raises(ValidationError, match="not sent for signature"):
            sign(draft, draft.provider, at=AT)

    def test_it_goes_from_review_to_signature_on_the_page(
        self, draft: Agreement, client_for: Callable
    ) -> None:
        client = client_for(person_with(role="privacy_officer", organization=draft.provider))
        client.post(f"/agreements/{draft.pk}/review/")
        client.post(f"/agreements/{draft.pk}/comment/", {"term": "breach", "text": "24 hours?"})
        refused = client.post(f"/agreements/{draft.pk}/offer/")
        assert (refused.status_code, "24 hours?" in refused.content.decode()) == (400, True)
        assert client.post(f"/agreements/comments/{draft.comments.get().pk}/answer/", {}).status_code == 400
        client.post(f"/agreements/comments/{draft.comments.get().pk}/answer/", {"answer": "Yes."})
        client.post(f"/agreements/{draft.pk}/offer/")
        assert Agreement.objects.get().offered_at


class TestEditing:
    def test_signatures_under_the_earlier_text_lapse_visibly(
        self, draft: Agreement, terms: dict[str, Any], client_for: Callable
    ) -> None:
        send_for_signature(agreement=draft, by="test", at=AT)
        sign(draft, draft.provider, at=AT)
        revise_agreement(agreement=draft, terms=terms | {"breach_hours": 48}, by="test", at=AT)
        assert draft.provider in Agreement.objects.get().unsigned_parties()
        page = client_for("commissioner").get(f"/agreements/{draft.pk}/").content.decode()
        assert "lapsed: the text has changed since" in page

    def test_terms_that_come_back_do_not_bring_back_signatures(
        self, draft: Agreement, terms: dict[str, Any]
    ) -> None:
        send_for_signature(agreement=draft, by="test", at=AT)
        sign(draft, draft.provider, at=AT)
        for hours in (48, 24):
            revise_agreement(agreement=draft, terms=terms | {"breach_hours": hours}, by="test", at=AT)
        assert len(Agreement.objects.get().unsigned_parties()) == 2

    def test_saving_the_same_terms_changes_nothing(self, draft: Agreement, terms: dict[str, Any]) -> None:
        send_for_signature(agreement=draft, by="test", at=AT)
        sign(draft, draft.provider, at=AT)
        assert revise_agreement(agreement=draft, terms=terms, by="test", at=AT) is None
        assert len(Agreement.objects.get().unsigned_parties()) == 1

    def test_nobody_signs_a_text_that_changed_since_they_read_it(
        self, draft: Agreement, terms: dict[str, Any], backbone: Organization
    ) -> None:
        read = draft.text_hash
        revise_agreement(agreement=draft, terms=terms | {"breach_hours": 48}, by="test", at=AT)
        send_for_signature(agreement=draft, by="test", at=AT)
        with pytest.raises(ValidationError, match="changed since you read it"):
            sign_agreement(
                agreement=draft,
                organization=backbone,
                text_hash=read,
                by=make_person(organization=backbone),
                at=AT,
            )

    def test_what_all_have_signed_stands(self, agreement: Agreement, terms: dict[str, Any]) -> None:
        with pytest.raises(ValidationError, match="no draft any more"):
            revise_agreement(agreement=agreement, terms=terms, by="test", at=AT)

    def test_the_form_holds_the_terms_as_they_are(self, draft: Agreement, client_for: Callable) -> None:
        client = client_for(person_with(role="project_manager", organization=draft.provider))
        form = client.get(f"/agreements/{draft.pk}/revise/").context["form"]
        sent = {name: value for name, value in form.initial.items() if value is not None}
        sent["recipients"] = [party.pk for party in sent["recipients"]]
        client.post(f"/agreements/{draft.pk}/revise/", sent)
        assert draft.versions.count() == 1
        client.post(f"/agreements/{draft.pk}/revise/", sent | {"breach_hours": 48})
        assert "within 48 hours" in Agreement.objects.get().version.text


class TestPrinting:
    def test_the_pdf_is_tagged_and_made_from_the_text(
        self, draft: Agreement, client_for: Callable, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The words are handed over as data; the rest is the typesetter's, held to PDF/UA-1."""
        told = {}
        real = typst.compile

        def compile_and_note(source: bytes, **settings: Any) -> bytes:
            told.update(json.loads(settings["sys_inputs"]["document"]))
            return real(source, **settings)

        monkeypatch.setattr(typst, "compile", compile_and_note)
        send_for_signature(agreement=draft, by="test", at=AT)
        sign(draft, draft.provider, at=AT)
        printed = client_for("commissioner").get(f"/agreements/{draft.pk}/text.pdf").content
        assert printed.startswith(b"%PDF-")
        assert b"/StructTreeRoot" in printed
        assert b"pdfuaid" in printed
        words = "".join(paragraph for section in told["sections"] for paragraph in section["paragraphs"])
        assert all(paragraph in words for paragraph in paragraphs_of(draft.version.text))
        assert told["hash"] == draft.text_hash
        assert "Waiting for signatures" in told["stage"]
        assert [line.partition(",")[0] for line in told["signatures"]] == ["County EMS"]

    def test_no_word_is_markup(self, draft: Agreement, terms: dict[str, Any], client_for: Callable) -> None:
        hostile = terms | {"title": '#panic("x") $ \\ ]'}
        revise_agreement(agreement=draft, terms=hostile, by="test", at=AT)
        answer = client_for("commissioner").get(f"/agreements/{draft.pk}/text.pdf")
        assert answer.status_code == 200


def paragraphs_of(text: str) -> list[str]:
    return [line for line in text.strip().split("\n\n") if not line.startswith("#")]
