"""Reads about organizations."""

from dataclasses import dataclass

from django.db.models import Count

from throughline.members.organizations.models import Organization, Sector


@dataclass(frozen=True)
class SectorSeats:
    sector: Sector
    organizations: list[Organization]


def by_sector() -> list[SectorSeats]:
    """Every sector that has organizations, in the order of `Sector`, each with its `people_count`."""
    members: dict[str, list[Organization]] = {}
    for organization in Organization.objects.annotate(people_count=Count("people")).order_by("name"):
        members.setdefault(organization.sector, []).append(organization)
    return [SectorSeats(sector, members[sector]) for sector in Sector if sector in members]


def missing_sectors() -> list[Sector]:
    """The sectors without any organization; "other" is never missed."""
    present = set(Organization.objects.values_list("sector", flat=True))
    return [sector for sector in Sector if sector not in present and sector is not Sector.OTHER]
