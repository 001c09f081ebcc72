"""Reads about publications: the register, its manifests, and whether the files are still what was frozen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import chain

from throughline.evidence.agreements.models import Agreement
from throughline.evidence.feeds.models import Feed
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
    """Titles of the agreements in force by which these feeds' providers let their counts be published."""
    agreements = chain.from_iterable(
        Agreement.objects.in_force(on).covering(feed.key, provider=feed.provider)
        for feed in Feed.objects.filter(key__in=list(feeds)).select_related("provider")
    )
    return [agreement.title for agreement in agreements if Purpose.PUBLICATION in agreement.purposes]
