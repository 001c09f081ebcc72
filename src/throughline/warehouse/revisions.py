"""Queries event files so that of each record only the revision that counts is seen."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

import duckdb
import pyarrow as pa

from throughline.definitions import Definition
from throughline.formats.limits import MEBIBYTE
from throughline.formats.selection import EVERY_EVENT, Filter
from throughline.warehouse.classification import Cases, compile_cases, elements_of, folded_macro
from throughline.warehouse.limits import EVERYTHING, Limits, has_any
from throughline.warehouse.schema import EVENTS
from throughline.warehouse.scratch import scratch_folder

_SMALL = 64 * MEBIBYTE  # of files, some million rows
_MEMORY = "2GB"  # for each process; what takes more is done on disk
END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)

_TURN = "QUALIFY row_number() OVER (PARTITION BY feed, record_id ORDER BY {order}) = 1"
_CHOSEN = {
    "latest": _TURN.format(order="received_at DESC, row DESC, usable_at DESC"),
    "first": _TURN.format(order="received_at, row, usable_at"),
    "every": "",
}
Revision = Literal["latest", "first", "every"]
_ALWAYS = ("feed", "record_id", "received_at", "row", "usable_at", "quantity", "deleted")
_THERE = "deleted IS NOT true"
_EVERY_EVENT = Cases(frozenset(), "[true]", (), {})


class EventFiles:
    """A DuckDB connection that can read the given event files, and no other file.

    `as_of`: rows that became usable later don't exist. Revisions of a record are ordered by when their file
    was received, then by their row, so that a row which is repaired and read again hides nothing that came after it.
    `limits`: what is told roughly, and revisions that aren't to be seen.
    """

    def __init__(
        self,
        root: Path,
        files: Sequence[Path],
        as_of: datetime = END_OF_TIME,
        limits: Limits = EVERYTHING,
    ) -> None:
        if missing := [file for file in files if not file.is_file()]:
            raise FileNotFoundError(f"The warehouse lacks {missing[0]}, which a delivery lists.")
        self._is_small = sum(file.stat().st_size for file in files) < _SMALL
        self._limits = limits
        self.connection = database(root).cursor()
        self._parameters: dict[str, Any] = {"as_of": as_of}
        self.connection.register("no_events", EVENTS.empty_table())
        source = "no_events"
        if files:
            # By name and with the empty table, since files of earlier versions lack the columns that came since.
            source = "(FROM no_events UNION ALL BY NAME FROM read_parquet($files, union_by_name = true))"
            self._parameters["files"] = [str(file) for file in files]
        # Two records may share a key: it only ever leaves out rows that can't matter.
        self._rows = f"(SELECT *, hash(feed, record_id) AS key FROM {source} WHERE usable_at <= $as_of)"  # noqa: S608

    def only(self, record_ids: Collection[str]) -> None:
        """Later questions are about these records and no others."""
        self.connection.register("asked", pa.table({"record_id": pa.array(record_ids, pa.string())}))
        self._rows = f"(SELECT * FROM {self._rows} SEMI JOIN asked USING (record_id))"  # noqa: S608
        self._is_small = True

    def only_patients(self, patients: Collection[str]) -> None:
        """Later questions are about records of these patients: their key begins with theirs, up to a stroke."""
        self.connection.register("patients", pa.table({"patient": pa.array(patients, pa.string())}))
        theirs = "split_part(record_id, '/', 1) IN (FROM patients)"
        self._rows = f"(SELECT * FROM {self._rows} WHERE {theirs})"  # noqa: S608

    def load(self, columns: Iterable[str]) -> None:
        """Read these columns of a small feed once: opening its files again for each question would take longer.

        Later questions may name no others. Feeds that aren't small are read as before.
        """
        if not self._is_small:
            return
        names = ", ".join(
            EVENTS.field(column).name for column in sorted({*columns, *_ALWAYS, *self._limits.columns})
        )
        loaded = f"CREATE TEMP TABLE loaded AS SELECT key, {names} FROM {self._rows}"  # noqa: S608
        self.connection.execute(loaded, self._parameters)
        self._rows, self._parameters = "loaded", {}

    def query(
        self,
        columns: Iterable[str],
        select: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        where: Filter = EVERY_EVENT,
        definitions: Sequence[Definition] = (),
        revision: Revision = "latest",
        into: str = "",
    ) -> Any:
        """Run `select` over a table `event`: these columns of one revision per record (or of every one), if
        `where` holds for it and it meets one of `definitions`, and its `quantity`; `meets` says of each definition
        whether it does. A revision that is deleted is in the table `revision` only.

        Column names must come from `EVENTS`; values belong into `parameters`. What is found can go `into` a table
        of this connection.
        """
        cases = self._cases(definitions) if definitions else _EVERY_EVENT
        names = "".join(
            f", {self._limits.told(EVENTS.field(column).name)}"
            for column in sorted({*columns, *where.fields, *cases.fields})
        )
        wanted = (has_any(name, f"any_{name}") for name in where.values)
        terms = (_THERE, *wanted, "list_contains(meets, true)")
        events = f"""
            WITH {self._revisions(f"coalesce(quantity, 1) AS quantity, deleted{names}", _CHOSEN[revision], cases)},
            event AS (SELECT *, {cases.meets} AS meets FROM revision WHERE {" AND ".join(terms)})
        """  # noqa: S608  only names that this package declares
        allowed = {f"any_{name}": list(values) for name, values in where.values.items()}
        limits = self._limits.parameters
        values = {**self._parameters, **limits, **cases.parameters, **allowed, **(parameters or {})}
        insert = f"INSERT INTO {into} " if into else ""
        return self.connection.execute(insert + events + select, values)

    def _revisions(self, columns: str, chosen: str, cases: Cases) -> str:
        """The table `revision`; small feeds are read once.

        Ordering is what takes time and memory in large ones, so it is spared the rows that are alone or no case.
        """
        if self._is_small:
            return f"revision AS ({self._limits.seen(columns, f'{self._rows} {chosen}')})"
        ordered = self._limits.seen(columns, f"{self._rows} SEMI JOIN keys USING (key) {chosen}")
        alone = self._limits.seen(columns, f"{self._rows} ANTI JOIN keys USING (key)")
        revisions = ordered if cases.candidates else f"{alone} UNION ALL {ordered}"
        return f"keys AS MATERIALIZED ({self._keys(cases)}), revision AS ({revisions})"

    def _keys(self, cases: Cases) -> str:
        """Of the records whose rows must be ordered: those with a row that may be a case, else with several rows."""
        if cases.candidates:
            return " UNION ".join(query.format(events=self._rows) for query in cases.candidates)
        return f"SELECT key FROM {self._rows} GROUP BY key HAVING count(*) > 1"  # noqa: S608

    def _cases(self, definitions: Sequence[Definition]) -> Cases:
        found = self.connection.execute(
            f"""
            SELECT entry FROM (SELECT DISTINCT unnest(codes) AS entry FROM {self._rows})
            WHERE list_contains($elements, split_part(entry, '=', 1))
            """,  # noqa: S608
            self._parameters | {"elements": sorted(elements_of(definitions))},
        )
        entries = sorted(entry for (entry,) in found.fetchall())
        return compile_cases(definitions, entries, with_candidates=not self._is_small)

    def close(self) -> None:
        self.connection.close()


@cache
def database(root: Path) -> Any:
    """One in-memory database per process and warehouse, since opening one takes longer than most questions."""
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",  # nothing is fetched from the network
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",  # a name in SQL never means a variable of this program
            "preserve_insertion_order": "false",  # which would keep more rows in memory
            "memory_limit": _MEMORY,
            "temp_directory": str(scratch_folder(root)),
        }
    )
    connection.execute("SET enable_progress_bar = false")  # standard output belongs to the command
    connection.execute(folded_macro())
    connection.execute("CREATE MACRO local_day(instant, zone) AS CAST(timezone(zone, instant) AS DATE)")
    connection.execute("LOAD parquet")  # which is built in; its settings are known from here on
    connection.execute("SET parquet_metadata_cache = true")  # files never change
    connection.execute("SET allowed_directories = ?", [[str(root / "deliveries")]])
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection
