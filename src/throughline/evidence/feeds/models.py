"""Feeds, their saved mappings, and the deliveries received through them."""

import uuid
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization


class FeedQuerySet(models.QuerySet["Feed"]):
    def with_clock(self) -> "FeedQuerySet":
        """Adds `last_received_at`, and `waiting_since`: the last file, or the first mapping where none came."""
        first_mapping = Mapping.objects.filter(feed=OuterRef("pk")).order_by("version").values("saved_at")[:1]
        last = Max("deliveries__received_at")
        return self.annotate(last_received_at=last, waiting_since=Coalesce(last, Subquery(first_mapping)))


class Feed(models.Model):
    """A stream of files of one kind from one organization."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    provider = models.ForeignKey(Organization, models.PROTECT, related_name="feeds")
    steward = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="feeds")
    format = models.CharField(max_length=40, default="tabular")  # a key of throughline.formats
    # The promised rhythm: a feed that stays silent for twice as long raises a signal.
    expected_every_days = models.PositiveSmallIntegerField(null=True, blank=True)

    # Indicators that are counted from this feed. Several agencies report one overdose; each indicator names its
    # sources, so that nothing is counted twice.
    counts_for = models.JSONField(default=list, blank=True)

    objects = FeedQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def mapping(self) -> "Mapping | None":
        """The mapping in use: the newest version."""
        return self.mappings.first()


class Mapping(models.Model):
    """One version of how a feed's columns are read; versions are added, never changed."""

    feed = models.ForeignKey(Feed, models.PROTECT, related_name="mappings")
    version = models.PositiveIntegerField()
    definition = models.JSONField()
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["feed", "version"], name="mapping_version_once_per_feed")
        ]

    def __str__(self) -> str:
        return f"{self.feed}, version {self.version}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def usable_by(self, at: datetime) -> "DeliveryQuerySet":
        return self.filter(usable_at__lte=at)


class Delivery(models.Model):
    """The receipt of one file; its row is the commit point, without which the events are invisible."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    feed = models.ForeignKey(Feed, models.PROTECT, related_name="deliveries")
    mapping = models.ForeignKey(Mapping, models.PROTECT, related_name="deliveries")
    replay_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="replays")
    file_name = models.CharField(max_length=255)
    file_sha256 = models.CharField(max_length=64)
    file_bytes = models.PositiveBigIntegerField()
    received_at = models.DateTimeField()  # when the agency handed it over
    usable_at = models.DateTimeField()  # when its events could first be counted
    recorded_at = models.DateTimeField(auto_now_add=True)  # later than both where history was brought in
    received_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    door = models.CharField(max_length=20)  # upload, cli, task
    rows = models.PositiveIntegerField()
    accepted = models.PositiveIntegerField()
    revisions = models.PositiveIntegerField(default=0)  # of the accepted: newer versions of known records
    duplicates = models.PositiveIntegerField()
    quarantined = models.PositiveIntegerField()
    unplaced = models.PositiveIntegerField(default=0)  # of the accepted: no place could be given
    reasons = models.JSONField(default=list)  # [{"field", "reason", "rows"}], the commonest first
    place_methods = models.JSONField(default=dict)  # how places were found -> accepted rows
    first_occurred_at = models.DateTimeField(null=True, blank=True)
    last_occurred_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-recorded_at"]
        indexes = [models.Index(fields=["feed", "usable_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["feed", "file_sha256", "mapping"],
                condition=Q(replay_of__isnull=True),
                name="a_file_is_received_once_per_mapping",
            ),
            models.UniqueConstraint(
                fields=["replay_of", "mapping"],
                condition=Q(replay_of__isnull=False),
                name="quarantine_replayed_once_per_mapping",
            ),
            models.CheckConstraint(
                condition=Q(rows=F("accepted") + F("duplicates") + F("quarantined")), name="no_row_is_lost"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.feed})"


class Intake(models.Model):
    """A file on its way in: shows progress, and keeps the reason where it could not be read."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    feed = models.ForeignKey(Feed, models.PROTECT, related_name="intakes")
    file_name = models.CharField(max_length=255)
    path = models.CharField(max_length=500)  # relative to settings.INBOX_DIR
    handed_over_at = models.DateTimeField()
    handed_over_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    share_read = models.FloatField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    delivery = models.ForeignKey(Delivery, models.PROTECT, null=True, blank=True, related_name="intakes")
    refusal = models.TextField(blank=True)  # why the whole file could not be read

    class Meta:
        ordering = ["-handed_over_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, delivery__isnull=True, refusal="")
                | Q(finished_at__isnull=False, delivery__isnull=False, refusal="")
                | (Q(finished_at__isnull=False, delivery__isnull=True) & ~Q(refusal="")),
                name="intake_ends_in_a_delivery_or_a_refusal",
            )
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def file(self) -> Path:
        return settings.INBOX_DIR / self.path
