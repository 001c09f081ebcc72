"""Lists the organizations of the simulated coalition, from all sectors."""

from collections.abc import Sequence
from dataclasses import dataclass

from throughline.city.feeds import (
    emergency_departments,
    ems,
    jail,
    medical_examiner,
    naloxone_programme,
    police,
)
from throughline.city.geography import CITY_CODE, CITY_NAME


@dataclass(frozen=True)
class Organization:
    """`sector` is a sector's key; `host` is what its e-mail addresses end in, under a name that can't exist."""

    name: str
    sector: str
    host: str
    jurisdiction: str = CITY_CODE


BACKBONE = f"{CITY_NAME} Overdose Response Coalition"
HEALTH_DEPARTMENT = f"{CITY_NAME} Department of Public Health"
TREATMENT_NETWORK = f"Simulated Treatment Network of {CITY_NAME}"
COMMISSIONERS = f"{CITY_NAME} Board of Commissioners"

AGENCIES = (
    (ems.PROVIDER, "ems"),
    (medical_examiner.PROVIDER, "coroner"),
    (emergency_departments.NORTH_PROVIDER, "hospital"),
    (emergency_departments.SOUTH_PROVIDER, "hospital"),
    (police.PROVIDER, "police"),
    (jail.PROVIDER, "jail"),
    (naloxone_programme.PROVIDER, "harm_reduction"),
    (TREATMENT_NETWORK, "treatment"),
)
"""The eight that share data, and their sectors."""

_PARTNERS = (
    ("Halvern Fire and Rescue Volunteers", "ems"),
    ("Halvern Women's and Children's Hospital", "hospital"),
    ("Fallow Street Clinic", "treatment"),
    ("Second Morning Methadone Clinic", "treatment"),
    ("Lantern House Residential Treatment", "treatment"),
    ("Halvern Street Outreach", "harm_reduction"),
    ("Open Door Syringe Services", "harm_reduction"),
    ("Halvern Recovery Café", "recovery"),
    ("Bridge Builders Peer Network", "recovery"),
    ("Thistle Recovery High School", "recovery"),
    ("Cooper Avenue Pharmacy", "pharmacy"),
    ("Halvern Pharmacists' Guild", "pharmacy"),
    ("Halvern Probation and Parole", "jail"),
    ("Halvern Recovery Court", "courts"),
    ("Halvern Public Defender", "courts"),
    ("Halvern Unified School District", "school"),
    ("Halvern Community College", "school"),
    ("Halvern Building Trades Council", "employer"),
    ("Ironside Logistics", "employer"),
    ("Halvern Chamber of Commerce", "employer"),
    ("Halvern Interfaith Council", "faith"),
    ("Orchard Row Tabernacle", "faith"),
    ("Halvern Housing Authority", "housing"),
    ("Wharf Street Shelter", "housing"),
    ("Halvern Department of Human Services", "social_services"),
    ("Kinship Families of Halvern", "social_services"),
    ("Halvern Food Bank", "social_services"),
    ("Tricounty Health Plan", "payer"),
    ("Halvern Medicaid Managed Care", "payer"),
    ("Halvern City Council", "government"),
    ("Halvern State University School of Public Health", "academia"),
    ("Families Remember Halvern", "residents"),
    ("Halvern Neighborhood Assembly", "residents"),
    ("Halvern Drug Checking Laboratory", "other"),
)


def organizations(wards: Sequence[str]) -> tuple[Organization, ...]:
    """All organizations, the backbone first; some serve one ward only."""
    own = ((BACKBONE, "public_health"), (HEALTH_DEPARTMENT, "public_health"), (COMMISSIONERS, "government"))
    local = {"residents", "recovery", "faith"}
    return tuple(
        Organization(name, sector, _host(name), wards[n % len(wards)] if sector in local else CITY_CODE)
        for n, (name, sector) in enumerate((*own, *AGENCIES, *_PARTNERS))
    )


def _host(name: str) -> str:
    """
    >>> _host("Simulated EMS of Halvern")
    'simulated-ems-of-halvern.example'
    """
    letters = "".join(letter if letter.isalnum() and letter.isascii() else " " for letter in name)
    return f"{'-'.join(letters.lower().split())}.example"
