"""Commitments: who will do what by when; proofs; slips."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from throughline.evidence.agreements.models import Agreement
from throughline.indicators import INDICATORS
from throughline.members.accounts.models import Person
from throughline.members.groups.models import Group
from throughline.signals.models import Signal


class Outcome(models.TextChoices):
    DONE = "done", _("Done")
    DROPPED = "dropped", _("Dropped")


class CommitmentQuerySet(models.QuerySet["Commitment"]):
    def open(self) -> "CommitmentQuerySet":
        return self.filter(closed_at__isnull=True)

    def overdue(self, on: date) -> "CommitmentQuerySet":
        return self.open().filter(due_on__lt=on)

    def of(self, person: Person) -> "CommitmentQuerySet":
        return self.filter(Q(owner=person) | Q(deputy=person))


class Commitment(models.Model):
    """A promise of a named person; it can't be saved without owner, deputy and due date."""

    what = models.CharField(max_length=300)
    owner = models.ForeignKey(Person, models.PROTECT, related_name="commitments")
    deputy = models.ForeignKey(Person, models.PROTECT, related_name="commitments_deputised")
    due_on = models.DateField()
    first_due_on = models.DateField()
    group = models.ForeignKey(Group, models.PROTECT, null=True, blank=True, related_name="commitments")
    signal = models.ForeignKey(Signal, models.PROTECT, null=True, blank=True, related_name="commitments")
    measure = models.CharField(max_length=60, blank=True)  # a key of throughline.indicators
    paid_from = models.CharField(max_length=200, blank=True)
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="commitments"
    )
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    closing_note = models.TextField(blank=True)

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["closed_at", "due_on"])]
        constraints = [
            models.CheckConstraint(condition=~Q(owner=F("deputy")), name="commitment_deputy_is_someone_else"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True, outcome="")
                | (Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(outcome="")),
                name="commitment_closed_at_by_and_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="dropped") | ~Q(closing_note=""), name="commitment_dropped_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.what

    @property
    def measure_name(self) -> str:
        indicator = INDICATORS.get(self.measure)
        return gettext(indicator.name) if indicator else self.measure


class Proof(models.Model):
    """Why we may believe that it was done."""

    class Kind(models.TextChoices):
        LINK = "link", _("A link")
        NUMBER = "number", _("A number")
        FILE = "file", _("A file")
        ATTESTATION = "attestation", _("A named person's word")

    commitment = models.ForeignKey(Commitment, models.PROTECT, related_name="proofs")
    kind = models.CharField(max_length=20, choices=Kind)
    statement = models.TextField()
    link = models.URLField(blank=True)
    number = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    file = models.FileField(upload_to="proofs/%Y/%m", blank=True)
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["given_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="attestation")
                | (Q(kind="link") & ~Q(link=""))
                | Q(kind="number", number__isnull=False)
                | (Q(kind="file") & ~Q(file="")),
                name="proof_holds_what_its_kind_says",
            )
        ]

    def __str__(self) -> str:
        return self.statement


class Slip(models.Model):
    """A due date that moved: asked for in time it is a renegotiation, later it is a slip that counts."""

    commitment = models.ForeignKey(Commitment, models.PROTECT, related_name="slips")
    from_on = models.DateField()
    to_on = models.DateField()
    reason = models.TextField()
    counts = models.BooleanField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(to_on__gt=F("from_on")), name="slip_moves_to_a_later_day")
        ]

    def __str__(self) -> str:
        return f"{self.from_on} -> {self.to_on}"
