"""Queries event files so that of each record only the revision that counts is seen."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

import duckdb

from throughline.formats.event import EVENT_FIELDS, Kind
from throughline.formats.selection import EVERY_EVENT, Filter
from throughline.warehouse.schema import EVENTS

END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)


_TURN = "QUALIFY row_number() OVER (PARTITION BY feed, record_id ORDER BY {order}) = 1"
_CHOSEN = {
    "latest": _TURN.format(order="received_at DESC, usable_at DESC, row DESC"),
    "first": _TURN.format(order="received_at, usable_at, row"),
    "every": "",
}
Revision = Literal["latest", "first", "every"]
_THERE = "deleted IS NOT true"


class EventFiles:
    """A DuckDB connection that can read the given event files, and no other file.

    `as_of`: rows that became usable later don't exist. Revisions of a record are ordered by when their file
    was received, so that a row which is repaired and read again doesn't hide what came in since.
    """

    def __init__(self, root: Path, files: Sequence[Path], as_of: datetime = END_OF_TIME) -> None:
        if missing := [file for file in files if not file.is_file()]:
            raise FileNotFoundError(f"The warehouse lacks {missing[0]}, which a delivery lists.")
        self._connection = _database(root).cursor()
        self._parameters: dict[str, Any] = {"as_of": as_of}
        self._connection.register("no_events", EVENTS.empty_table())
        self._source = "no_events"
        if files:
            # By name and with the empty table, since files of earlier versions lack the columns that came since.
            self._source = (
                "(FROM no_events UNION ALL BY NAME FROM read_parquet($files, union_by_name = true))"
            )
            self._parameters["files"] = [str(file) for file in files]

    def query(
        self,
        columns: Iterable[str],
        select: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        where: Filter = EVERY_EVENT,
        revision: Revision = "latest",
    ) -> Any:
        """Run `select` over a table `event`: these columns of one revision per record (or of every one), if
        `where` holds for it, and its `quantity`. A revision that is deleted is in the table `revision` only.

        Column names must come from `EVENTS`; values belong into `parameters`.
        """
        names = "".join(f", {EVENTS.field(column).name}" for column in sorted({*columns, *where.fields}))
        events = f"""
            WITH revision AS (
                SELECT coalesce(quantity, 1) AS quantity, deleted{names} FROM {self._source} WHERE usable_at <= $as_of
                {_CHOSEN[revision]}
            ), event AS (SELECT * FROM revision WHERE {" AND ".join((_THERE, *map(_term, where.values)))})
        """  # noqa: S608  only names that this package declares
        allowed = {f"any_{name}": list(values) for name, values in where.values.items()}
        return self._connection.execute(events + select, self._parameters | allowed | dict(parameters or {}))

    def close(self) -> None:
        self._connection.close()


def _term(field: str) -> str:
    if EVENT_FIELDS[field].kind is Kind.TEXTS:
        return f"list_has_any({field}, $any_{field})"
    return f"list_contains($any_{field}, {field})"


@cache
def _database(root: Path) -> Any:
    """One in-memory database per process and warehouse, since opening one takes longer than most questions."""
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",  # nothing is fetched from the network
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",  # a name in SQL never means a variable of this program
        }
    )
    connection.execute("CREATE MACRO local_day(instant, zone) AS CAST(timezone(zone, instant) AS DATE)")
    connection.execute("SET allowed_directories = ?", [[str(root / "deliveries")]])
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection
