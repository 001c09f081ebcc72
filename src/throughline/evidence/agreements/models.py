"""Agreements between organizations, and their signatures."""

from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from throughline.evidence.agreements.clauses.library import newest
from throughline.evidence.agreements.clauses.writing import digest_of, sentences_of
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization
from throughline.members.places.models import Place
from throughline.members.places.queries import codes_inside
from throughline.policy.sharing import Purpose, Terms
from throughline.policy.sharing.terms import TERMS


class Stage(models.TextChoices):
    """Where an agreement stands on a day; derived, never stored."""

    DRAFT = "draft", _("Being drafted")
    REVIEW = "review", _("With counsel")
    SIGNATURE = "signature", _("Waiting for signatures")
    SIGNED = "signed", _("Signed, not begun")
    IN_FORCE = "in_force", _("In force")
    EXPIRED = "expired", _("Expired")
    TERMINATED = "terminated", _("Terminated")
    AMENDED = "amended", _("Replaced by its amendment")
    SUSPENDED = "suspended", _("What it stands under is not in force")

    @classmethod
    def before_signing(cls) -> "frozenset[Stage]":
        """Those of a draft, whose text can still change."""
        return frozenset({cls.DRAFT, cls.REVIEW, cls.SIGNATURE})


class Tier(models.TextChoices):
    """What stands under what: a licence under a contributor's agreement, that under a memorandum."""

    MEMORANDUM = "memorandum", _("Umbrella memorandum")
    CONTRIBUTOR = "contributor", _("Contributor agreement")
    LICENCE = "licence", _("Use licence")


ABOVE = {Tier.CONTRIBUTOR: Tier.MEMORANDUM, Tier.LICENCE: Tier.CONTRIBUTOR}


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def in_force(self, on: date) -> "AgreementQuerySet":
        """Signed by all its parties, begun, not ended, not terminated, not amended."""
        return self.lasting(on).filter(starts_on__lte=on)

    def lasting(self, on: date) -> "AgreementQuerySet":
        """Those in force, and those that will be without anybody's doing: so are those that they stand under."""
        return self.filter(
            _lasts(on),
            Q(parent=None) | _lasts(on, "parent__"),
            Q(parent__parent=None) | _lasts(on, "parent__parent__"),
        )

    def covering(self, feed: str, *, provider: Organization) -> "AgreementQuerySet":
        """Only who sends a feed can share it: an agreement that others sign over it shares nothing."""
        return self.filter(feed=feed, provider=provider)

    def not_amended(self, on: date) -> "AgreementQuerySet":
        """Those that no later agreement has taken the place of."""
        return self.filter(Q(superseded_on__isnull=True) | Q(superseded_on__gt=on))

    def signed(self, at: datetime) -> "AgreementQuerySet":
        """Those that the last party had signed by then, as well as what they stand under."""
        return self.filter(
            Q(parent=None) | Q(parent__signed_at__lte=at),
            Q(parent__parent=None) | Q(parent__parent__signed_at__lte=at),
            signed_at__lte=at,
        )

    def terms(self) -> list[Terms]:
        """What the sharing rules evaluate."""
        versions = models.Prefetch("versions", Version.objects.defer("text"))
        parties = self.select_related("provider", "parent__parent").prefetch_related(
            "recipients", "onward_recipients"
        )
        return [found.terms() for found in parties.prefetch_related(versions)]


def _lasts(on: date, whose: str = "") -> Q:
    """Signed by all, not ended, not terminated, not amended; `whose` leads to the agreement, as lookups do."""
    not_over = Q(
        Q(**{f"{whose}ends_on": None}) | Q(**{f"{whose}ends_on__gte": on}),
        Q(**{f"{whose}terminated_on": None}) | Q(**{f"{whose}terminated_on__gt": on}),
        Q(**{f"{whose}superseded_on": None}) | Q(**{f"{whose}superseded_on__gt": on}),
    )
    return not_over & Q(**{f"{whose}signed_at__isnull": False})


class SignatureQuerySet(models.QuerySet["Signature"]):
    def of_text(self, text_hash: str) -> "SignatureQuerySet":
        """Those under this very text."""
        return self.filter(text_hash=text_hash)


class CommentQuerySet(models.QuerySet["Comment"]):
    def open(self) -> "CommentQuerySet":
        """Those that nobody has answered."""
        return self.filter(answered_at=None)


class Agreement(models.Model):
    """What one organization lets others read of one feed, for what, until when."""

    title = models.CharField(max_length=200)
    tier = models.CharField(max_length=20, choices=Tier, default=Tier.CONTRIBUTOR)
    # What it stands under: it is in force only while that is.
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    feed = models.SlugField(max_length=60, blank=True)  # a Feed's key: feeds stand above agreements
    provider = models.ForeignKey(Organization, models.PROTECT, related_name="agreements_given")
    recipients = models.ManyToManyField(Organization, related_name="agreements_received")
    purposes = models.JSONField()  # values of policy.sharing.Purpose
    fields = models.JSONField(blank=True)  # none in a memorandum; names of formats.event.EVENT_FIELDS
    minimum_cell = models.PositiveSmallIntegerField(default=10)
    forbidden_purposes = models.JSONField(default=list, blank=True)  # for every reader, whatever others allow
    precision = models.JSONField(default=dict, blank=True)  # field -> one of policy.precision.PRECISIONS
    # Field -> values: only such records; places stand for areas.
    rows = models.JSONField(default=dict, blank=True)
    onward_recipients = models.ManyToManyField(Organization, blank=True, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    # Keys of feeds whose records may be linked with these.
    linkages = models.JSONField(default=list, blank=True)
    breach_hours = models.PositiveSmallIntegerField(default=72)  # until the provider is told of a breach
    destruction_days = models.PositiveSmallIntegerField(default=30)  # after the end, until all is destroyed
    # Term -> what the parties add to the library's sentence.
    clauses = models.JSONField(default=dict, blank=True)
    drafted_at = models.DateTimeField()
    drafted_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    review_began_at = models.DateTimeField(null=True, blank=True)  # when counsel first got it
    offered_at = models.DateTimeField(null=True, blank=True)  # when it was last sent for signature
    signed_at = models.DateTimeField(null=True, blank=True)  # when the last party signed
    # Whose place it takes once all have signed it; until then that one stays in force.
    amends = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="amendments", editable=False
    )
    superseded_on = models.DateField(null=True, blank=True)  # from when on its amendment is in force
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
            models.CheckConstraint(
                condition=Q(tier=Tier.MEMORANDUM, parent=None, feed="")
                | (Q(tier=Tier.CONTRIBUTOR) & ~Q(feed=""))
                | (Q(tier=Tier.LICENCE, parent__isnull=False) & ~Q(feed="")),
                name="agreement_has_the_feed_and_parent_of_its_tier",
            ),
            models.UniqueConstraint(
                fields=["amends"],
                condition=Q(terminated_on__isnull=True),
                name="agreement_has_one_amendment_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def parties(self) -> list[Organization]:
        """The provider, then the recipients: all must sign."""
        return [self.provider, *(party for party in self.recipients.all() if party != self.provider)]

    @property
    def version(self) -> "Version | None":
        """The newest version of its text; None for what was drafted before texts were written."""
        return max(self.versions.all(), key=lambda version: version.number, default=None)

    @property
    def text_hash(self) -> str:
        """What signatures must bind to; empty for what was drafted before texts were written."""
        return self.version.text_hash if self.version else ""

    def concerns(self, person: Person) -> bool:
        """Whether the person belongs to a party, or to the backbone."""
        home = person.organization
        return home is not None and (home.is_backbone or home in self.parties())

    def unsigned_parties(self) -> list[Organization]:
        """Those that have not signed the text as it is now."""
        signed = set(self.signatures.of_text(self.text_hash).values_list("organization_id", flat=True))
        return [party for party in self.parties() if party.pk not in signed]

    def stage(self, on: date) -> "Stage":
        if self.terminated_on and self.terminated_on <= on:
            return Stage.TERMINATED
        if self.superseded_on and self.superseded_on <= on:
            return Stage.AMENDED
        if self.ends_on and self.ends_on < on:
            return Stage.EXPIRED
        if self.signed_at is None:
            return self._stage_before_signing()
        if self.parent and self.parent.stage(on) not in (Stage.SIGNED, Stage.IN_FORCE):
            return Stage.SUSPENDED
        return Stage.IN_FORCE if self.starts_on <= on else Stage.SIGNED

    def ended_on(self) -> date | None:
        """The first day on which nothing is shared under it any more; None where that is not known."""
        after_the_last = self.ends_on + timedelta(days=1) if self.ends_on else None
        days = [day for day in (after_the_last, self.terminated_on, self.superseded_on) if day]
        return min(days, default=None)

    def amendment(self) -> "Agreement | None":
        """What takes its place, or will once all have signed it."""
        return self.amendments.filter(terminated_on=None).first()

    def _stage_before_signing(self) -> "Stage":
        if self.offered_at:
            return Stage.SIGNATURE
        return Stage.REVIEW if self.review_began_at else Stage.DRAFT

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
            terminated_on=self._cut_short_on(),
            forbidden_purposes=frozenset(Purpose(purpose) for purpose in self.forbidden_purposes),
            onward_recipients=frozenset(passed_to.sharing_id for passed_to in self.onward_recipients.all()),
            precision=self.precision,
            rows=self._rows_by_code(),
            clauses=self._quotable(),
        )

    def _cut_short_on(self) -> date | None:
        """From when on it is out of force before its last day: terminated, or something that it stands under was."""
        above = [one for one in (self.parent, self.parent and self.parent.parent) if one]
        days = [self.terminated_on, *(day for one in above for day in (one.terminated_on, one.superseded_on))]
        return min(filter(None, days), default=None)

    def _rows_by_code(self) -> dict[str, frozenset[str]]:
        """The conditions on rows, an area's own parts included."""
        rows = {field: frozenset(values) for field, values in self.rows.items()}
        if "place" in rows:
            rows["place"] |= frozenset(codes_inside(Place.objects.filter(code__in=rows["place"])))
        return rows

    def _quotable(self) -> dict[str, str]:
        """The sentences that refusals quote: the parties' own where they added one, else the library's.

        Law enforcement may read only under a sentence of the parties' own, so none is lent to them.
        """
        written_in = self.version.library if self.version else newest()
        sentences = sentences_of(self, written_in)
        del sentences["law_enforcement"]
        return {term: words for term, words in (sentences | self.clauses).items() if term in TERMS and words}


class Version(models.Model):
    """One version of an agreement's text, whole; versions are added, never changed."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    library = models.CharField(max_length=20)  # of the clauses that it is written in
    text = models.TextField()
    text_hash = models.CharField(max_length=64)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="agreement_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.agreement}, version {self.number}"


class Comment(models.Model):
    """What counsel asks of one clause of a draft, and the answer."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="comments")
    version = models.ForeignKey(Version, models.PROTECT, related_name="comments")
    term = models.CharField(max_length=40)  # a term of the clause library
    text = models.TextField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, answer="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
                name="comment_answered_at_by_and_answer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement}: {self.term}"


class Signature(models.Model):
    """One party's signature under one text; of another text it says nothing."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="signatures")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="signatures")
    text_hash = models.CharField(
        max_length=64, blank=True
    )  # empty on signatures from before texts were written
    signed_at = models.DateTimeField()
    signed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    objects = SignatureQuerySet.as_manager()

    class Meta:
        ordering = ["signed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "organization", "text_hash"], name="one_signature_per_party_and_text"
            )
        ]

    def __str__(self) -> str:
        return f"{self.organization}: {self.agreement}"


class Destruction(models.Model):
    """All that came through a feed, destroyed since its agreements have ended; once finished, a certificate."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="destructions")
    feed = models.SlugField(max_length=60)
    files = models.JSONField()  # [{"name", "sha256", "bytes"}]
    begun_at = models.DateTimeField()  # from then on nothing of it is read
    begun_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)  # when the last file was gone
    certificate = models.TextField(blank=True)  # as the provider gets it, in JSON

    class Meta:
        ordering = ["-begun_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, certificate="")
                | (Q(finished_at__isnull=False) & ~Q(certificate="")),
                name="destruction_finished_at_and_certified",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.feed}, {self.begun_at:%Y-%m-%d}"

    @property
    def certificate_hash(self) -> str:
        """SHA-256 of the certificate in UTF-8, as the ledger has it."""
        return digest_of(self.certificate)

    @property
    def bytes(self) -> int:
        return sum(file["bytes"] for file in self.files)
