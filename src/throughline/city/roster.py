"""Seats 300 invented leaders and writes them down as the roster that the coalition imports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from throughline.city.chance import stream
from throughline.city.geography import Geography
from throughline.city.names import people_names
from throughline.city.organizations import Organization, organizations
from throughline.city.seats import DATA_STEWARD, Seat, all_seats

_AREA_CODES = (814, 582, 223, 717)
_SPANISH = 0.12
# How many seats have a deputy. The backbone's all do; elsewhere the gap is one of the things to be noticed.
_WITH_DEPUTY = {"backbone": 1.0, "agency": 0.85, "strategy": 0.6}


@dataclass(frozen=True)
class Leader:
    full_name: str
    email: str
    phone: str
    language: str


@dataclass(frozen=True)
class Roster:
    """Who sits where; a vacant seat has no holder. `deputies` holds e-mail addresses, or is empty."""

    organizations: tuple[Organization, ...]
    seats: tuple[Seat, ...]
    holders: tuple[Leader | None, ...]
    deputies: tuple[str, ...]

    @property
    def leaders(self) -> tuple[Leader, ...]:
        return tuple(leader for leader in self.holders if leader)

    def rows(self) -> list[Mapping[str, str]]:
        """One row for each seat that is filled, as the roster's import reads it."""
        known = {organization.name: organization for organization in self.organizations}
        return [
            {
                "full_name": leader.full_name,
                "email": leader.email,
                "phone": leader.phone,
                "organization": seat.organization,
                "sector": known[seat.organization].sector,
                "jurisdiction": known[seat.organization].jurisdiction,
                "group": seat.group,
                "group_kind": seat.group_kind,
                "seat": seat.title,
                "role": seat.role,
                "deputy": deputy,
                "language": leader.language,
            }
            for seat, leader, deputy in zip(self.seats, self.holders, self.deputies, strict=True)
            if leader
        ]

    def vacancies(self) -> list[Mapping[str, str]]:
        """Seats that nobody holds; a roster lists people, so it has no place for them."""
        return [
            {"group": seat.group, "seat": seat.title, "role": seat.role, "organization": seat.organization}
            for seat in self.seats
            if seat.is_vacant
        ]

    def steward_of(self, organization: str) -> str:
        """E-mail address of the agency's data steward."""
        return next(
            leader.email
            for seat, leader in zip(self.seats, self.holders, strict=True)
            if leader and (seat.organization, seat.title) == (organization, DATA_STEWARD)
        )


def seat_leaders(geography: Geography, *, seed: int) -> Roster:
    rng = stream(seed, "roster")
    members = organizations([ward.code for ward in geography.wards])
    seats = all_seats(members, rng)
    holders = _holders(seats, {it.name: it.host for it in members}, rng)
    return Roster(members, seats, holders, _deputies(seats, holders, rng))


def _holders(
    seats: Sequence[Seat], hosts: Mapping[str, str], rng: np.random.Generator
) -> tuple[Leader | None, ...]:
    names = people_names(len(seats), rng)
    return tuple(
        None if seat.is_vacant else _leader(name, hosts[seat.organization], number, rng)
        for number, (seat, name) in enumerate(zip(seats, names, strict=True))
    )


def _leader(name: str, host: str, number: int, rng: np.random.Generator) -> Leader:
    """The numbers 555-0100 to 555-0199 are kept free for fiction in every area."""
    phone = f"{_AREA_CODES[number // 100 % len(_AREA_CODES)]}-555-01{number % 100:02d}"
    language = "es" if rng.random() < _SPANISH else "en"
    return Leader(name, f"{name.lower().replace(' ', '.')}@{host}", phone, language)


def _deputies(
    seats: Sequence[Seat], holders: Sequence[Leader | None], rng: np.random.Generator
) -> tuple[str, ...]:
    """Somebody else from the same group, in turn, so that each deputises for one seat at most."""
    present: dict[str, list[str]] = {}
    for seat, leader in zip(seats, holders, strict=True):
        if leader:
            present.setdefault(seat.group, []).append(leader.email)
    return tuple(
        _next_of(present[seat.group], leader.email) if leader and _has_deputy(seat, rng) else ""
        for seat, leader in zip(seats, holders, strict=True)
    )


def _has_deputy(seat: Seat, rng: np.random.Generator) -> bool:
    return seat.role == "chair" or bool(rng.random() < _WITH_DEPUTY[seat.group_kind])


def _next_of(emails: Sequence[str], email: str) -> str:
    return emails[(emails.index(email) + 1) % len(emails)]
