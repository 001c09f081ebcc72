"""Versions of case definitions that this coalition adopted beside the shipped ones, and the feeds that they count."""

from datetime import datetime

from django.db import models

from throughline.evidence.feeds.models import Feed
from throughline.members.accounts.models import Person


class AdoptedVersion(models.Model):
    """One version of a definition, as it was adopted here; versions are added, never changed."""

    key = models.SlugField(max_length=60)  # the document's id
    version = models.PositiveIntegerField()
    document = models.JSONField()
    note = models.TextField()  # why
    adopted_at = models.DateTimeField()
    adopted_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["key", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="definition_version_adopted_once")
        ]

    def __str__(self) -> str:
        return f"{self.key}, version {self.version}"


class FeedDefinitionQuerySet(models.QuerySet["FeedDefinition"]):
    def as_of(self, at: datetime) -> "FeedDefinitionQuerySet":
        """Choices made by then, the newest first."""
        return self.filter(chosen_at__lte=at).order_by("-chosen_at", "-pk")


class FeedDefinition(models.Model):
    """Which definition says what a case is in a feed's records, from an instant on; none: every record is one."""

    feed = models.ForeignKey(Feed, models.PROTECT, related_name="definition_choices")
    key = models.SlugField(max_length=60, blank=True)
    chosen_at = models.DateTimeField()
    chosen_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    objects = FeedDefinitionQuerySet.as_manager()

    class Meta:
        ordering = ["-chosen_at"]

    def __str__(self) -> str:
        return f"{self.feed}: {self.key or '–'}"
