"""Publications: the register of what was frozen and released."""

from django.db import models

from throughline.members.accounts.models import Person
from throughline.results.evaluation.models import Effect


class Publication(models.Model):
    """One released version. Its files lie under settings.PUBLICATIONS_DIR and never change."""

    slug = models.SlugField(max_length=80)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    effect = models.ForeignKey(Effect, models.PROTECT, null=True, blank=True, related_name="publications")
    manifest_sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-published_at"]
        constraints = [
            models.UniqueConstraint(fields=["slug", "version"], name="publication_version_once_per_slug")
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"
