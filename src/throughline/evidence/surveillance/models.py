"""What was watched, when, with which settings, and what was seen again."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from throughline.indicators import INDICATORS
from throughline.members.accounts.models import Person
from throughline.members.places.models import Place
from throughline.signals.models import Signal

METHODS = {"daily_spikes": _("Daily spikes"), "prospective_scan": _("Space-time scan")}


class DetectionRunQuerySet(models.QuerySet["DetectionRun"]):
    def scans_of(self, indicator: str, jurisdiction: Place | None) -> "DetectionRunQuerySet":
        """Scans that were made: neither refused nor of too little."""
        made = self.filter(method="prospective_scan", series__gt=0, shortfall="")
        return made.filter(indicator=indicator, jurisdiction=jurisdiction)


class DetectionRun(models.Model):
    """One look at one indicator on one day; a run is remembered even when it finds nothing."""

    indicator = models.CharField(max_length=60)  # a key of throughline.indicators
    on = models.DateField()  # the last complete day that was looked at
    as_of = models.DateTimeField()  # only events usable by then were seen
    # When the newest delivery that a look for news has seen was recorded; null where somebody asked for the look.
    seen_until = models.DateTimeField(null=True, blank=True)
    method = models.CharField(max_length=40)  # a key of METHODS
    # The widest place that was scanned; null where a look is at all places, or no place lies in another.
    jurisdiction = models.ForeignKey(Place, models.PROTECT, null=True, blank=True, related_name="+")
    settings = models.JSONField(default=dict)
    feeds = models.JSONField(default=list)  # keys of the feeds that were read
    refusals = models.JSONField(default=list)  # why others were not
    series = models.PositiveIntegerField(default=0)  # places watched
    events = models.PositiveIntegerField(default=0)
    findings = models.PositiveIntegerField(default=0)
    ongoing = models.PositiveIntegerField(default=0)  # of the findings, those whose signal was raised before
    shortfall = models.CharField(max_length=200, blank=True)  # why what was read was too little to look at
    ran_at = models.DateTimeField()
    ran_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    objects = DetectionRunQuerySet.as_manager()

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


class Sighting(models.Model):
    """What the look at one day saw of a hotspot: the first raised its signal, later ones tell how it goes on."""

    signal = models.ForeignKey(Signal, models.PROTECT, related_name="sightings")
    run = models.ForeignKey(DetectionRun, models.PROTECT, related_name="sightings")
    begins_on = models.DateField()
    ends_on = models.DateField()  # the last day that was looked at
    places = models.JSONField(default=list)  # their codes
    observed = models.PositiveIntegerField()
    expected = models.FloatField()
    recurrence_interval_days = models.FloatField()
    is_bound = models.BooleanField()  # chance never showed as much: the interval is at least this long

    class Meta:
        ordering = ["-ends_on", "-pk"]
        constraints = [
            # A day that is looked at again has both sightings: the newer one is told, the older as of its time.
            models.UniqueConstraint(fields=["signal", "run"], name="a_hotspot_is_seen_once_by_a_look"),
            models.CheckConstraint(
                condition=models.Q(begins_on__lte=models.F("ends_on")),
                name="a_sighting_begins_before_it_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.signal} as seen on {self.ends_on}"

    @property
    def excess(self) -> float:
        return self.observed - self.expected
