"""Consents and emergencies: who may record, revoke, break the glass and review, and what stays out of the ledger."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from factories import make_organization, make_person, person_with

from throughline.evidence.consents.actions import (
    break_glass,
    record_consent,
    review_break_glass,
    revoke_consent,
)
from throughline.evidence.consents.models import Emergency, PatientConsent
from throughline.evidence.consents.queries import patients_shown
from throughline.ledger.models import Entry
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization
from throughline.policy.sharing import Purpose

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
HASH = "9f" * 32


@pytest.fixture
def program(db: None) -> Organization:
    return make_organization(name="Harbor Treatment")


@pytest.fixture
def officer(program: Organization) -> Person:
    return person_with(role="privacy_officer", organization=program)


@pytest.fixture
def reader(backbone: Organization) -> Person:
    return make_person(organization=backbone)


@pytest.fixture
def consent(program: Organization, officer: Person, backbone: Organization) -> PatientConsent:
    return recorded(program, officer, recipients=[backbone])


def recorded(discloser: Organization, by: Person, **changes: Any) -> PatientConsent:
    facts = {
        "patient": "P-1041",
        "recipients": [],
        "uses": ["response"],
        "scope": ["overdoses"],
        "signed_at": AT - timedelta(days=1),
        "signature_sha256": HASH,
        "expires_at": AT + timedelta(days=30),
    }
    return record_consent(discloser=discloser, by=by, at=AT, **facts | changes)


def shown(
    program: Organization, reader: Person, at: datetime = AT, purpose: Purpose = Purpose.RESPONSE
) -> frozenset[str]:
    return patients_shown(discloser=program, reader=reader, purpose=purpose, at=at)


class TestConsents:
    def test_what_a_consent_names_is_shown(
        self, consent: PatientConsent, program: Organization, reader: Person
    ) -> None:
        assert shown(program, reader) == {"P-1041"}
        assert shown(program, reader, purpose=Purpose.EVALUATION) == frozenset()
        assert shown(program, reader, purpose=Purpose.PUBLICATION) == frozenset()
        assert shown(program, make_person(organization=make_organization())) == frozenset()
        assert shown(program, make_person()) == frozenset()
        assert shown(make_organization(), reader) == frozenset()

    def test_it_is_void_from_the_instant_of_its_revocation(
        self, consent: PatientConsent, program: Organization, reader: Person, officer: Person
    ) -> None:
        noon = AT + timedelta(hours=3)
        revoke_consent(consent=consent, reason="The patient wishes so.", by=officer, at=noon)
        assert shown(program, reader, noon - timedelta(seconds=1)) == {"P-1041"}
        assert shown(program, reader, noon) == frozenset()
        with pytest.raises(ValidationError, match="revoked already"):
            revoke_consent(consent=consent, reason="again", by=officer, at=noon)

    def test_it_ends_by_itself(self, consent: PatientConsent, program: Organization, reader: Person) -> None:
        assert shown(program, reader, AT + timedelta(days=30) - timedelta(seconds=1)) == {"P-1041"}
        assert shown(program, reader, AT + timedelta(days=30)) == frozenset()

    def test_the_ledger_does_not_say_whose_consent_it_is(
        self, consent: PatientConsent, officer: Person, program: Organization, reader: Person
    ) -> None:
        revoke_consent(consent=consent, reason="P-1041 moved away", by=officer, at=AT)
        emergency = break_glass(patient="P-1041", discloser=program, reason="No breath", by=reader, at=AT)
        review_break_glass(emergency=emergency, was_justified=True, finding="P-1041 lives", by=officer, at=AT)
        entries = Entry.objects.order_by("sequence")
        verbs = ["record_consent", "revoke_consent", "break_glass", "review_break_glass"]
        assert [entry.verb for entry in entries] == verbs
        for entry in entries:
            told = json.dumps([entry.subject, entry.actor, entry.detail])
            assert not any(secret in told for secret in ("P-1041", "moved", "breath", "lives"))

    def test_only_the_discloser_and_the_backbone_keep_its_consents(
        self, program: Organization, reader: Person, consent: PatientConsent
    ) -> None:
        stranger = make_person(organization=make_organization())
        with pytest.raises(ValidationError, match="Only a person of Harbor Treatment"):
            recorded(program, stranger)
        with pytest.raises(ValidationError, match="Only a person of Harbor Treatment"):
            revoke_consent(consent=consent, reason="x", by=stranger, at=AT)
        assert recorded(program, reader, recipients=[program]).recorded_by == reader

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"patient": "Jane Doe"}, "never a name"),
            ({"patient": "JaneDoe"}, "never a name"),
            ({"patient": "P-1/7"}, "never a name"),
            ({"signature_sha256": "signed"}, "64 hexadecimal digits"),
            ({"signed_at": AT + timedelta(seconds=1)}, "after it was signed"),
            ({"recipients": []}, "names no recipient"),
            ({"expires_at": None}, "has no end"),
            ({"scope": ["overdoses", "counseling_notes"]}, "counseling notes"),
            ({"uses": ["response", "proceedings"]}, "joins proceedings"),
            ({"uses": ["revenge"]}, "revenge"),
        ],
    )
    def test_what_lacks_an_element_is_not_kept(
        self, program: Organization, officer: Person, backbone: Organization, change: dict, message: str
    ) -> None:
        with pytest.raises(ValidationError, match=message):
            recorded(program, officer, **{"recipients": [backbone]} | change)
        assert not PatientConsent.objects.exists()
        assert not Entry.objects.exists()


class TestEmergencies:
    def test_the_glass_opens_one_patient_to_one_person_for_a_day(
        self, program: Organization, reader: Person, backbone: Organization
    ) -> None:
        break_glass(patient="P-7", discloser=program, reason="Found without breath", by=reader, at=AT)
        assert shown(program, reader) == {"P-7"}
        assert shown(program, reader, AT + timedelta(hours=24) - timedelta(seconds=1)) == {"P-7"}
        assert shown(program, reader, AT + timedelta(hours=24)) == frozenset()
        assert shown(program, reader, AT - timedelta(seconds=1)) == frozenset()
        assert shown(program, reader, purpose=Purpose.SURVEILLANCE) == frozenset()
        assert shown(program, make_person(organization=backbone)) == frozenset()

    def test_it_needs_a_reason_and_an_organization(self, program: Organization, reader: Person) -> None:
        with pytest.raises(ValidationError, match="Say what the emergency is"):
            break_glass(patient="P-7", discloser=program, reason="  ", by=reader, at=AT)
        with pytest.raises(ValidationError, match="no organization"):
            break_glass(patient="P-7", discloser=program, reason="No breath", by=make_person(), at=AT)
        with pytest.raises(ValidationError, match="never a name"):
            break_glass(patient="Jane Doe", discloser=program, reason="No breath", by=reader, at=AT)

    def test_another_person_reviews_it_once(
        self, program: Organization, reader: Person, officer: Person
    ) -> None:
        emergency = break_glass(patient="P-7", discloser=program, reason="No breath", by=reader, at=AT)
        facts = {"emergency": emergency, "was_justified": False, "finding": "No call that day.", "at": AT}
        with pytest.raises(ValidationError, match="Another person reviews"):
            review_break_glass(**facts, by=reader)
        with pytest.raises(ValidationError, match="Only a person of"):
            review_break_glass(**facts, by=make_person(organization=make_organization()))
        assert Emergency.objects.unreviewed().get() == emergency
        review_break_glass(**facts, by=officer)
        assert not Emergency.objects.unreviewed().exists()
        with pytest.raises(ValidationError, match="reviewed already"):
            review_break_glass(**facts, by=officer)

    def test_the_database_keeps_a_review_apart_from_its_deed(
        self, program: Organization, reader: Person
    ) -> None:
        break_glass(patient="P-7", discloser=program, reason="No breath", by=reader, at=AT)
        with pytest.raises(IntegrityError), transaction.atomic():
            Emergency.objects.update(reviewed_at=AT, reviewed_by=reader, was_justified=True)


class TestPages:
    FORM = {
        "patient": "P-1041",
        "uses": ["response"],
        "scope": ["overdoses"],
        "signed_on": "2026-03-01",
        "signature_sha256": HASH,
        "expires_on": "2099-12-31",
    }

    def test_an_officer_records_and_revokes(
        self,
        client_for: Callable[..., Client],
        officer: Person,
        program: Organization,
        backbone: Organization,
    ) -> None:
        client = client_for(officer)
        assert "No consent is recorded" in client.get("/consents/").content.decode()
        form = self.FORM | {"discloser": program.pk, "recipients": [backbone.pk]}
        page = client.post("/consents/new/", form, follow=True).content.decode()
        assert "P-1041" in page
        assert "stands" in page
        address = f"/consents/{PatientConsent.objects.get().pk}/revoke/"
        assert HASH in client.get(address).content.decode()
        page = client.post(address, {"reason": "Wishes so."}, follow=True).content.decode()
        assert "revoked" in page
        assert client.post(address, {"reason": "again"}).status_code == 400

    def test_what_is_wrong_is_said_on_the_page(
        self, client_for: Callable[..., Client], officer: Person, program: Organization
    ) -> None:
        answer = client_for(officer).post("/consents/new/", self.FORM | {"discloser": program.pk})
        assert answer.status_code == 400
        assert "names no recipient" in answer.content.decode()

    def test_officers_see_their_own_organization_only(
        self, client_for: Callable[..., Client], consent: PatientConsent
    ) -> None:
        stranger = client_for(person_with(role="privacy_officer", organization=make_organization()))
        assert "P-1041" not in stranger.get("/consents/").content.decode()
        assert stranger.get(f"/consents/{consent.pk}/revoke/").status_code == 404
        assert client_for("analyst").get("/consents/").status_code == 403

    def test_a_steward_breaks_the_glass_and_an_officer_reviews(
        self,
        client_for: Callable[..., Client],
        officer: Person,
        program: Organization,
        backbone: Organization,
    ) -> None:
        steward = client_for(person_with(role="data_steward", organization=backbone))
        form = {"patient": "P-7", "discloser": program.pk, "reason": "Found without breath"}
        assert "For 24 hours" in steward.post("/consents/emergencies/new/", form).content.decode()
        assert steward.get("/consents/emergencies/").status_code == 403
        client = client_for(officer)
        assert "1 to review" in client.get("/consents/").content.decode()
        assert "Found without breath" in client.get("/consents/emergencies/").content.decode()
        address = f"/consents/emergencies/{Emergency.objects.get().pk}/review/"
        review = {"was_justified": "yes", "finding": "An ambulance was there."}
        page = client.post(address, review, follow=True).content.decode()
        assert "was an emergency" in page
        assert client.post(address, review).status_code == 400
