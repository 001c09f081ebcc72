"""Reads places from a table and boundaries from GeoJSON, listing every fault."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from throughline.members.tables import Fault, Table, TableRow, read_table

STRATUM = re.compile(r"population:(?P<dimension>[^:]{1,40}):(?P<value>[^:]{1,80})")


@dataclass(frozen=True)
class PlaceColumns:
    """Which columns hold what. A column that is named must be there; the others are read if they are there.

    Further columns named `population:<dimension>:<value>`, such as `population:age_group:20-29`, hold the
    population of one stratum. `as_of` names a column with a year or an ISO date: where a place has several rows,
    only those of its latest `as_of` count.
    """

    code: str = "code"
    name: str | None = None
    kind: str | None = None
    parent: str | None = None
    latitude: str | None = None
    longitude: str | None = None
    population: str | None = None
    as_of: str | None = None

    def found_in(self, table: Table) -> dict[str, str]:
        """The column of each field; raises UnreadableFile if one that was named isn't there."""
        named = {field: column for field, column in vars(self).items() if column}
        table.require(*named.values())
        standard = {field for field in vars(self) if field in table.columns}
        return {field: field for field in standard} | named


STANDARD_COLUMNS = PlaceColumns()


@dataclass(frozen=True)
class PlaceRow:
    """One place as the file has it; None where the file says nothing."""

    row: int = field(compare=False)
    code: str
    name: str | None = None
    kind: str | None = None
    parent: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    population: int | None = None
    strata: tuple[tuple[str, str, int], ...] = ()  # dimension, value, population


@dataclass
class PlaceFile:
    """The places of one file by code, each once."""

    name: str
    places: dict[str, PlaceRow] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def read_places(path: Path, columns: PlaceColumns, *, name: str = "") -> PlaceFile:
    """Read a table of places. Identical rows on one place are merged, contradictory ones are faults.

    Raises UnreadableFile for a file that is no table or lacks a named column.
    """
    table = read_table(path, name=name)
    found = columns.found_in(table)
    file = PlaceFile(table.name, faults=list(table.faults))
    for row in _latest(table, found):
        place, faults = _read_row(table, row, found)
        file.faults += faults or _conflicts(table, place, file.places.get(place.code), found)
        file.places.setdefault(place.code, place)
    return file


def _latest(table: Table, found: Mapping[str, str]) -> Iterator[TableRow]:
    if "as_of" not in found:
        return iter(table.rows)
    code, as_of = found["code"], found["as_of"]
    latest: dict[str, str] = {}
    for row in table.rows:
        latest[row.cells[code]] = max(row.cells[as_of], latest.get(row.cells[code], ""))
    return (row for row in table.rows if row.cells[as_of] == latest[row.cells[code]])


def _conflicts(
    table: Table, place: PlaceRow, earlier: PlaceRow | None, found: Mapping[str, str]
) -> list[Fault]:
    if earlier is None or place == earlier:
        return []
    differing = [
        name for name in vars(place) if name != "row" and getattr(place, name) != getattr(earlier, name)
    ]
    return [
        table.fault(
            place.row,
            found.get(name, "population:…"),
            _text(getattr(place, name)),
            _("%(value)s, as in row %(row)s on the same place (or name the column that dates the rows)")
            % {"value": _text(getattr(earlier, name)), "row": earlier.row},
        )
        for name in differing
    ]


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _read_row(table: Table, row: TableRow, found: Mapping[str, str]) -> tuple[PlaceRow, list[Fault]]:
    faults: list[Fault] = []

    def read(column: str, parse: Callable[[str], Any]) -> Any:
        text = row.cells[column]
        try:
            return parse(text) if text else None
        except ValueError as fault:
            faults.append(table.fault(row.number, column, text, fault))
            return None

    values = {name: read(found[name], parse) for name, parse in PARSERS.items() if name in found}
    strata = [
        (match, read(column, _whole)) for column in table.columns if (match := STRATUM.fullmatch(column))
    ]
    if not row.cells[found["code"]]:
        faults.append(table.fault(row.number, found["code"], "", _("the place's code")))
    if (values.get("latitude") is None) != (values.get("longitude") is None) and not faults:
        column = found.get("latitude") or found["longitude"]
        faults.append(
            table.fault(row.number, column, row.cells[column], _("latitude and longitude, or neither"))
        )
    place = PlaceRow(row=row.number, **{"code": ""} | values)
    return replace(place, strata=tuple((*match.groups(), n) for match, n in strata if n is not None)), faults


def _short(limit: int) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if len(text) > limit:
            raise ValueError(_("at most %s characters") % limit)
        return text

    return parse


def _degrees(limit: int) -> Callable[[str], float]:
    def parse(text: str) -> float:
        expected = _("degrees from %(low)s to %(high)s, such as 41.8781") % {"low": -limit, "high": limit}
        try:
            degrees = float(text)
        except ValueError:
            raise ValueError(expected) from None
        if not -limit <= degrees <= limit:
            raise ValueError(expected)
        return degrees

    return parse


def _whole(text: str) -> int:
    """Whole numbers as offices write them: `4388`, `4388.0`, `4,388`."""
    match = re.fullmatch(r"(\d{1,3}(?:,\d{3})+|\d+)(?:\.0+)?", text)
    if not match or (number := int(match[1].replace(",", ""))) > 2_000_000_000:
        raise ValueError(_("a whole number of people"))
    return number


PARSERS: Mapping[str, Callable[[str], Any]] = {
    "code": _short(40),
    "name": _short(200),
    "kind": _short(40),
    "parent": _short(40),
    "latitude": _degrees(90),
    "longitude": _degrees(180),
    "population": _whole,
}
