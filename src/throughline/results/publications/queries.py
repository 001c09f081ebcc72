"""Reads about publications: the register, its manifests, and whether the files are still what was frozen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from throughline.evidence.agreements.models import Agreement
from throughline.policy.sharing import Purpose
from throughline.results.publications import folder
from throughline.results.publications.models import Publication


@dataclass(frozen=True, slots=True)
class Damage:
    """A publication whose files are not what was frozen, and how they differ."""

    publication: Publication
    faults: list[str]

    def __str__(self) -> str:
        return f"{self.publication.slug}, version {self.publication.version}: {'; '.join(self.faults)}"


def verify_publications() -> list[Damage]:
    """Every publication with a file that was altered, removed or added; empty where all are as frozen."""
    checked = (
        Damage(row, folder.faults_of(row.slug, row.version, row.manifest_sha256))
        for row in Publication.objects.order_by("slug", "version")
    )
    return [damage for damage in checked if damage.faults]


def agreements_for_publishing(feeds: Iterable[str], *, on: date) -> list[str]:
    """Titles of the agreements in force that let these feeds' counts be published."""
    in_force = Agreement.objects.in_force(on).filter(feed__in=list(feeds))
    return [agreement.title for agreement in in_force if Purpose.PUBLICATION in agreement.purposes]
