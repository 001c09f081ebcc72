"""Says what was known of a batch of records, without holding a feed's records in this program's memory."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from throughline.warehouse.revisions import EventFiles

_EARLIER = 0


@dataclass(frozen=True, slots=True)
class Known:
    """A record's latest content, and whether the delivery that is being read said so itself."""

    content_hash: str
    told_now: bool


class KnownRecords:
    """The latest content of each record of some deliveries, and of the one that is being read.

    A table of DuckDB, which goes to disk beyond the memory that DuckDB may take.
    """

    def __init__(self, events: EventFiles) -> None:
        self._turn = _EARLIER
        self._connection = events.connection
        self._connection.execute(
            "CREATE TEMP TABLE known (record_id VARCHAR, content_hash VARCHAR, turn INTEGER)"
        )
        select = f"SELECT record_id, content_hash, {_EARLIER} FROM revision"  # noqa: S608  a number
        events.query({"record_id", "content_hash"}, select, into="known")

    def of(self, record_ids: Collection[str]) -> dict[str, Known]:
        """What is known of those of these records of which anything is."""
        self._connection.register("asked", pa.table({"record_id": pa.array(record_ids, pa.string())}))
        found = self._connection.execute(
            """
            SELECT record_id, arg_max(content_hash, turn), max(turn) FROM known SEMI JOIN asked USING (record_id)
            GROUP BY record_id
            """
        )
        return {key: Known(content, turn > _EARLIER) for key, content, turn in found.fetchall()}

    def tell(self, contents: Mapping[str, str]) -> None:
        """From now on these are the latest contents, by record id."""
        self._turn += 1
        columns = {"record_id": list(contents.keys()), "content_hash": list(contents.values())}
        self._connection.register(
            "told", pa.table(columns, pa.schema([(name, pa.string()) for name in columns]))
        )
        self._connection.execute(
            "INSERT INTO known SELECT record_id, content_hash, ? FROM told", [self._turn]
        )

    def differing(self, event_file: Path) -> int:
        """Of how many records of a delivery's file something else is known than it said last."""
        found = self._connection.execute(
            """
            WITH said AS (
                SELECT record_id, arg_max(content_hash, row) AS said FROM read_parquet($file) GROUP BY record_id
            )
            SELECT count(*) FROM said JOIN known USING (record_id) WHERE said <> content_hash
            """,
            {"file": str(event_file)},
        )
        return int(found.fetchone()[0])
