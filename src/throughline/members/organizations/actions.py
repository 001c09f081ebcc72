"""What can be done to organizations."""

from datetime import datetime

from django.db import transaction

from throughline.ledger.actions import record
from throughline.members.organizations.models import Organization
from throughline.members.places.models import Place


@transaction.atomic
def add_organization(
    *,
    name: str,
    sector: str,
    jurisdiction: Place | None = None,
    is_backbone: bool = False,
    by: object,
    at: datetime,
) -> Organization:
    """Raises ValidationError for a name that is taken, an unknown sector, or a second backbone."""
    organization = Organization(name=name, sector=sector, jurisdiction=jurisdiction, is_backbone=is_backbone)
    organization.full_clean()
    organization.save()
    record("add_organization", by=by, at=at, subject=organization)
    return organization


@transaction.atomic
def change_organization(
    organization: Organization,
    *,
    name: str,
    sector: str,
    jurisdiction: Place | None,
    by: object,
    at: datetime,
) -> Organization:
    """Raises ValidationError as `add_organization` does."""
    organization.name, organization.sector, organization.jurisdiction = name, sector, jurisdiction
    organization.full_clean()
    organization.save()
    record("change_organization", by=by, at=at, subject=organization)
    return organization
