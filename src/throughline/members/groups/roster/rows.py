"""Reads the rows of a roster and finds what each says wrongly by itself."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from throughline.members.access import ROLES
from throughline.members.groups.models import GroupKind
from throughline.members.organizations.models import Sector
from throughline.members.tables import Fault, Table, TableRow, read_table

MOST_ROWS = 5000


@dataclass(frozen=True)
class RosterRow:
    """One person and, if a group is named, the seat that they hold in it; empty texts say nothing."""

    number: int
    full_name: str
    email: str = ""
    phone: str = ""
    organization: str = ""
    sector: str = ""
    jurisdiction: str = ""
    group: str = ""
    group_kind: str = ""
    seat: str = ""
    role: str = ""
    deputy: str = ""
    language: str = ""

    @property
    def seat_title(self) -> str:
        return self.seat or str(ROLES[self.role].name)


COLUMNS = tuple(name for name in RosterRow.__dataclass_fields__ if name != "number")


class Unexpected(ValueError):
    """A cell's text isn't what the column expects, which this says."""


def read_roster(path: Path, *, name: str = "") -> Table:
    """Read the table of a roster. Raises UnreadableFile as `read_table` does."""
    return read_table(path, name=name, most_rows=MOST_ROWS)


def read_rows(table: Table) -> tuple[list[RosterRow], list[Fault]]:
    """The rows that are right by themselves, and the faults of all others, those of the table included.

    Columns are known in any spelling of their names ("Full name", "full_name"); unknown ones are left unread.
    Raises UnreadableFile if `full_name` is missing.
    """
    names = {re.sub(r"\W+", "_", column.casefold()).strip("_"): column for column in table.columns}
    if "full_name" not in names:
        table.require("full_name")
    columns = {name: names[name] for name in COLUMNS if name in names}
    rows, faults = [], list(table.faults)
    for row in table.rows:
        read, wrong = _read_row(table, row, columns)
        faults += wrong
        rows += [] if wrong else [read]
    return rows, faults


def _read_row(table: Table, row: TableRow, columns: Mapping[str, str]) -> tuple[RosterRow, list[Fault]]:
    faults: list[Fault] = []
    values: dict[str, str] = {"full_name": ""}
    for name, column in columns.items():
        text = row.cells[column]
        try:
            values[name] = PARSERS[name](text) if text else ""
        except Unexpected as expected:
            faults.append(table.fault(row.number, column, text, expected))
    read = RosterRow(number=row.number, **values)
    missing = [] if faults else _missing(read)
    return read, faults + [table.fault(row.number, columns.get(name, name), "", why) for name, why in missing]


def _missing(row: RosterRow) -> Iterator[tuple[str, str]]:
    if not row.full_name:
        yield "full_name", _("the person's name")
    if row.group and not row.role:
        yield "role", _("the role of the seat: %s") % ", ".join(ROLES)
    if not row.group and (row.seat or row.role or row.deputy):
        yield "group", _("the group in which the seat stands")
    if not row.organization and (row.sector or row.jurisdiction):
        yield "organization", _("the organization of that sector and jurisdiction")


def _short(limit: int) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if len(text) > limit:
            raise Unexpected(_("at most %s characters") % limit)
        return text

    return parse


def _email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        raise Unexpected(_("an e-mail address such as name@example.org")) from None
    return _short(254)(text.lower())


def _one_of(choices: Callable[[], Mapping[str, object]]) -> Callable[[str], str]:
    """A key of the choices, or its name in English or in the reader's language."""

    def parse(text: str) -> str:
        known = {str(name).casefold(): key for key, name in choices().items()}
        known |= {key.casefold(): key for key in choices()}
        folded = text.casefold()
        if folded in known:
            return known[folded]
        near = get_close_matches(folded, known, n=1)
        listed = ", ".join(choices())
        raise Unexpected(
            _("one of %s (is it “%s”?)") % (listed, known[near[0]]) if near else _("one of %s") % listed
        )

    return parse


PARSERS: Mapping[str, Callable[[str], str]] = {
    "full_name": _short(200),
    "email": _email,
    "phone": _short(40),
    "organization": _short(200),
    "sector": _one_of(lambda: dict(Sector.choices)),
    "jurisdiction": _short(40),
    "group": _short(200),
    "group_kind": _one_of(lambda: dict(GroupKind.choices)),
    "seat": _short(200),
    "role": _one_of(lambda: {key: role.name for key, role in ROLES.items()}),
    "deputy": _short(254),
    "language": _one_of(lambda: dict(settings.LANGUAGES)),
}
