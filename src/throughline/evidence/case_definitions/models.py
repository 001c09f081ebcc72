"""Versions of case definitions and code lists adopted here beside the shipped ones, and the feeds that they count."""

from datetime import datetime
from typing import Self

from django.db import models

from throughline.definitions.vocabulary import Vocabulary
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


class AdoptedVocabularyQuerySet(models.QuerySet["AdoptedVocabulary"]):
    def in_force(self, at: datetime) -> Self:
        """The last version of each list that was adopted by then."""
        later = self.filter(key=models.OuterRef("key"), adopted_at__lte=at).order_by("-version")
        return self.filter(pk=models.Subquery(later.values("pk")[:1]))


class AdoptedVocabulary(models.Model):
    """One version of a code list, as it was adopted here; versions are added, never changed."""

    key = models.SlugField(max_length=60)
    version = models.PositiveIntegerField()
    dated_on = models.DateField()  # the day as of which the list is right
    source = models.TextField()
    columns = models.JSONField()  # their names, in order
    rows = models.JSONField()  # an object each: text by column
    adopted_at = models.DateTimeField()
    adopted_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    objects = AdoptedVocabularyQuerySet.as_manager()

    class Meta:
        ordering = ["key", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="vocabulary_version_adopted_once")
        ]

    def __str__(self) -> str:
        return f"{self.key}, version {self.version}"

    @property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary(self.key, tuple(self.columns), tuple(self.rows), self.version)


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
