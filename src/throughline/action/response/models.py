"""Responses: what is being done about a signal."""

from django.db import models
from django.db.models import Q

from throughline.members.accounts.models import Person
from throughline.members.groups.models import Group
from throughline.signals.models import Signal


class Response(models.Model):
    """Opened when a signal is acknowledged; then a plan, help that moves, and a verdict on the signal."""

    signal = models.OneToOneField(Signal, models.PROTECT, related_name="response")
    group = models.ForeignKey(Group, models.PROTECT, null=True, blank=True, related_name="responses")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    plan = models.TextField(blank=True)
    planned_at = models.DateTimeField(null=True, blank=True)
    planned_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    moved_at = models.DateTimeField(null=True, blank=True)
    moved_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    movement = models.TextField(blank=True)  # what help went where

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(planned_at__isnull=True, planned_by__isnull=True, plan="")
                | (Q(planned_at__isnull=False, planned_by__isnull=False) & ~Q(plan="")),
                name="response_plan_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(moved_at__isnull=True, moved_by__isnull=True, movement="")
                | (Q(moved_at__isnull=False, moved_by__isnull=False) & ~Q(movement="")),
                name="response_movement_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(moved_at__isnull=True) | Q(planned_at__isnull=False),
                name="response_plans_before_it_moves",
            ),
        ]

    def __str__(self) -> str:
        return str(self.signal)
