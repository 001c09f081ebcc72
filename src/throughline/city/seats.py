"""Sets the coalition's tables: its groups and their seats, before anybody sits in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from throughline.city.chance import apportion
from throughline.city.organizations import (
    AGENCIES,
    BACKBONE,
    COMMISSIONERS,
    HEALTH_DEPARTMENT,
    Organization,
)

LEADERS = 300
STRATEGY_GROUPS = (
    "Naloxone access",
    "Treatment without waiting",
    "Justice and re-entry",
    "Prevention and youth",
    "Harm reduction and outreach",
    "Recovery and housing",
    "Shared data",
)
DATA_STEWARD = "Data steward"

_BACKBONE_SEATS = {
    "Project manager": "project_manager",
    "Response coordinator": "responder",
    "Data analyst": "analyst",
    "Epidemiologist": "analyst",
    "Privacy officer": "privacy_officer",
    "Administrator": "administrator",
    "Grants manager": "member",
    "Communications lead": "member",
}
_DESK_SEATS = {
    "Director": "member",
    "Duty officer": "responder",
    DATA_STEWARD: "data_steward",
    "Privacy officer": "privacy_officer",
}
_COMMISSIONERS = 7
_LIVED_EXPERIENCE = "Member with lived experience"
_VACANT = {
    ("Treatment without waiting", "Facilitator"),
    ("Justice and re-entry", _LIVED_EXPERIENCE),
    ("Prevention and youth", _LIVED_EXPERIENCE),
    ("Shared data", _LIVED_EXPERIENCE),
}


@dataclass(frozen=True)
class Seat:
    """One chair at the table, its role (a key of `members.access.ROLES`) and the organization it speaks for."""

    group: str
    group_kind: str
    title: str
    role: str
    organization: str

    @property
    def is_vacant(self) -> bool:
        return (self.group, self.title) in _VACANT


def all_seats(organizations: Sequence[Organization], rng: np.random.Generator) -> tuple[Seat, ...]:
    """The backbone's seats, the agencies' desks, the commissioners and the strategy groups: 300 of them filled."""
    staff = (*_backbone(), *_desks(), *_commissioners())
    leads = tuple(seat for group in STRATEGY_GROUPS for seat in _leads(group))
    others = LEADERS - sum(not seat.is_vacant for seat in (*staff, *leads))
    names = [organization.name for organization in organizations if organization.name != BACKBONE]
    members = (
        seat
        for group, count in zip(STRATEGY_GROUPS, apportion(others, [1] * len(STRATEGY_GROUPS)), strict=True)
        for seat in _members(group, [names[n] for n in rng.permutation(len(names))[:count]])
    )
    return (*staff, *leads, *members)


def _backbone() -> Iterator[Seat]:
    for title, role in _BACKBONE_SEATS.items():
        yield Seat("Backbone team", "backbone", title, role, BACKBONE)


def _desks() -> Iterator[Seat]:
    for organization in (HEALTH_DEPARTMENT, *(name for name, _ in AGENCIES)):
        for title, role in _DESK_SEATS.items():
            yield Seat(f"{organization}: desk", "agency", title, role, organization)


def _commissioners() -> Iterator[Seat]:
    for number in range(1, _COMMISSIONERS + 1):
        yield Seat("Commissioners", "agency", f"Commissioner {number}", "commissioner", COMMISSIONERS)


def _leads(group: str) -> Iterator[Seat]:
    yield Seat(group, "strategy", "Chair", "chair", HEALTH_DEPARTMENT)
    yield Seat(group, "strategy", "Facilitator", "member", BACKBONE)
    yield Seat(group, "strategy", _LIVED_EXPERIENCE, "member", "Families Remember Halvern")


def _members(group: str, organizations: Sequence[str]) -> Iterator[Seat]:
    for organization in organizations:
        yield Seat(group, "strategy", f"Member, {organization}", "member", organization)
