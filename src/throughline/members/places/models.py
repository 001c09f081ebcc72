"""Places: where things happen, from a census tract up to the jurisdiction."""

from django.db import models
from django.utils.translation import gettext_lazy as _

DIMENSIONS = {"age_group": _("Age"), "sex": _("Sex"), "race": _("Race"), "ethnicity": _("Ethnicity")}


class Place(models.Model):
    code = models.CharField(max_length=40, unique=True)  # the official code, such as a census GEOID
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)  # tract, neighborhood, district, city, county
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    boundary = models.JSONField(null=True, blank=True)  # GeoJSON Polygon or MultiPolygon, WGS 84
    population = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["name", "code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="place_centroid_whole_and_on_earth",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_located(self) -> bool:
        return self.latitude is not None


class PopulationStratum(models.Model):
    """How many residents of a place belong to one stratum, such as ages 20-29."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="strata")
    dimension = models.CharField(max_length=40)  # a key of DIMENSIONS, or an office's own
    value = models.CharField(max_length=80)
    population = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place", "dimension", "value"], name="one_figure_per_stratum")
        ]

    def __str__(self) -> str:
        return f"{self.place}: {self.dimension} {self.value}"

    @property
    def dimension_name(self) -> str:
        return str(DIMENSIONS.get(self.dimension, self.dimension))
