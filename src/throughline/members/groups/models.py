"""Groups and their seats."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization


class GroupKind(models.TextChoices):
    STRATEGY = "strategy", _("Strategy group")
    BACKBONE = "backbone", _("Backbone staff")
    AGENCY = "agency", _("Agency desk")


class Group(models.Model):
    """A strategy group, the backbone's staff, or an agency's desk: whoever answers together."""

    name = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=40)  # a GroupKind
    purpose = models.TextField(blank=True)
    charter = models.TextField(blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def kind_name(self) -> object:
        return GroupKind(self.kind).label if self.kind in GroupKind.values else self.kind

    def seat_of(self, role: str, *, on: date) -> "Seat | None":
        return self.seats.filled(on).filter(role=role).first()


class SeatQuerySet(models.QuerySet["Seat"]):
    def current(self, on: date) -> "SeatQuerySet":
        return self.filter(
            Q(starts_on__isnull=True) | Q(starts_on__lte=on), Q(ends_on__isnull=True) | Q(ends_on__gte=on)
        )

    def filled(self, on: date) -> "SeatQuerySet":
        return self.current(on).filter(holder__isnull=False, holder__is_active=True)

    def held_by(self, person: Person, *, on: date) -> "SeatQuerySet":
        """Seats that the person holds or deputises for."""
        return self.current(on).filter(Q(holder=person) | Q(deputy=person))

    def empty(self, on: date) -> "SeatQuerySet":
        """Seats in which nobody sits, or only someone who has left."""
        return self.current(on).filter(Q(holder__isnull=True) | Q(holder__is_active=False))

    def without_deputy(self, on: date) -> "SeatQuerySet":
        return self.filled(on).filter(deputy__isnull=True)


class Seat(models.Model):
    """A place at the table, with the role that gives its holder (and deputy) their rights."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="seats")
    title = models.CharField(max_length=200)
    role = models.CharField(max_length=40)  # a key of throughline.members.access.ROLES
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="seats"
    )
    holder = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="seats_held")
    deputy = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="seats_deputised")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)

    objects = SeatQuerySet.as_manager()

    class Meta:
        ordering = ["group", "title"]
        constraints = [
            models.UniqueConstraint(fields=["group", "title"], name="seat_title_once_per_group"),
            models.CheckConstraint(
                condition=Q(holder__isnull=True) | Q(deputy__isnull=True) | ~Q(holder=F("deputy")),
                name="seat_deputy_is_someone_else",
                violation_error_message=_("The deputy must be someone else than the holder."),
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True)
                | Q(ends_on__isnull=True)
                | Q(ends_on__gte=F("starts_on")),
                name="seat_ends_after_it_starts",
                violation_error_message=_("A seat must not end before it starts."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.group}"
