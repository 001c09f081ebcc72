"""What was watched, when, and with which settings."""

from django.db import models

from throughline.members.accounts.models import Person


class DetectionRun(models.Model):
    """One look at one indicator on one day; a run is remembered even when it finds nothing."""

    indicator = models.CharField(max_length=60)  # a key of throughline.indicators
    on = models.DateField()  # the last complete day that was looked at
    as_of = models.DateTimeField()  # only events usable by then were seen
    method = models.CharField(max_length=40)  # daily_spikes, prospective_scan
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
