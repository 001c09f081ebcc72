"""Effects: events before and after, here and elsewhere."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from throughline.action.response.models import Response
from throughline.members.accounts.models import Person
from throughline.members.places.models import Place


class Effect(models.Model):
    """One measurement of whether an answer worked; measured again later, it becomes another row."""

    class Finding(models.TextChoices):
        FEWER = "fewer", _("Fewer than expected")
        MORE = "more", _("More than expected")
        CANNOT_TELL = "cannot_tell", _("Can't tell yet")

    response = models.ForeignKey(Response, models.PROTECT, related_name="effects")
    indicator = models.CharField(max_length=60)
    places = models.ManyToManyField(Place, related_name="+")
    comparison_places = models.ManyToManyField(Place, related_name="+")
    before_from_on = models.DateField()
    before_to_on = models.DateField()
    after_from_on = models.DateField()
    after_to_on = models.DateField()
    before = models.PositiveIntegerField()
    after = models.PositiveIntegerField()
    comparison_before = models.PositiveIntegerField()
    comparison_after = models.PositiveIntegerField()
    settled = models.BooleanField()  # the days after were over, and every feed had reported since
    ratio = models.FloatField(null=True)  # ratio of rate ratios; null where it can't be computed
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    finding = models.CharField(max_length=20, choices=Finding)
    minimum_cell = models.PositiveSmallIntegerField()  # the strictest of the agreements that were used
    as_of = models.DateTimeField()
    measured_at = models.DateTimeField()
    measured_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-measured_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(before_to_on__gte=F("before_from_on"), after_from_on__gt=F("before_to_on"))
                & Q(after_to_on__gte=F("after_from_on")),
                name="effect_windows_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.response}: {self.get_finding_display()}"
