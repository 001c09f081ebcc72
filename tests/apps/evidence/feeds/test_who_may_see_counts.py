"""Counts are shown to the backbone, to who sends the feed, and to whom agreements name for response."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from factories import make_organization, make_person, signed_agreement

from throughline.evidence.feeds.models import Feed
from throughline.evidence.feeds.queries import may_see_counts
from throughline.members.organizations.models import Organization

TODAY = date(2026, 3, 2)
Sees = Callable[..., bool]


@pytest.fixture
def other() -> Organization:
    return make_organization(name="Outreach United")


@pytest.fixture
def sees(feed: Feed) -> Sees:
    def asked(organization: Organization | None, *feeds: str) -> bool:
        return may_see_counts(make_person(organization=organization), feeds or ["ems"], on=TODAY)

    return asked


def test_the_backbone_and_who_sends_the_feed(sees: Sees, backbone: Organization, ems: Organization) -> None:
    assert sees(backbone)
    assert sees(ems)


def test_nobody_else_without_an_agreement(sees: Sees, other: Organization) -> None:
    assert not sees(other)
    assert not sees(None)


def test_whom_an_agreement_names_for_response(sees: Sees, feed: Feed, other: Organization) -> None:
    signed_agreement(feed, recipients=[other], purposes=["response"])
    assert sees(other)
    assert not sees(make_organization())


@pytest.mark.parametrize(
    "terms",
    [
        {"purposes": ["surveillance", "evaluation"]},
        {"ends_on": date(2026, 3, 1)},
        {"starts_on": date(2026, 3, 3)},
    ],
    ids=["another purpose", "ended", "not begun"],
)
def test_not_by_other_terms(sees: Sees, feed: Feed, other: Organization, terms: dict[str, Any]) -> None:
    signed_agreement(feed, recipients=[other], **{"purposes": ["response"]} | terms)
    assert not sees(other)


def test_not_by_an_agreement_of_somebody_who_does_not_send_the_feed(
    sees: Sees, feed: Feed, other: Organization
) -> None:
    agreement = signed_agreement(feed, recipients=[other], purposes=["response"])
    agreement.provider = make_organization()
    agreement.save()
    assert not sees(other)


def test_counts_of_several_feeds_need_each_of_them(sees: Sees, feed: Feed, ems: Organization) -> None:
    police = Feed.objects.create(key="police", name="Police calls", provider=make_organization())
    assert not sees(ems, "ems", "police")
    signed_agreement(police, recipients=[ems], purposes=["response"])
    assert sees(ems, "ems", "police")


def test_where_the_feeds_are_not_known_only_the_backbone(
    feed: Feed, backbone: Organization, ems: Organization
) -> None:
    assert may_see_counts(make_person(organization=backbone), [], on=TODAY)
    assert not may_see_counts(make_person(organization=ems), [], on=TODAY)
