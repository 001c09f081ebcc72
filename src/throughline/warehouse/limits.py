"""Turns what grants say of precision and of rows into what a query may see: nothing finer, no other record."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from throughline.formats.event import EVENT_FIELDS, OVERDOSE, Kind
from throughline.policy.precision import RESTRICTED_ZIP3, coarsest
from throughline.policy.sharing import Grant

_ROUGHLY: Mapping[tuple[str, str], str] = {
    ("occurred_at", "day"): "timezone($zone, date_trunc('day', timezone($zone, occurred_at)))",
    ("occurred_at", "month"): "timezone($zone, date_trunc('month', timezone($zone, occurred_at)))",
    ("place", "zip3"): "if(list_contains($restricted_zip3, left(place, 3)), '000', left(place, 3))",
    ("latitude", "hundredth"): "round(latitude, 2)",
    ("longitude", "hundredth"): "round(longitude, 2)",
    ("age", "band"): "CASE WHEN age < 20 THEN 0 WHEN age >= 80 THEN 80 ELSE age // 10 * 10 END",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """SQL expressions for the columns that are told roughly; `condition` says which revisions may be seen."""

    roughly: Mapping[str, str] = field(default_factory=dict)
    condition: str = ""
    columns: frozenset[str] = frozenset()  # that the condition looks at
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def told(self, column: str) -> str:
        return f"{self.roughly[column]} AS {column}" if column in self.roughly else column

    def seen(self, columns: str, rows: str) -> str:
        """A query for the columns of those of the rows that may be seen."""
        if not self.condition:
            return f"SELECT {columns} FROM {rows}"  # noqa: S608  only names that this package declares
        return f"SELECT {columns} FROM (SELECT * FROM {rows}) WHERE {self.condition}"  # noqa: S608


EVERYTHING = Limits()


def limits_of(grants: Iterable[Grant], feeds: Collection[str], *, time_zone: str) -> Limits:
    """What the grants of these feeds limit: fields to the coarsest precision of any, rows feed by feed.

    Days and months are those of the time zone.
    """
    granted = [grant for grant in grants if grant.feed in feeds]
    precision = coarsest(*(grant.precision for grant in granted))
    conditions = [_Condition(f"limit_{number}", grant) for number, grant in enumerate(granted) if grant.rows]
    return Limits(
        roughly=dict(_told_roughly(precision)),
        condition=" AND ".join(condition.sql for condition in conditions),
        columns=frozenset().union(*(grant.rows for grant in granted)),
        parameters=_parameters(precision, conditions, time_zone),
    )


def _told_roughly(precision: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, how in precision.items():
        yield name, _ROUGHLY[name, how]
        if name == "occurred_at":
            yield "time_quality", f"'{how}'"


def _parameters(
    precision: Mapping[str, str], conditions: Iterable["_Condition"], time_zone: str
) -> dict[str, Any]:
    """Only what the expressions name: DuckDB takes no others."""
    parameters: dict[str, Any] = {}
    if "occurred_at" in precision:
        parameters["zone"] = time_zone
    if "place" in precision:
        parameters["restricted_zip3"] = sorted(RESTRICTED_ZIP3)
    for condition in conditions:
        parameters |= condition.parameters
    return parameters


class _Condition:
    """A grant's rows in SQL; rows of other feeds are not its concern."""

    def __init__(self, name: str, grant: Grant) -> None:
        values = {field: f"{name}_{field}" for field in grant.rows}
        terms = " AND ".join(has_any(field, parameter) for field, parameter in values.items())
        self.sql = f"(feed <> ${name} OR ({terms}))"
        self.parameters = {name: grant.feed} | {values[field]: sorted(grant.rows[field]) for field in values}


def has_any(field: str, parameter: str) -> str:
    """SQL: whether a record has one of the parameter's values in the field."""
    name = EVENT_FIELDS[field].name
    if EVENT_FIELDS[field].kind is Kind.TEXTS:
        return f"list_has_any({name}, ${parameter})"
    # Files of earlier versions have no measure: all that they hold are overdoses.
    value = f"coalesce({name}, '{OVERDOSE}')" if name == "measure" else name
    return f"list_contains(${parameter}, {value})"
