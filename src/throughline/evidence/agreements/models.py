"""Agreements between organizations, and their signatures."""

from datetime import date, datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization
from throughline.members.places.models import Place
from throughline.members.places.queries import codes_inside
from throughline.policy.sharing import Purpose, Terms


class Stage(models.TextChoices):
    """Where an agreement stands on a day; derived, never stored."""

    DRAFT = "draft", _("Waiting for signatures")
    SIGNED = "signed", _("Signed, not begun")
    IN_FORCE = "in_force", _("In force")
    EXPIRED = "expired", _("Expired")
    TERMINATED = "terminated", _("Terminated")


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def in_force(self, on: date) -> "AgreementQuerySet":
        """Signed by all its parties, begun, not ended, not terminated."""
        return self.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=on),
            Q(terminated_on__isnull=True) | Q(terminated_on__gt=on),
            signed_at__isnull=False,
            starts_on__lte=on,
        )

    def covering(self, feed: str, *, provider: Organization) -> "AgreementQuerySet":
        """Only who sends a feed can share it: an agreement that others sign over it shares nothing."""
        return self.filter(feed=feed, provider=provider)

    def signed(self, at: datetime) -> "AgreementQuerySet":
        """Those that the last party had signed by then."""
        return self.filter(signed_at__lte=at)

    def terms(self) -> list[Terms]:
        """What the sharing rules evaluate."""
        parties = self.select_related("provider").prefetch_related("recipients", "onward_recipients")
        return [found.terms() for found in parties]


class Agreement(models.Model):
    """What one organization lets others read of one feed, for what, until when."""

    title = models.CharField(max_length=200)
    feed = models.SlugField(max_length=60)  # a Feed's key: feeds stand above agreements
    provider = models.ForeignKey(Organization, models.PROTECT, related_name="agreements_given")
    recipients = models.ManyToManyField(Organization, related_name="agreements_received")
    purposes = models.JSONField()  # values of policy.sharing.Purpose
    fields = models.JSONField()  # names of formats.event.EVENT_FIELDS
    minimum_cell = models.PositiveSmallIntegerField(default=10)
    forbidden_purposes = models.JSONField(default=list, blank=True)  # for every reader, whatever others allow
    precision = models.JSONField(default=dict, blank=True)  # field -> one of policy.precision.PRECISIONS
    rows = models.JSONField(
        default=dict, blank=True
    )  # field -> values: only such records; places stand for areas
    onward_recipients = models.ManyToManyField(Organization, blank=True, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    clauses = models.JSONField(default=dict, blank=True)  # term -> the agreement's own sentence
    drafted_at = models.DateTimeField()
    drafted_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)  # when the last party signed
    terminated_on = models.DateField(null=True, blank=True)
    terminated_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    objects = AgreementQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="agreement_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(terminated_on__isnull=True, terminated_by__isnull=True)
                | Q(terminated_on__isnull=False, terminated_by__isnull=False),
                name="agreement_terminated_on_and_by",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def parties(self) -> list[Organization]:
        """The provider, then the recipients: all must sign."""
        return [self.provider, *(party for party in self.recipients.all() if party != self.provider)]

    def unsigned_parties(self) -> list[Organization]:
        signed = set(self.signatures.values_list("organization_id", flat=True))
        return [party for party in self.parties() if party.pk not in signed]

    def stage(self, on: date) -> "Stage":
        if self.terminated_on and self.terminated_on <= on:
            return Stage.TERMINATED
        if self.ends_on and self.ends_on < on:
            return Stage.EXPIRED
        if self.signed_at is None:
            return Stage.DRAFT
        return Stage.IN_FORCE if self.starts_on <= on else Stage.SIGNED

    def terms(self) -> Terms:
        """What the sharing rules evaluate."""
        return Terms(
            agreement=str(self.pk),
            title=self.title,
            feed=self.feed,
            provider=self.provider.sharing_id,
            recipients=frozenset(organization.sharing_id for organization in self.recipients.all()),
            purposes=frozenset(Purpose(purpose) for purpose in self.purposes),
            fields=frozenset(self.fields),
            minimum_cell=self.minimum_cell,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            terminated_on=self.terminated_on,
            forbidden_purposes=frozenset(Purpose(purpose) for purpose in self.forbidden_purposes),
            onward_recipients=frozenset(passed_to.sharing_id for passed_to in self.onward_recipients.all()),
            precision=self.precision,
            rows=self._rows_by_code(),
            clauses=self.clauses,
        )

    def _rows_by_code(self) -> dict[str, frozenset[str]]:
        """The conditions on rows, an area's own parts included."""
        rows = {field: frozenset(values) for field, values in self.rows.items()}
        if "place" in rows:
            rows["place"] |= frozenset(codes_inside(Place.objects.filter(code__in=rows["place"])))
        return rows


class Signature(models.Model):
    """One party's signature; the agreement is in force when the provider and every recipient have signed."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="signatures")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="signatures")
    signed_at = models.DateTimeField()
    signed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["signed_at"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "organization"], name="one_signature_per_party")
        ]

    def __str__(self) -> str:
        return f"{self.organization}: {self.agreement}"
