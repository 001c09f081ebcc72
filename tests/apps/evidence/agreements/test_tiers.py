"""Memorandum, contributor agreement, use licence: nothing is in force, or allows more, than what it stands under."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from factories import make_organization, make_person, sign

from throughline.evidence.agreements.actions import ask_grant, draft_agreement, terminate_agreement
from throughline.evidence.agreements.drafting.actions import (
    amend_agreement,
    revise_agreement,
    send_for_signature,
)
from throughline.evidence.agreements.drafting.terms import terms_of
from throughline.evidence.agreements.models import Agreement, Stage
from throughline.evidence.feeds.models import Feed
from throughline.members.organizations.models import Organization
from throughline.policy.sharing import Grant, Purpose, Refusal

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
TERMS: dict[str, Any] = {
    "purposes": ["surveillance", "research"],
    "starts_on": date(2026, 1, 1),
    "ends_on": date(2026, 12, 31),
    "by": "test",
    "at": AT,
}


@pytest.fixture
def university(db: None) -> Organization:
    return make_organization(name="University")


@pytest.fixture
def memorandum(ems: Organization, backbone: Organization) -> Agreement:
    return draft_agreement(
        title="Memorandum",
        tier="memorandum",
        feed="",
        fields=[],
        provider=backbone,
        recipients=[ems],
        **TERMS,
    )


@pytest.fixture
def contributor(
    memorandum: Agreement, feed: Feed, backbone: Organization, university: Organization
) -> Agreement:
    return draft_agreement(
        title="EMS agreement",
        parent=memorandum,
        feed="ems",
        provider=feed.provider,
        recipients=[backbone],
        onward_recipients=[university],
        fields=["place", "occurred_at"],
        precision={"occurred_at": "day"},
        **TERMS,
    )


@pytest.fixture
def licensed(contributor: Agreement, university: Organization) -> dict[str, Any]:
    """What a licence may say at most."""
    return {
        "title": "Licence",
        "tier": "licence",
        "parent": contributor,
        "feed": "ems",
        "provider": contributor.provider,
        "recipients": [university],
        "fields": ["place", "occurred_at"],
        "precision": {"occurred_at": "day"},
    } | TERMS


@pytest.fixture
def licence(licensed: dict[str, Any]) -> Agreement:
    return draft_agreement(**licensed)


@pytest.fixture
def tiers(memorandum: Agreement, contributor: Agreement, licence: Agreement) -> dict[str, Agreement]:
    return {"memorandum": memorandum, "contributor": contributor, "licence": licence}


def sign_by_all(*agreements: Agreement) -> None:
    for agreement in agreements:
        send_for_signature(agreement=agreement, by="test", at=AT)
        for party in agreement.parties():
            sign(agreement, party, at=AT)


def ask(licence: Agreement) -> Grant | Refusal:
    return ask_grant(
        feed="ems",
        provider=licence.provider,
        reader=licence.recipients.get(),
        purpose=Purpose.RESEARCH,
        fields=["place"],
        by="test",
        at=AT,
    )


class TestForce:
    def test_a_licence_needs_all_that_stands_above_it(self, tiers: dict[str, Agreement]) -> None:
        for name in ("licence", "contributor"):
            sign_by_all(tiers[name])
            assert isinstance(ask(tiers["licence"]), Refusal)
            assert not Agreement.objects.in_force(AT.date()).exists()
        sign_by_all(tiers["memorandum"])
        assert isinstance(ask(tiers["licence"]), Grant)
        assert Agreement.objects.in_force(AT.date()).count() == 3

    @pytest.mark.parametrize("ended", ["memorandum", "contributor"])
    def test_what_ends_takes_all_under_it_along_at_once(
        self, tiers: dict[str, Agreement], backbone: Organization, ended: str
    ) -> None:
        sign_by_all(*tiers.values())
        by = make_person(organization=backbone)
        terminate_agreement(agreement=tiers[ended], by=by, at=AT, reason="breach")
        assert f"was terminated on {AT.date()}" in str(ask(tiers["licence"]))
        assert Agreement.objects.get(tier="licence").stage(AT.date()) == Stage.SUSPENDED

    @pytest.mark.parametrize(
        ("purposes", "granted"), [(["surveillance", "research"], True), (["research"], False)]
    )
    def test_what_fits_under_an_amendment_moves_under_it(
        self, tiers: dict[str, Agreement], backbone: Organization, purposes: list[str], granted: bool
    ) -> None:
        sign_by_all(*tiers.values())
        draft = amend_agreement(agreement=tiers["contributor"], by=make_person(organization=backbone), at=AT)
        changes = {"purposes": purposes, "breach_hours": 24}
        revise_agreement(agreement=draft, terms=terms_of(draft) | changes, by="test", at=AT)
        sign_by_all(Agreement.objects.get(pk=draft.pk))
        assert isinstance(ask(tiers["licence"]), Grant) == granted


class TestLimits:
    @pytest.mark.parametrize(
        ("change", "fault"),
        [
            ({"purposes": ["evaluation"]}, "allows purposes"),
            ({"fields": ["place", "age"], "precision": {}}, "shares fields"),
            ({"minimum_cell": 5}, "smaller counts"),
            ({"precision": {}}, "more exactly"),
            ({"ends_on": None}, "on days"),
            ({"starts_on": date(2025, 12, 31)}, "on days"),
            ({"destruction_days": 31}, "keeps data longer"),
            ({"feed": "deaths"}, "another feed"),
            ({"parent": None}, "stands under a contributor agreement"),
            ({"tier": "contributor"}, "can't stand under"),
        ],
    )
    def test_a_licence_allows_no_more_than_its_contributor_agreement(
        self, licensed: dict[str, Any], change: dict[str, Any], fault: str
    ) -> None:
        with pytest.raises(ValidationError, match=fault):
            draft_agreement(**licensed | change)

    def test_its_recipients_are_named_above(self, licensed: dict[str, Any]) -> None:
        with pytest.raises(ValidationError, match="names recipients"):
            draft_agreement(**licensed | {"recipients": [make_organization()]})

    def test_parties_must_have_joined_the_memorandum(
        self, contributor: Agreement, university: Organization
    ) -> None:
        joined = terms_of(contributor) | {"recipients": [university]}
        with pytest.raises(ValidationError, match="not all joined"):
            revise_agreement(agreement=contributor, terms=joined, by="test", at=AT)

    def test_a_memorandum_shares_nothing_by_itself(self, memorandum: Agreement) -> None:
        assert "What is shared" not in memorandum.version.text
        with pytest.raises(ValidationError, match="names no feed"):
            revise_agreement(
                agreement=memorandum,
                terms=terms_of(memorandum) | {"feed": "ems", "fields": ["place"]},
                by="test",
                at=AT,
            )

    def test_the_text_says_what_it_stands_under(self, memorandum: Agreement, contributor: Agreement) -> None:
        assert f"It stands under agreement {memorandum.pk}," in contributor.version.text
