"""Consents under 42 CFR Part 2 by keys of patients, and emergencies that opened a patient's records."""

from datetime import datetime, timedelta

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization
from throughline.policy.consent import TREATING_PROVIDERS, Consent, Information, Use

EMERGENCY_LASTS = timedelta(hours=24)

is_patient_key = RegexValidator(
    r"^[A-Za-z0-9_.-]*[0-9][A-Za-z0-9_.-]*$",
    _("The discloser's own key of the patient, with a digit and without spaces; never a name."),
)
is_sha256 = RegexValidator(r"^[0-9a-f]{64}$", _("64 hexadecimal digits: the SHA-256 of the signed paper."))


class ConsentQuerySet(models.QuerySet["PatientConsent"]):
    def standing(self, at: datetime) -> "ConsentQuerySet":
        """Signed, not expired and not revoked at that instant."""
        return self.filter(
            Q(expires_at=None) | Q(expires_at__gt=at),
            Q(revoked_at=None) | Q(revoked_at__gt=at),
            signed_at__lte=at,
        )

    def consents(self) -> list[Consent]:
        """What the rules evaluate."""
        found = self.select_related("discloser", "intermediary").prefetch_related("recipients")
        return [one.consent() for one in found]


class PatientConsent(models.Model):
    """One signed consent. It is never changed, only revoked: another wish is another consent."""

    patient = models.CharField(max_length=64, validators=[is_patient_key])
    discloser = models.ForeignKey(Organization, models.PROTECT, related_name="consents_held")
    recipients = models.ManyToManyField(Organization, related_name="consents_received", blank=True)
    for_treating_providers = models.BooleanField(default=False)
    intermediary = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="+")
    uses = models.JSONField()  # values of policy.consent.Use
    scope = models.JSONField()  # values of policy.consent.Information
    signed_at = models.DateTimeField()
    signature_sha256 = models.CharField(max_length=64, validators=[is_sha256])
    expires_at = models.DateTimeField(null=True, blank=True)
    expires_with = models.CharField(max_length=200, blank=True)  # an event or condition
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    revocation_reason = models.TextField(blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ["-signed_at", "-pk"]
        indexes = [models.Index(fields=["discloser", "patient"], name="consent_of_a_patient")]
        constraints = [
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="consent_revoked_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("signed_at")),
                name="consent_expires_after_it_was_signed",
            ),
        ]

    def __str__(self) -> str:
        return _("Consent %(number)s, %(discloser)s") % {"number": self.pk, "discloser": self.discloser}

    def consent(self) -> Consent:
        """What the rules evaluate. Raises ValueError where it is deficient on its face."""
        recipients = {organization.sharing_id for organization in self.recipients.all()}
        return Consent(
            consent=str(self.pk),
            patient=self.patient,
            discloser=self.discloser.sharing_id,
            recipients=frozenset(
                recipients | ({TREATING_PROVIDERS} if self.for_treating_providers else set())
            ),
            uses=frozenset(Use(use) for use in self.uses),
            scope=frozenset(Information(kind) for kind in self.scope),
            signed_at=self.signed_at,
            signature_sha256=self.signature_sha256,
            intermediary=self.intermediary.sharing_id if self.intermediary else "",
            expires_at=self.expires_at,
            expires_with=self.expires_with,
            revoked_at=self.revoked_at,
        )


class EmergencyQuerySet(models.QuerySet["Emergency"]):
    def open_to(self, person: Person, at: datetime) -> "EmergencyQuerySet":
        """Those that let this person see a patient's records at that instant."""
        return self.filter(broken_by=person, broken_at__lte=at, broken_at__gt=at - EMERGENCY_LASTS)

    def unreviewed(self) -> "EmergencyQuerySet":
        return self.filter(reviewed_at=None)


class Emergency(models.Model):
    """One person's way to a patient's records in a medical emergency (42 CFR 2.51), which another reviews."""

    patient = models.CharField(max_length=64, validators=[is_patient_key])
    discloser = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    recipient = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    reason = models.TextField()
    broken_at = models.DateTimeField()
    broken_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    notice_version = models.CharField(max_length=60)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    was_justified = models.BooleanField(null=True, blank=True)
    finding = models.TextField(blank=True)

    objects = EmergencyQuerySet.as_manager()

    class Meta:
        ordering = ["-broken_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, reviewed_by__isnull=True, was_justified__isnull=True)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False, was_justified__isnull=False),
                name="emergency_reviewed_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("broken_by")),
                name="emergency_reviewed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return _("Emergency %(number)s, %(discloser)s") % {"number": self.pk, "discloser": self.discloser}
