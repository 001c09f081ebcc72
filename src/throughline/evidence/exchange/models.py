"""Other installations, what was answered to them for ever, and the documents that went and came."""

from django.db import models

from throughline.evidence.agreements.models import Agreement
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization


class Neighbour(models.Model):
    """An organization that runs another installation, and the key by which its documents are known."""

    organization = models.OneToOneField(Organization, models.PROTECT, related_name="neighbour")
    public_key = models.CharField(max_length=64, unique=True)  # Ed25519, hexadecimal
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["organization__name"]

    def __str__(self) -> str:
        return str(self.organization)


class Answer(models.Model):
    """A feed's counts of one month as they were first given away; the same ever after, to whomever.

    Two answers about the same records could be subtracted: so there is one for each month, of one indicator.
    """

    feed = models.SlugField(max_length=60)
    month = models.DateField()  # its first day
    indicator = models.CharField(max_length=60)
    minimum_cell = models.PositiveSmallIntegerField()
    rows = models.JSONField(default=dict)  # the agreement's conditions on records: see Agreement.rows
    places = models.JSONField()  # code -> count, null where withheld
    unplaced = models.PositiveIntegerField(null=True, blank=True)
    total = models.PositiveIntegerField(null=True, blank=True)
    answered_at = models.DateTimeField()
    answered_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["feed", "month"]
        constraints = [models.UniqueConstraint(fields=["feed", "month"], name="a_month_is_answered_once")]

    def __str__(self) -> str:
        return f"{self.feed} {self.month:%Y-%m}"


class Document(models.Model):
    """What is kept of a document, whichever way it went."""

    neighbour = models.ForeignKey(Neighbour, models.PROTECT)
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="+")
    serial = models.PositiveIntegerField()
    text = models.TextField()
    sha256 = models.CharField(max_length=64)  # of its content: the ledgers of both sides name it

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.neighbour} {self.serial}"


class SentCounts(Document):
    neighbour = models.ForeignKey(Neighbour, models.PROTECT, related_name="sent")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-made_at", "-serial"]
        constraints = [models.UniqueConstraint(fields=["neighbour", "serial"], name="sent_serial_once")]


class ReceivedCounts(Document):
    neighbour = models.ForeignKey(Neighbour, models.PROTECT, related_name="received")
    received_at = models.DateTimeField()
    received_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-received_at", "-serial"]
        constraints = [models.UniqueConstraint(fields=["neighbour", "serial"], name="received_serial_once")]
