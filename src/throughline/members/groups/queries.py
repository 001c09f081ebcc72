"""Reads about groups and their seats."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, QuerySet

from throughline.members.access import ROLES, permissions_of
from throughline.members.accounts.models import Person
from throughline.members.groups.models import Group, Seat


@dataclass(frozen=True)
class SeatState:
    """A seat as its group's page shows it."""

    seat: Seat
    role_name: Any
    is_empty: bool

    @property
    def lacks_deputy(self) -> bool:
        return not self.is_empty and self.seat.deputy is None


@dataclass(frozen=True)
class GroupState:
    group: Group
    seats: list[SeatState]

    @property
    def empty(self) -> int:
        return sum(state.is_empty for state in self.seats)

    @property
    def without_deputy(self) -> int:
        return sum(state.lacks_deputy for state in self.seats)


def groups_with_seats(on: date, groups: QuerySet[Group] | None = None) -> list[GroupState]:
    """Every group (or those given) with the seats that exist on that day."""
    seats = Seat.objects.current(on).select_related("holder", "deputy", "organization")
    groups = Group.objects.all() if groups is None else groups
    found = groups.prefetch_related(Prefetch("seats", seats.order_by("title"), to_attr="current_seats"))
    return [GroupState(group, [_state(seat) for seat in group.current_seats]) for group in found]


def gains_rights(by: object, role: str, *, seated: Iterable[Person | None], on: date) -> bool:
    """Whether `by` is among the seated and the role allows what they were not allowed before."""
    if not (isinstance(by, Person) and by in seated and role in ROLES):
        return False
    return not ROLES[role].permissions <= permissions_of(by, on=on)


def _state(seat: Seat) -> SeatState:
    role_name = ROLES[seat.role].name if seat.role in ROLES else seat.role
    return SeatState(seat, role_name, seat.holder is None or not seat.holder.is_active)
