"""What is done with consents: recorded, revoked; and with emergencies: the glass broken, and reviewed."""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from throughline.evidence.consents.models import Emergency, PatientConsent
from throughline.ledger.actions import record
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization
from throughline.policy.consent import Disclosure, Information, Use, Withheld, decide_disclosure
from throughline.policy.notice import REDISCLOSURE


@transaction.atomic
def record_consent(
    *,
    patient: str,
    discloser: Organization,
    recipients: Iterable[Organization],
    uses: Iterable[str],
    scope: Iterable[str],
    signed_at: datetime,
    signature_sha256: str,
    by: Person,
    at: datetime,
    for_treating_providers: bool = False,
    intermediary: Organization | None = None,
    expires_at: datetime | None = None,
    expires_with: str = "",
) -> PatientConsent:
    """Keep a consent that a patient has signed with the discloser. The ledger doesn't say whose it is.

    Raises ValidationError where it lacks an element of 42 CFR 2.31.
    """
    _require_officer(by, discloser)
    if signed_at > at:
        raise ValidationError({"signed_at": _("A consent is recorded after it was signed.")})
    consent = PatientConsent(
        patient=patient,
        discloser=discloser,
        for_treating_providers=for_treating_providers,
        intermediary=intermediary,
        uses=sorted(set(uses)),
        scope=sorted(set(scope)),
        signed_at=signed_at,
        signature_sha256=signature_sha256,
        expires_at=expires_at,
        expires_with=expires_with,
        recorded_at=at,
        recorded_by=by,
    )
    consent.full_clean()
    consent.save()
    consent.recipients.set(recipients)
    _require_whole(consent)
    detail = {"discloser": discloser.name, "uses": consent.uses, "scope": consent.scope}
    record("record_consent", by=by, at=at, subject=consent, detail=detail)
    return consent


@transaction.atomic
def revoke_consent(*, consent: PatientConsent, reason: str, by: Person, at: datetime) -> None:
    """Void it from this instant on; also where the event or condition came with which it expires."""
    consent = PatientConsent.objects.select_for_update().get(pk=consent.pk)
    _require_officer(by, consent.discloser)
    if consent.revoked_at:
        raise ValidationError(_("This consent was revoked already."))
    consent.revoked_at, consent.revoked_by, consent.revocation_reason = at, by, reason
    consent.save(update_fields=["revoked_at", "revoked_by", "revocation_reason"])
    record("revoke_consent", by=by, at=at, subject=consent)


@transaction.atomic
def break_glass(*, patient: str, discloser: Organization, reason: str, by: Person, at: datetime) -> Emergency:
    """Open a patient's records to this person for a day, without consent, because a life is in danger.

    The ledger keeps that it was done; the reason, which may tell of the patient, stays with the emergency.
    """
    if by.organization is None:
        raise ValidationError(_("Who belongs to no organization receives nothing."))
    wish = Disclosure(
        patient=patient,
        discloser=discloser.sharing_id,
        recipient=by.organization.sharing_id,
        use=Use.TREATMENT,
        scope=frozenset({Information.OVERDOSES}),
        at=at,
        emergency=reason.strip(),
    )
    answer = decide_disclosure(wish, [])
    if isinstance(answer, Withheld):
        raise ValidationError({"reason": _("Say what the emergency is.")})
    emergency = Emergency(
        patient=patient,
        discloser=discloser,
        recipient=by.organization,
        reason=reason,
        broken_at=at,
        broken_by=by,
        notice_version=answer.notice.version,
    )
    emergency.full_clean()
    emergency.save()
    detail = {"discloser": discloser.name, "recipient": by.organization.name, "notice": REDISCLOSURE.version}
    record("break_glass", by=by, at=at, subject=emergency, detail=detail)
    return emergency


@transaction.atomic
def review_break_glass(
    *, emergency: Emergency, was_justified: bool, finding: str, by: Person, at: datetime
) -> None:
    """Say afterwards whether the emergency was one. The person who broke the glass can't."""
    emergency = Emergency.objects.select_for_update().get(pk=emergency.pk)
    if emergency.broken_by == by:
        raise ValidationError(_("Another person reviews this, not the one who broke the glass."))
    _require_officer(by, emergency.discloser)
    if emergency.reviewed_at:
        raise ValidationError(_("This emergency was reviewed already."))
    emergency.reviewed_at, emergency.reviewed_by = at, by
    emergency.was_justified, emergency.finding = was_justified, finding
    emergency.save(update_fields=["reviewed_at", "reviewed_by", "was_justified", "finding"])
    record("review_break_glass", by=by, at=at, subject=emergency, detail={"was_justified": was_justified})


def _require_officer(by: Person, discloser: Organization) -> None:
    of_the_backbone = by.organization is not None and by.organization.is_backbone
    if by.organization != discloser and not of_the_backbone:
        raise ValidationError(
            _("Only a person of %(name)s can do this, or of the backbone.") % {"name": discloser}
        )


def _require_whole(consent: PatientConsent) -> None:
    try:
        consent.consent()
    except ValueError as fault:
        raise ValidationError(str(fault)) from fault
