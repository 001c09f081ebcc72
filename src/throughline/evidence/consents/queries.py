"""Whose records may be shown to whom, and what pages list."""

from collections import defaultdict
from datetime import datetime

from django.db.models import F, QuerySet

from throughline.evidence.consents.models import Emergency, PatientConsent
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization
from throughline.policy.consent import Consent, Disclosure, Information, Permitted, Use, decide_disclosure
from throughline.policy.sharing import Purpose

_USES = {
    Purpose.SURVEILLANCE: Use.SURVEILLANCE,
    Purpose.RESPONSE: Use.RESPONSE,
    Purpose.EVALUATION: Use.EVALUATION,
    Purpose.QUALITY: Use.OPERATIONS,
    Purpose.RESEARCH: Use.RESEARCH,
    Purpose.LAW_ENFORCEMENT: Use.PROCEEDINGS,
}


def patients_shown(
    *, discloser: Organization, reader: Person, purpose: Purpose, at: datetime
) -> frozenset[str]:
    """Keys of the patients whose records of overdoses this person may see now, by consent or in an emergency.

    Publishing names no consent: no record is published.
    """
    recipient, use = reader.organization, _USES.get(purpose)
    if recipient is None or use is None:
        return frozenset()
    standing = PatientConsent.objects.standing(at).filter(discloser=discloser)
    by_patient: dict[str, list[Consent]] = defaultdict(list)
    for consent in standing.consents():
        by_patient[consent.patient].append(consent)
    wishes = {
        patient: Disclosure(
            patient=patient,
            discloser=discloser.sharing_id,
            recipient=recipient.sharing_id,
            use=use,
            scope=frozenset({Information.OVERDOSES}),
            at=at,
        )
        for patient in by_patient
    }
    permitted = {
        patient
        for patient, wish in wishes.items()
        if isinstance(decide_disclosure(wish, by_patient[patient]), Permitted)
    }
    return frozenset(permitted | _in_emergencies(discloser, reader, purpose, at))


def _in_emergencies(discloser: Organization, reader: Person, purpose: Purpose, at: datetime) -> set[str]:
    """Only to answer: an emergency is no reason to count or to evaluate."""
    if purpose is not Purpose.RESPONSE:
        return set()
    found = Emergency.objects.open_to(reader, at).filter(discloser=discloser)
    return set(found.values_list("patient", flat=True))


def consents_for(officer: Person) -> QuerySet[PatientConsent]:
    """Those that this person may revoke: of their own organization, all for the backbone."""
    listed = PatientConsent.objects.select_related("discloser", "intermediary").prefetch_related("recipients")
    return listed if _sees_all(officer) else listed.filter(discloser=officer.organization)


def emergencies_for(officer: Person) -> QuerySet[Emergency]:
    """Those that this person may review; the unreviewed first."""
    listed = Emergency.objects.select_related("discloser", "recipient", "broken_by", "reviewed_by")
    mine = listed if _sees_all(officer) else listed.filter(discloser=officer.organization)
    return mine.order_by(F("reviewed_at").asc(nulls_first=True), "-broken_at")


def _sees_all(officer: Person) -> bool:
    return officer.organization is not None and officer.organization.is_backbone
