"""Finds rows of a roster that contradict each other."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.utils.translation import gettext as _

from throughline.members.groups.roster.rows import RosterRow
from throughline.members.tables import Fault, Table


class Rule(NamedTuple):
    """Rows with the same key must agree on a field, unless they leave it out."""

    key: Callable[[RosterRow], object]  # nothing for rows that the rule is not about
    field: str


RULES = [
    Rule(lambda row: row.email, "full_name"),
    Rule(lambda row: row.email, "organization"),
    Rule(lambda row: row.email, "phone"),
    Rule(lambda row: row.organization.casefold(), "sector"),
    Rule(lambda row: row.organization.casefold(), "jurisdiction"),
    Rule(lambda row: row.group.casefold(), "group_kind"),
]


def contradictions(table: Table, rows: list[RosterRow]) -> Iterator[Fault]:
    """One fault for the later row of each pair that disagrees."""
    for rule in RULES:
        yield from _disagreements(table, rows, rule)
    yield from _seats_filled_twice(table, rows)
    yield from _people_listed_twice(table, rows)


def _disagreements(table: Table, rows: list[RosterRow], rule: Rule) -> Iterator[Fault]:
    first: dict[object, RosterRow] = {}
    for row in rows:
        key, value = rule.key(row), getattr(row, rule.field)
        if not (key and value):
            continue
        known = first.setdefault(key, row)
        if getattr(known, rule.field).casefold() != value.casefold():
            facts = {"value": getattr(known, rule.field), "row": known.number, "key": key}
            expected = _("“%(value)s”, as row %(row)s has it for %(key)s") % facts
            yield table.fault(row.number, rule.field, value, expected)


def _seats_filled_twice(table: Table, rows: list[RosterRow]) -> Iterator[Fault]:
    first: dict[tuple[str, str], RosterRow] = {}
    for row in rows:
        if not row.group:
            continue
        known = first.setdefault((row.group.casefold(), row.seat_title.casefold()), row)
        if known is not row:
            facts = {"name": known.full_name, "row": known.number}
            expected = _("another seat: row %(row)s gives this one to %(name)s") % facts
            yield table.fault(row.number, "seat", row.seat_title, expected)


def _people_listed_twice(table: Table, rows: list[RosterRow]) -> Iterator[Fault]:
    """A person may have several rows, one for each seat; a further row without a seat is a slip."""
    first: dict[object, RosterRow] = {}
    for row in rows:
        key = row.email or (row.full_name.casefold(), row.organization.casefold())
        known = first.setdefault(key, row)
        if known is not row and not row.group:
            field, value = ("email", row.email) if row.email else ("full_name", row.full_name)
            expected = _("each person once, or once for each seat; row %s has this one") % known.number
            yield table.fault(row.number, field, value, expected)
