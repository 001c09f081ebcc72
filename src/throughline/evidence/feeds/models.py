"""Feeds, their saved mappings, and the deliveries received through them."""

import uuid
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from throughline.evidence.agreements.models import Destruction
from throughline.formats.faults import Reason
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization

_BEFORE_THE_NEXT_TRY, _SOON = timedelta(hours=1), timedelta(days=30)


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

    # Records of treatment under 42 CFR Part 2: shown only with the patient's consent. A record's key begins with the
    # patient's, and a stroke where one patient has several: P-1041/7.
    is_part2 = models.BooleanField(default=False)

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


class Door(models.TextChoices):
    """How files come in; all doors end in the same inbox."""

    UPLOAD = "upload", _("uploaded on a page")
    FORM = "form", _("reported on a form")
    API = "api", _("sent by a program")
    FOLDER = "folder", _("laid into the folder")
    MLLP = "mllp", _("sent as HL7 messages")
    CLI = "cli", _("brought in on the command line")
    REPLAY = "replay", _("read again from quarantine")
    REREAD = "reread", _("read again after an earlier file was withdrawn or mended")
    WAITED = "waited", _("had waited for its record")
    AGAIN = "again", _("received again")


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def usable_by(self, at: datetime) -> "DeliveryQuerySet":
        """What counted at that instant: usable by then, and not withdrawn by then."""
        return self.filter(Q(withdrawn_at=None) | Q(withdrawn_at__gt=at), usable_at__lte=at)

    def standing(self) -> "DeliveryQuerySet":
        """Those that nobody has withdrawn."""
        return self.filter(withdrawn_at=None)

    def kept(self) -> "DeliveryQuerySet":
        """Those whose files are there: not destroyed at the end of an agreement."""
        return self.filter(destruction=None)

    def due(self, at: datetime) -> "DeliveryQuerySet":
        """Those to be read again, the oldest first; one that couldn't be read is left alone for an hour."""
        tried_lately = Q(reread_failed_at__gt=at - _BEFORE_THE_NEXT_TRY)
        due = self.standing().filter(reread_due=True).exclude(tried_lately)
        return due.order_by("received_at", "usable_at")

    def unreadable(self) -> "DeliveryQuerySet":
        """Those that must be read again and can't: their file is missing or damaged."""
        return self.standing().filter(reread_due=True).exclude(reread_failed_at=None)


class Delivery(models.Model):
    """The receipt of one file; its row is the commit point, without which the events are invisible."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    feed = models.ForeignKey(Feed, models.PROTECT, related_name="deliveries")
    mapping = models.ForeignKey(Mapping, models.PROTECT, related_name="deliveries")
    replay_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="replays")
    # The delivery that brought the records to which rows that were set aside before add.
    waited_for = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="awaited_by")
    file_name = models.CharField(max_length=255)
    file_sha256 = models.CharField(max_length=64)
    file_bytes = models.PositiveBigIntegerField()
    received_at = models.DateTimeField()  # when the agency handed it over
    usable_at = models.DateTimeField()  # when its events could first be counted
    recorded_at = models.DateTimeField(auto_now_add=True)  # later than both where history was brought in
    received_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    door = models.CharField(max_length=20)  # how the file came: see Door
    rows = models.PositiveIntegerField()
    accepted = models.PositiveIntegerField()
    revisions = models.PositiveIntegerField(default=0)  # of the accepted: newer versions of known records
    deleted = models.PositiveIntegerField(default=0)  # of the accepted: records that the source took back
    duplicates = models.PositiveIntegerField()
    # Of the duplicates: of this file; old receipts don't say.
    repeated = models.PositiveIntegerField(null=True)
    quarantined = models.PositiveIntegerField()
    unplaced = models.PositiveIntegerField(default=0)  # of the accepted: no place could be given
    reasons = models.JSONField(default=list)  # [{"field", "reason", "rows"}], the commonest first
    place_methods = models.JSONField(default=dict)  # how places were found -> accepted rows
    first_occurred_at = models.DateTimeField(null=True, blank=True)
    last_occurred_at = models.DateTimeField(null=True, blank=True)

    # Its events count up to this instant and no longer; the files stay, so that earlier views can be shown again.
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawal_reason = models.TextField(blank=True)
    # Its files are gone as well, or about to be; the certificate names them.
    destruction = models.ForeignKey(
        Destruction, models.PROTECT, null=True, blank=True, related_name="deliveries"
    )
    # What it repeated of a delivery that was withdrawn was not kept twice, and what it adds to records builds on
    # what earlier files say of them: where these change, the file must be read again.
    reread_due = models.BooleanField(default=False)
    reread_failed_at = models.DateTimeField(null=True, blank=True)  # the last try

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-recorded_at"]
        indexes = [
            models.Index(fields=["feed", "usable_at"]),
            # The worker asks every few seconds; hardly a row ever answers.
            models.Index(fields=["received_at"], condition=Q(reread_due=True), name="delivery_reread_due"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["feed", "file_sha256", "mapping"],
                condition=Q(replay_of__isnull=True, withdrawn_at__isnull=True),
                name="a_file_is_received_once_per_mapping",
            ),
            models.UniqueConstraint(
                fields=["replay_of", "mapping"],
                condition=Q(replay_of__isnull=False, door="replay", withdrawn_at__isnull=True),
                name="quarantine_replayed_once_per_mapping",
            ),
            models.CheckConstraint(
                condition=Q(rows=F("accepted") + F("duplicates") + F("quarantined")), name="no_row_is_lost"
            ),
            models.CheckConstraint(
                condition=Q(repeated__isnull=True) | Q(repeated__lte=F("duplicates")),
                name="repeated_rows_are_duplicates",
            ),
            models.CheckConstraint(
                condition=Q(door="waited", waited_for__isnull=False, replay_of__isnull=False)
                | (~Q(door="waited") & Q(waited_for__isnull=True)),
                name="what_had_waited_names_what_for",
            ),
            models.CheckConstraint(
                condition=Q(reread_failed_at__isnull=True) | Q(reread_due=True),
                name="only_what_is_due_failed_to_be_reread",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawal_reason="")
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawal_reason="")),
                name="delivery_withdrawn_at_by_and_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.feed})"

    @property
    def received_before(self) -> int | None:
        """Rows that had come in earlier files, unchanged; None on receipts of earlier versions."""
        return None if self.repeated is None else self.duplicates - self.repeated

    @property
    def waits(self) -> bool:
        """Whether rows were set aside because they add to records that weren't known."""
        return any(reason["reason"] == Reason.NO_RECORD for reason in self.reasons)

    @property
    def file_is_its_own(self) -> bool:
        """Whether it came as a file, and isn't another reading of an earlier one."""
        return self.door not in (Door.REPLAY, Door.REREAD, Door.WAITED)

    @property
    def door_in_words(self) -> str:
        return Door(self.door).label if self.door in Door.values else self.door


class FeedTokenQuerySet(models.QuerySet["FeedToken"]):
    def unrevoked(self) -> "FeedTokenQuerySet":
        return self.filter(revoked_at=None)

    def ending(self, on: date) -> "FeedTokenQuerySet":
        """Those that expire within 30 days, or have expired, and that nobody has revoked."""
        return self.unrevoked().filter(expires_on__lte=on + _SOON).order_by("expires_on")


class FeedToken(models.Model):
    """Lets an agency's program hand over files of one feed; only a hash is kept of what the program shows."""

    feed = models.ForeignKey(Feed, models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=100)  # of the program or server that holds it
    sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    expires_on = models.DateField(null=True, blank=True)  # its last day
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    objects = FeedTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["feed", "name"],
                condition=Q(revoked_at__isnull=True),
                name="one_working_token_of_a_name_per_feed",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="token_revoked_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def has_expired(self, on: date) -> bool:
        return self.expires_on is not None and self.expires_on < on


class Intake(models.Model):
    """A file on its way in: shows progress, and keeps the reason where it could not be read."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    feed = models.ForeignKey(Feed, models.PROTECT, related_name="intakes")
    file_name = models.CharField(max_length=255)
    path = models.CharField(max_length=500)  # relative to settings.INBOX_DIR
    handed_over_at = models.DateTimeField()
    handed_over_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    # Who did, as the ledger says it, if no person.
    handed_over_as = models.CharField(max_length=200, blank=True)
    door = models.CharField(max_length=20)
    share_read = models.FloatField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    delivery = models.ForeignKey(Delivery, models.PROTECT, null=True, blank=True, related_name="intakes")
    refusal = models.TextField(blank=True)  # why the whole file could not be read

    class Meta:
        ordering = ["-handed_over_at"]
        indexes = [
            models.Index(fields=["feed", "handed_over_at"], name="intake_of_feed_by_time"),
            models.Index(fields=["handed_over_at"], condition=Q(finished_at=None), name="intake_waiting"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, delivery__isnull=True, refusal="")
                | Q(finished_at__isnull=False, delivery__isnull=False, refusal="")
                | (Q(finished_at__isnull=False, delivery__isnull=True) & ~Q(refusal="")),
                name="intake_ends_in_a_delivery_or_a_refusal",
            ),
            models.CheckConstraint(
                condition=Q(handed_over_by__isnull=False, handed_over_as="")
                | (Q(handed_over_by__isnull=True) & ~Q(handed_over_as="")),
                name="intake_handed_over_by_a_person_or_a_program",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def file(self) -> Path:
        return settings.INBOX_DIR / self.path

    @property
    def by(self) -> object:
        """Who handed it over, as the ledger takes it."""
        return self.handed_over_by or self.handed_over_as
