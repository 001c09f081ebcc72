"""Brings a roster in."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from throughline.ledger.actions import record
from throughline.members.accounts.actions import OWN_ORGANIZATION
from throughline.members.accounts.models import Person
from throughline.members.groups.models import Group, GroupKind, Seat
from throughline.members.groups.queries import gains_rights
from throughline.members.groups.roster.agreement import contradictions
from throughline.members.groups.roster.register import Register
from throughline.members.groups.roster.rows import RosterRow, Unexpected, read_rows
from throughline.members.organizations.models import Organization
from throughline.members.tables import Fault, Table


@dataclass(frozen=True)
class RosterReceipt:
    """What an import did or, if not `stored`, would do with its good rows."""

    good_rows: int
    faults: tuple[Fault, ...]
    stored: bool
    done: Mapping[str, int] = field(default_factory=dict)  # such as {"people_added": 300}


class CellUnexpected(Unexpected):
    """What a row's field was expected to hold, given everything else that is known."""

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(expected)
        self.field = field


@transaction.atomic
def import_roster(
    *, table: Table, by: object, at: datetime, accept_good_rows: bool = False, check_only: bool = False
) -> RosterReceipt:
    """Bring in people with their organizations and seats; again is harmless, since known ones are matched.

    People are matched by e-mail address, else by full name and organization. Empty cells change nothing. With any
    fault, nothing is stored, or, with `accept_good_rows`, only rows without one; with `check_only`, nothing ever.
    Raises UnreadableFile for a table that is no roster.
    """
    rows, faults = read_rows(table)
    faults += contradictions(table, rows)
    good = _without(rows, faults)
    done, more = _attempt(table, good, by=by, at=at)
    while more:  # a refused row takes its deputies' and organization's rows with it
        faults += more
        good = _without(good, more)
        done, more = _attempt(table, good, by=by, at=at)
    stored = not check_only and (accept_good_rows or not faults)
    if not stored:
        transaction.set_rollback(True)
    elif done:
        record("import_roster", by=by, at=at, subject="roster", detail={"rows": len(good), **done})
    return RosterReceipt(len(good), tuple(sorted(faults, key=lambda fault: fault.row)), stored, done)


def _without(rows: list[RosterRow], faults: list[Fault]) -> list[RosterRow]:
    wrong = {fault.row for fault in faults}
    return [row for row in rows if row.number not in wrong]


def _attempt(
    table: Table, rows: list[RosterRow], *, by: object, at: datetime
) -> tuple[dict[str, int], list[Fault]]:
    """Store the rows; if any of them does not fit what is known, store none and say why."""
    register = Register(rows, by=by, on=timezone.localdate(at))
    faults: list[Fault] = []
    people: dict[RosterRow, Person] = {}
    with transaction.atomic():
        for row in rows:
            with _noting(faults, table, row):
                people[row] = _store_person(row, register)
        for row, person in people.items():
            with _noting(faults, table, row):
                _store_seat(row, person, register)
        if faults:
            transaction.set_rollback(True)
    return dict(register.done), faults


@contextmanager
def _noting(faults: list[Fault], table: Table, row: RosterRow) -> Iterator[None]:
    try:
        yield
    except CellUnexpected as expected:
        faults.append(table.fault(row.number, expected.field, getattr(row, expected.field), expected))


def _store_person(row: RosterRow, register: Register) -> Person:
    organization = _store_organization(row, register) if row.organization else None
    matching = register.matching(row, organization)
    if len(matching) > 1:
        raise CellUnexpected("full_name", _("an e-mail address too, since several people have this name"))
    person = matching[0] if matching else Person(password=make_password(None))
    facts = {name: getattr(row, name) for name in ("full_name", "email", "phone", "language")}
    if person == register.by and organization and organization != person.organization:
        raise CellUnexpected("organization", OWN_ORGANIZATION)
    register.keep(person, "people", organization=organization, **facts)
    register.note(person)
    return person


def _store_organization(row: RosterRow, register: Register) -> Organization:
    known = register.organizations.get(row.organization.casefold())
    if known is None and not row.sector:
        raise CellUnexpected("sector", _("the sector of this organization, which is new"))
    jurisdiction = register.places.get(row.jurisdiction)
    if row.jurisdiction and jurisdiction is None:
        raise CellUnexpected("jurisdiction", _("the code of a known place"))
    organization = known or Organization(name=row.organization)
    register.keep(organization, "organizations", sector=row.sector, jurisdiction=jurisdiction)
    register.organizations[row.organization.casefold()] = organization
    return organization


def _store_seat(row: RosterRow, person: Person, register: Register) -> None:
    if not row.group:
        return
    group = _store_group(row, register)
    key = (group.pk, row.seat_title.casefold())
    seat = register.seats.get(key) or Seat(
        group=group, title=row.seat_title, organization=person.organization
    )
    deputy = _deputy(row, person, register)
    if gains_rights(register.by, row.role, seated=(person, deputy or seat.deputy), on=register.on):
        raise CellUnexpected("role", _("a role whose rights you have: nobody gives rights to themselves"))
    if deputy is None and seat.deputy_id == person.pk:
        seat.deputy = None  # moves up to the seat itself
    register.seats[key] = register.keep(seat, "seats", role=row.role, holder=person, deputy=deputy)


def _store_group(row: RosterRow, register: Register) -> Group:
    known = register.groups.get(row.group.casefold())
    group = known or Group(name=row.group, kind=GroupKind.STRATEGY)
    register.groups[row.group.casefold()] = register.keep(group, "groups", kind=row.group_kind)
    return group


def _deputy(row: RosterRow, holder: Person, register: Register) -> Person | None:
    if not row.deputy:
        return None
    named = register.named(row.deputy)
    if not named:
        raise CellUnexpected("deputy", _("the e-mail address or name of someone on the roster"))
    if len(named) > 1:
        raise CellUnexpected("deputy", _("an e-mail address, since several people have this name"))
    if named[0] == holder:
        raise CellUnexpected("deputy", _("someone else than the holder"))
    return named[0]
