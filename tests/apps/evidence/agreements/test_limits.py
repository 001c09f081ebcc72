"""Terms that narrow what is shared: written down, checked, and kept by every read."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from factories import make_organization, signed_agreement

from throughline.evidence.agreements.actions import ask_grant, draft_agreement
from throughline.evidence.agreements.models import Agreement
from throughline.evidence.feeds.models import Feed
from throughline.members.organizations.models import Organization
from throughline.members.places.models import Place
from throughline.policy.sharing import Grant, Purpose, Refusal

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def ask(
    feed: Feed, reader: Organization, *fields: str, purpose: Purpose = Purpose.SURVEILLANCE
) -> Grant | Refusal:
    question = {"feed": feed.key, "provider": feed.provider, "purpose": purpose}
    return ask_grant(**question, reader=reader, fields=fields or ("place",), by="test", at=AT)


def test_what_the_provider_forbids_in_one_agreement_no_other_opens(
    feed: Feed, backbone: Organization
) -> None:
    signed_agreement(feed, recipients=[backbone], purposes=["research"])
    assert isinstance(ask(feed, backbone, purpose=Purpose.RESEARCH), Grant)
    signed_agreement(
        feed,
        recipients=[make_organization()],
        forbidden_purposes=["research"],
        clauses={"forbidden_purposes": "No research is done with these data."},
    )
    answer = ask(feed, backbone, purpose=Purpose.RESEARCH)
    assert isinstance(answer, Refusal)
    assert "No research is done with these data" in str(answer)


def test_a_draft_forbids_nothing(feed: Feed, backbone: Organization) -> None:
    signed_agreement(feed, recipients=[backbone])
    draft(feed, backbone, purposes=["response"], forbidden_purposes=["surveillance"])
    assert isinstance(ask(feed, backbone), Grant)


def test_an_area_stands_for_all_that_lies_in_it(feed: Feed, backbone: Organization) -> None:
    county = Place.objects.create(code="39035", name="Lake County", kind="county")
    Place.objects.create(code="39035-1", name="Tract 1", kind="tract", parent=county)
    signed_agreement(feed, recipients=[backbone], rows={"place": ["39035"]})
    answer = ask(feed, backbone)
    assert isinstance(answer, Grant)
    assert answer.rows == {"place": {"39035", "39035-1"}}


def test_counting_can_do_with_days_and_not_with_months(feed: Feed, backbone: Organization) -> None:
    signed_agreement(feed, recipients=[backbone], precision={"occurred_at": "day"})
    answer = ask(feed, backbone, "occurred_at")
    assert isinstance(answer, Grant)
    assert answer.precision == {"occurred_at": "day"}
    Agreement.objects.update(precision={"occurred_at": "month"})
    assert "tells occurred_at only to the month" in str(ask(feed, backbone, "occurred_at"))


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"purposes": ["law_enforcement"]}, "Law enforcement needs a sentence of its own"),
        ({"forbidden_purposes": ["surveillance"]}, "allows and forbids: surveillance"),
        ({"forbidden_purposes": ["sport"]}, "Unknown purposes: sport"),
        ({"precision": {"place": "day"}}, "place can't be told to the day; expected: zip3"),
        ({"precision": {"age": "band"}}, "Told roughly, but not shared: age"),
        (
            {"precision": {"place": "zip3"}, "fields": ["place", "latitude"]},
            "latitude and longitude are shared",
        ),
        ({"rows": {"shoe_size": ["44"]}}, "can't be selected by shoe_size"),
        ({"rows": {"place": []}}, "No value is named that records must have in: place"),
    ],
)
def test_limits_that_can_not_be_kept_are_not_written_down(
    feed: Feed, backbone: Organization, terms: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        draft(feed, backbone, **terms)
    assert not Agreement.objects.exists()


def test_the_form_writes_them_down_and_the_page_shows_them(
    client_for: Any, feed: Feed, backbone: Organization
) -> None:
    client: Client = client_for("project_manager")
    county = Place.objects.create(code="39035", name="Lake County", kind="county")
    Place.objects.create(code="39035-1", name="Tract 1", kind="tract", parent=county)
    state = make_organization(name="State Health")
    facts = {
        "title": "Runs",
        "feed": feed.key,
        "provider": feed.provider.pk,
        "recipients": [backbone.pk],
        "purposes": ["surveillance"],
        "fields": ["occurred_at", "place"],
        "minimum_cell": 10,
        "starts_on": "2026-01-01",
        "forbidden_purposes": ["law_enforcement"],
        "breach_hours": "72",
        "tier": "contributor",
        "destruction_days": "30",
        "precision": ["occurred_at:day", "occurred_at:month", "place:zip3"],
        "only_measures": "overdose, naloxone_kits",
        "only_places": [county.pk],
        "onward_recipients": [state.pk],
        "forbidden_purposes_clause": "Never for the police.",
    }
    page = client.post("/agreements/new/", facts, follow=True).content.decode()
    agreement = Agreement.objects.get()
    assert agreement.precision == {"occurred_at": "month", "place": "zip3"}
    assert agreement.rows == {"measure": ["naloxone_kits", "overdose"], "place": ["39035"]}
    assert agreement.forbidden_purposes == ["law_enforcement"]
    for words in ("to the month", "naloxone_kits, overdose", "State Health", "Never for the police."):
        assert words in page


def draft(feed: Feed, reader: Organization, **terms: Any) -> Agreement:
    facts = {"purposes": ["surveillance"], "fields": ["place"], "starts_on": date(2026, 1, 1)} | terms
    return draft_agreement(
        title="EMS agreement",
        feed=feed.key,
        provider=feed.provider,
        recipients=[reader],
        by="test",
        at=AT,
        **facts,
    )
