"""What was watched, when, and with which settings."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from throughline.indicators import INDICATORS
from throughline.members.accounts.models import Person

METHODS = {"daily_spikes": _("Daily spikes"), "prospective_scan": _("Space-time scan")}


class DetectionRun(models.Model):
    """One look at one indicator on one day; a run is remembered even when it finds nothing."""

    indicator = models.CharField(max_length=60)  # a key of throughline.indicators
    on = models.DateField()  # the last complete day that was looked at
    as_of = models.DateTimeField()  # only events usable by then were seen
    # When the newest delivery that a look for news has seen was recorded; null where somebody asked for the look.
    seen_until = models.DateTimeField(null=True, blank=True)
    method = models.CharField(max_length=40)  # a key of METHODS
    settings = models.JSONField(default=dict)
    feeds = models.JSONField(default=list)  # keys of the feeds that were read
    refusals = models.JSONField(default=list)  # why others were not
    series = models.PositiveIntegerField(default=0)  # places watched
    events = models.PositiveIntegerField(default=0)
    findings = models.PositiveIntegerField(default=0)
    ran_at = models.DateTimeField()
    ran_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-on", "-ran_at"]
        indexes = [models.Index(fields=["on", "indicator", "method"])]

    def __str__(self) -> str:
        return f"{self.method} of {self.indicator} on {self.on}"

    @property
    def indicator_name(self) -> str:
        indicator = INDICATORS.get(self.indicator)
        return gettext(indicator.name) if indicator else self.indicator

    @property
    def method_name(self) -> str:
        return str(METHODS.get(self.method, self.method))
