"""Agreements: nothing is read before all have signed, nothing after the end, and every answer is in the ledger."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from factories import make_organization, make_person, person_with, sign

from throughline.evidence.agreements.actions import (
    ask_grant,
    draft_agreement,
    grant_or_refuse,
    sign_agreement,
    terminate_agreement,
)
from throughline.evidence.agreements.drafting.actions import send_for_signature
from throughline.evidence.agreements.models import Agreement, Stage
from throughline.evidence.feeds.models import Feed
from throughline.ledger.models import Entry
from throughline.members.organizations.models import Organization
from throughline.policy.sharing import Grant, Purpose, Refusal, Refused

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def draft(feed: Feed, backbone: Organization) -> Agreement:
    """Sent for signature, and signed by nobody."""
    drafted = draft_agreement(
        title="EMS agreement",
        feed=feed.key,
        provider=feed.provider,
        recipients=[backbone],
        purposes=["surveillance"],
        fields=["occurred_at", "place"],
        starts_on=date(2026, 1, 1),
        by="test",
        at=AT,
    )
    send_for_signature(agreement=drafted, by="test", at=AT)
    return drafted


def ask(
    reader: Organization, *, fields: tuple[str, ...] = ("occurred_at", "place"), at: datetime = AT
) -> Grant | Refusal:
    provider = Feed.objects.get(key="ems").provider
    question = {"feed": "ems", "provider": provider, "purpose": Purpose.SURVEILLANCE}
    return ask_grant(**question, reader=reader, fields=fields, by="test", at=at)


class TestSigning:
    def test_it_is_in_force_when_the_last_party_has_signed(
        self, draft: Agreement, backbone: Organization
    ) -> None:
        sign(draft, draft.provider, at=AT)
        assert isinstance(ask(backbone), Refusal)
        sign(draft, backbone, at=AT)
        assert isinstance(ask(backbone), Grant)

    def test_nobody_signs_for_another_organization(self, draft: Agreement, backbone: Organization) -> None:
        with pytest.raises(ValidationError, match="Only a person of County EMS"):
            sign_agreement(
                agreement=draft,
                organization=draft.provider,
                text_hash=draft.text_hash,
                by=make_person(organization=backbone),
                at=AT,
            )

    def test_a_stranger_can_not_sign(self, draft: Agreement) -> None:
        with pytest.raises(ValidationError, match="not a party"):
            sign(draft, make_organization(), at=AT)

    def test_nobody_signs_twice(self, draft: Agreement) -> None:
        sign(draft, draft.provider, at=AT)
        with pytest.raises(ValidationError, match="signed already"):
            sign(draft, draft.provider, at=AT)

    def test_terms_must_be_known_words(self, feed: Feed, backbone: Organization) -> None:
        with pytest.raises(ValidationError, match="Unknown field: shoe_size"):
            draft_agreement(
                title="t",
                feed=feed.key,
                provider=feed.provider,
                recipients=[backbone],
                purposes=["surveillance"],
                fields=["shoe_size"],
                starts_on=date(2026, 1, 1),
                by="test",
                at=AT,
            )
        assert not Agreement.objects.exists()


class TestAsking:
    def test_a_refusal_quotes_the_clause(self, agreement: Agreement, backbone: Organization) -> None:
        answer = ask_grant(
            feed="ems",
            provider=agreement.provider,
            reader=backbone,
            purpose=Purpose.RESEARCH,
            fields=["place"],
            by="test",
            at=AT,
        )
        assert "The data serve to watch for overdoses" in str(answer)

    def test_others_are_refused(self, agreement: Agreement) -> None:
        assert isinstance(ask(make_organization()), Refusal)

    def test_termination_works_at_once(self, agreement: Agreement, backbone: Organization) -> None:
        terminate_agreement(
            agreement=agreement, by=make_person(organization=backbone), at=AT, reason="breach"
        )
        assert isinstance(ask(backbone), Refusal)
        assert Agreement.objects.get().stage(date(2026, 3, 2)) == Stage.TERMINATED

    def test_strangers_to_it_do_not_end_it(self, agreement: Agreement, backbone: Organization) -> None:
        for stranger in (make_person(), make_person(organization=make_organization())):
            with pytest.raises(ValidationError, match="Only a party"):
                terminate_agreement(agreement=agreement, by=stranger, at=AT, reason="spite")
        assert isinstance(ask(backbone), Grant)

    def test_nobody_shares_what_another_agency_sends(self, feed: Feed, backbone: Organization) -> None:
        """The backbone can write and sign an agreement with itself over anything; it opens nothing."""
        own = draft_agreement(
            title="Help yourself",
            feed=feed.key,
            provider=backbone,
            recipients=[backbone],
            purposes=["surveillance"],
            fields=["occurred_at", "place"],
            starts_on=date(2026, 1, 1),
            by="test",
            at=AT,
        )
        send_for_signature(agreement=own, by="test", at=AT)
        sign(own, backbone, at=AT)
        assert Agreement.objects.get().stage(date(2026, 3, 2)) == Stage.IN_FORCE
        assert "no agreement covers the feed ems" in str(ask(backbone))

    def test_after_the_last_day_nothing_is_read(self, agreement: Agreement, backbone: Organization) -> None:
        assert isinstance(ask(backbone, at=datetime(2026, 12, 31, 12, tzinfo=UTC)), Grant)
        assert isinstance(ask(backbone, at=datetime(2027, 1, 1, 12, tzinfo=UTC)), Refusal)

    def test_a_person_without_an_organization_reads_nothing(self, agreement: Agreement) -> None:
        with pytest.raises(Refused, match="without an organization"):
            grant_or_refuse(
                feed="ems",
                provider=agreement.provider,
                reader=None,
                purpose=Purpose.SURVEILLANCE,
                fields=["place"],
                by="test",
                at=AT,
            )


class TestLedger:
    def test_reads_and_refusals_are_recorded(self, agreement: Agreement, backbone: Organization) -> None:
        ask(backbone)
        ask(make_organization(name="Stranger"))
        read, refusal = Entry.objects.filter(subject="feed:ems")
        assert (read.verb, read.detail["agreement"]) == ("read_feed", str(agreement.pk))
        assert (refusal.verb, refusal.detail["reader"]) == ("refuse_read", "Stranger")

    @pytest.mark.django_db(transaction=True)
    def test_a_read_can_not_be_undone_with_the_request(self, feed: Feed, backbone: Organization) -> None:
        with pytest.raises(RuntimeError), transaction.atomic():
            ask(backbone)


class TestPages:
    def test_agreements_show_where_they_stand(self, agreement: Agreement, client_for: Callable) -> None:
        page = client_for("privacy_officer").get("/agreements/").content.decode()
        assert "EMS agreement" in page

    def test_members_do_not_see_them(self, agreement: Agreement, client_for: Callable) -> None:
        assert client_for("member").get("/agreements/").status_code == 403

    def test_a_privacy_officer_signs_on_the_page(self, draft: Agreement, client_for: Callable) -> None:
        client = client_for(person_with(role="privacy_officer", organization=draft.provider))
        assert "Sign for County EMS" in client.get(f"/agreements/{draft.pk}/text/1/").content.decode()
        client.post(f"/agreements/{draft.pk}/sign/", {"text_hash": draft.text_hash})
        assert draft.signatures.get().signed_by == client.person

    def test_who_belongs_to_no_party_can_not_sign(self, draft: Agreement, client_for: Callable) -> None:
        answer = client_for("privacy_officer").post(
            f"/agreements/{draft.pk}/sign/", {"text_hash": draft.text_hash}
        )
        assert answer.status_code == 400
        assert "is not a party to this agreement" in answer.content.decode()
        assert not draft.signatures.exists()

    @pytest.fixture
    def facts(self, feed: Feed, backbone: Organization) -> dict[str, Any]:
        """A draft as the form sends it."""
        return {
            "title": "New",
            "feed": "ems",
            "provider": feed.provider_id,
            "recipients": [backbone.pk],
            "purposes": ["surveillance"],
            "fields": ["place"],
            "minimum_cell": "10",
            "starts_on": "2026-01-01",
            "breach_hours": "72",
            "tier": "contributor",
            "destruction_days": "30",
        }

    def test_a_draft_is_written_on_the_page(self, facts: dict[str, Any], client_for: Callable) -> None:
        facts = facts | {"purposes_clause": "Only to watch."}
        client_for("project_manager").post("/agreements/new/", facts)
        assert Agreement.objects.get().clauses == {"purposes": "Only to watch."}

    def test_ending_before_it_starts_is_an_error(self, facts: dict[str, Any], client_for: Callable) -> None:
        facts = facts | {"starts_on": "2026-02-01", "ends_on": "2026-01-01"}
        page = client_for("project_manager").post("/agreements/new/", facts)
        assert page.status_code == 200
        assert not Agreement.objects.exists()

    def test_who_read_what(self, agreement: Agreement, backbone: Organization, client_for: Callable) -> None:
        ask(backbone)
        page = client_for("commissioner").get("/agreements/data-use/").content.decode()
        assert "Backbone" in page
        assert "Entries of the ledger" not in page
        assert (
            "Entries of the ledger"
            in client_for("privacy_officer").get("/agreements/data-use/").content.decode()
        )
