"""Signals: anything that a named person must answer."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from throughline.members.accounts.models import Person
from throughline.members.places.models import Place
from throughline.signals.kinds import SignalKind, kind_or_name


class Verdict(models.TextChoices):
    WORKED = "worked", _("Answered, and it worked")
    DID_NOT = "did_not", _("Answered, and it did not work")
    CANNOT_TELL = "cannot_tell", _("Answered, and we can't tell yet")
    FALSE_ALARM = "false_alarm", _("False alarm")


class SignalQuerySet(models.QuerySet["Signal"]):
    def open(self) -> "SignalQuerySet":
        return self.filter(closed_at__isnull=True)

    def waiting(self) -> "SignalQuerySet":
        """Those that still need an answer: open, and what they tell of isn't over by itself."""
        return self.open().filter(over_at__isnull=True)

    def unacknowledged(self) -> "SignalQuerySet":
        return self.waiting().filter(acknowledged_at__isnull=True)

    def late(self, at: datetime) -> "SignalQuerySet":
        """Nobody has acknowledged it and its clock has run out."""
        return self.unacknowledged().filter(due_at__lt=at)

    def owned_by(self, person: Person) -> "SignalQuerySet":
        return self.filter(owner=person)


class Signal(models.Model):
    kind = models.CharField(max_length=40)
    # What makes two findings the same signal, such as "spike:overdoses:ward-8:2026-03-07".
    fingerprint = models.CharField(max_length=200, unique=True)
    title = models.CharField(max_length=200)
    sentence = models.TextField(blank=True)  # the finding in plain words
    places = models.ManyToManyField(Place, blank=True, related_name="signals")
    begins_on = models.DateField(null=True, blank=True)  # the days that the finding is about
    ends_on = models.DateField(null=True, blank=True)
    evidence = models.JSONField(default=dict)  # counts only, never a row about a person
    raised_at = models.DateTimeField()
    owner = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="signals")
    due_at = models.DateTimeField()  # acknowledge by
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    # What it tells of has ended by itself, such as a silence with the next file. It can still be closed.
    over_at = models.DateTimeField(null=True, blank=True)
    over_because = models.TextField(blank=True)  # in a sentence
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    verdict = models.CharField(max_length=20, choices=Verdict, blank=True)
    closing_note = models.TextField(blank=True)

    objects = SignalQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at", "-pk"]
        indexes = [models.Index(fields=["closed_at", "due_at"]), models.Index(fields=["kind", "raised_at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="signal_acknowledged_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(over_at__isnull=True, over_because="")
                | (Q(over_at__isnull=False) & ~Q(over_because="")),
                name="signal_over_at_and_because",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True, verdict="")
                | (Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(verdict="")),
                name="signal_closed_at_by_and_verdict",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def of_kind(self) -> SignalKind:
        return kind_or_name(self.kind)

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def is_waiting(self) -> bool:
        return self.is_open and self.over_at is None
