"""Records of treatment: shown only with the patient's consent, never without the notice; counts need none."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from apps.evidence.conftest import AT, HEADER
from django.test import Client
from django.utils import timezone
from factories import make_person, person_with, signed_agreement

from throughline.evidence.consents.actions import break_glass, record_consent, revoke_consent
from throughline.evidence.consents.models import PatientConsent
from throughline.evidence.feeds.models import Delivery, Feed
from throughline.evidence.feeds.receiving import receive_delivery
from throughline.ledger.models import Entry
from throughline.members.organizations.models import Organization

ROWS = [
    "P-1/1,2026-03-01 10:00,W1,lived",
    "P-1/2,2026-03-01 11:00,W1,lived",
    "P-11/1,2026-03-01 12:00,W2,died",
    "P-2,2026-03-01 13:00,W2,lived",
]
LIST = "/detection/records/?indicator=overdoses&feed=ems&start=2026-03-01&end=2026-03-01&purpose=response"
NOTICE = "prohibit you from using or disclosing this record"


@pytest.fixture
def delivery(feed: Feed, tmp_path: Path, backbone: Organization) -> Delivery:
    Feed.objects.update(is_part2=True)
    feed.refresh_from_db()
    ends_on = timezone.localdate() + timedelta(days=1)
    purposes = ["response", "quality", "surveillance"]
    signed_agreement(feed, recipients=[backbone], purposes=purposes, ends_on=ends_on)
    path = tmp_path / "intake.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in ROWS))
    return receive_delivery(feed=feed, path=path, by="test", at=AT)[0]


@pytest.fixture
def analyst(client_for: Callable[..., Client], backbone: Organization) -> Client:
    return client_for(person_with(role="analyst", organization=backbone))


@pytest.fixture
def consent(feed: Feed, backbone: Organization) -> PatientConsent:
    return record_consent(
        patient="P-1",
        discloser=feed.provider,
        recipients=[backbone],
        uses=["response"],
        scope=["overdoses"],
        signed_at=AT,
        signature_sha256="9f" * 32,
        expires_at=datetime(2999, 1, 1, tzinfo=UTC),
        by=make_person(organization=feed.provider),
        at=AT,
    )


def record_page(delivery: Delivery, row: int) -> str:
    return f"/detection/records/ems/{delivery.pk}/{row}/?purpose=response"


def test_without_a_consent_no_record_is_shown(analyst: Client, delivery: Delivery) -> None:
    page = analyst.get(LIST).content.decode()
    assert "No record is shown: each needs the patient" in page
    answer = analyst.get(record_page(delivery, 2))
    assert answer.status_code == 403
    assert "only with the patient" in answer.content.decode()


def test_records_of_patients_who_consented_are_shown_with_the_notice(
    analyst: Client, delivery: Delivery, consent: PatientConsent
) -> None:
    """P-11 is another patient than P-1."""
    page = analyst.get(LIST).content.decode()
    assert "2 records from" in page
    assert NOTICE in page
    page = analyst.get(record_page(delivery, 3)).content.decode()
    assert "How it came to be" in page
    assert NOTICE in page
    for row in (4, 5):
        assert analyst.get(record_page(delivery, row)).status_code == 403


def test_for_another_purpose_it_does_not_count(
    analyst: Client, delivery: Delivery, consent: PatientConsent
) -> None:
    assert analyst.get(record_page(delivery, 2).replace("response", "surveillance")).status_code == 403


def test_a_revocation_closes_the_page_at_once(
    analyst: Client, delivery: Delivery, consent: PatientConsent
) -> None:
    assert analyst.get(record_page(delivery, 2)).status_code == 200
    revoke_consent(consent=consent, reason="Wishes so.", by=consent.recorded_by, at=timezone.now())
    assert analyst.get(record_page(delivery, 2)).status_code == 403


def test_an_emergency_opens_the_page_to_who_broke_the_glass(
    analyst: Client, delivery: Delivery, client_for: Callable[..., Client], backbone: Organization
) -> None:
    provider = delivery.feed.provider
    break_glass(patient="P-2", discloser=provider, reason="No breath", by=analyst.person, at=timezone.now())
    assert NOTICE in analyst.get(record_page(delivery, 5)).content.decode()
    assert analyst.get(record_page(delivery, 2)).status_code == 403
    other = client_for(person_with(role="analyst", organization=backbone))
    assert other.get(record_page(delivery, 5)).status_code == 403


def test_the_provider_sees_its_own_records(client_for: Callable[..., Client], delivery: Delivery) -> None:
    client = client_for(person_with(role="data_steward", organization=delivery.feed.provider))
    page = client.get(record_page(delivery, 2).replace("response", "quality")).content.decode()
    assert "How it came to be" in page
    assert NOTICE in page


def test_the_ledger_keeps_which_notice_went_along(
    analyst: Client, delivery: Delivery, consent: PatientConsent
) -> None:
    analyst.get(record_page(delivery, 2))
    assert Entry.objects.get(verb="show_history").detail["notice"] == "42 CFR 2.32(a)(1), 2024-04-16"


def test_a_feed_is_marked_on_its_page(
    client_for: Callable[..., Client], analyst: Client, delivery: Delivery
) -> None:
    Feed.objects.update(is_part2=False)
    assert analyst.post("/feeds/ems/part2/").status_code == 302
    assert analyst.get(record_page(delivery, 2)).status_code == 403
    assert "only with the patient" in analyst.get("/feeds/ems/").content.decode()
    assert Entry.objects.filter(verb="mark_treatment_records").count() == 1
    assert client_for("data_steward").post("/feeds/ems/part2/").status_code == 403


def test_other_feeds_need_no_consent_and_carry_no_notice(analyst: Client, delivery: Delivery) -> None:
    Feed.objects.update(is_part2=False)
    page = analyst.get(record_page(delivery, 2)).content.decode()
    assert "How it came to be" in page
    assert NOTICE not in page
