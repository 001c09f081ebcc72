"""Asks the same questions of events on a Spark cluster, for what outgrows one machine."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from throughline.definitions import Criterion, Definition
from throughline.definitions.context import Step
from throughline.definitions.definition import CodeTest, FieldTest, Test, TextTest
from throughline.definitions.folding import FOLDING, LONGEST_TEXT
from throughline.formats.event import EVENT_FIELDS, OVERDOSE, Kind
from throughline.formats.selection import EVERY_EVENT, Filter
from throughline.policy.sharing import Grant
from throughline.warehouse.classification import cheapest, elements_of
from throughline.warehouse.counts import DailyCounts, spread_counts
from throughline.warehouse.reader import NotGranted, granted_fields, require_fields
from throughline.warehouse.schema import EVENTS
from throughline.warehouse.stage import EVENTS_FILE

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

_TYPES = {
    pa.string(): "string",
    pa.list_(pa.string()): "array<string>",
    pa.timestamp("us", tz="UTC"): "timestamp",
    pa.int16(): "smallint",
    pa.int32(): "int",
    pa.int64(): "bigint",
    pa.float64(): "double",
    pa.bool_(): "boolean",
}
_RECORD = ["feed", "record_id"]


def open_events_on_spark(
    session: "SparkSession",
    location: str,
    grants: Grant | Iterable[Grant],
    deliveries: Mapping[str, Sequence[str]],
    *,
    as_of: datetime | None = None,
) -> "SparkEventReader":
    """As `open_events`, on a session of Spark Connect whose cluster sees the warehouse's folder at `location`.

    Sets the session's time zone to UTC. Raises NotGranted, also for grants that limit rows or precision: here nothing
    would apply that.
    """
    granted = [grants] if isinstance(grants, Grant) else list(grants)
    fields = granted_fields(granted, deliveries)
    if limited := {grant.feed for grant in granted if grant.rows or grant.precision}:
        raise NotGranted(f"Spark reads whole feeds only, not as limited: {', '.join(sorted(limited))}.")
    session.conf.set("spark.sql.session.timeZone", "UTC")
    files = [
        f"{location}/deliveries/{feed}/{name}/{EVENTS_FILE}"
        for feed, names in deliveries.items()
        for name in names
    ]
    return SparkEventReader(_rows(session, files, as_of), fields)


class SparkEventReader:
    """Counts events as `EventReader` does, with equal results. Made by `open_events_on_spark`."""

    def __init__(self, rows: "DataFrame", fields: frozenset[str]) -> None:
        self._rows = rows
        self.fields = fields

    def count(self, *, where: Filter = EVERY_EVENT, definition: Definition | None = None) -> int:
        """How many overdoses, or other things, there are."""
        events = self._events(set(), where, _those(definition))
        return int(events.selectExpr("coalesce(sum(quantity), 0) AS events").collect()[0].events)

    def daily_counts(
        self,
        *,
        start: date,
        end: date,
        time_zone: str,
        where: Filter = EVERY_EVENT,
        definition: Definition | None = None,
    ) -> DailyCounts:
        """Events per place and local day, from `start` to `end`, both included."""
        events = self._events({"place", "occurred_at"}, where, _those(definition))
        found = _sums(_within(events, start, end, time_zone), ["place", "day"])
        return spread_counts(_arrays(found), start, (end - start).days + 1)

    def counts_by(
        self,
        *fields: str,
        start: date,
        end: date,
        time_zone: str,
        where: Filter = EVERY_EVENT,
        definition: Definition | None = None,
    ) -> dict[tuple[Any, ...], int]:
        """Events per combination of the fields' values, as `EventReader.counts_by` says."""
        from pyspark.sql import functions as f

        events = self._events({"occurred_at", *fields}, where, _those(definition))
        for name in fields:
            if EVENT_FIELDS[name].kind is Kind.TEXTS:
                events = events.withColumn(name, f.explode(name))
        return dict(_counted(_sums(_within(events, start, end, time_zone), fields)))

    def counts_by_definition(
        self,
        definitions: Sequence[Definition],
        *,
        start: date,
        end: date,
        time_zone: str,
        where: Filter = EVERY_EVENT,
    ) -> dict[tuple[bool, ...], int]:
        """Events by which of the definitions they meet, as `EventReader.counts_by_definition` says."""
        events = self._events({"occurred_at"}, where, definitions)
        found = _sums(_within(events, start, end, time_zone), ["meets"])
        return {tuple(meets): count for (meets,), count in _counted(found)}

    def _events(self, fields: set[str], where: Filter, definitions: Sequence[Definition]) -> "DataFrame":
        """The latest row of each record, if `where` holds for it and it meets one of the definitions, if any.

        `meets` says of each definition whether it does.
        """
        require_fields(
            fields.union(where.needs, *(definition.needs for definition in definitions)), self.fields
        )
        events = self._cases(definitions) if definitions else _latest(self._rows)
        terms = (_field_has(name, values) for name, values in where.values.items())
        return reduce(lambda kept, term: kept.where(term), terms, events.where("deleted IS NOT true"))

    def _cases(self, definitions: Sequence[Definition]) -> "DataFrame":
        from pyspark.sql import functions as f

        conditions = _Conditions(self._entries(definitions))
        criteria = (criterion for definition in definitions for criterion in definition.criteria)
        found = (conditions.candidates(self._rows, criterion) for criterion in criteria)
        records = reduce(lambda one, other: one.union(other), found).distinct()
        latest = _latest(self._rows.join(records, on=_RECORD, how="left_semi"))
        met = latest.withColumn("meets", f.array(*map(conditions.definition, definitions)))
        return met.where(f.array_contains("meets", True))

    def _entries(self, definitions: Sequence[Definition]) -> list[str]:
        """All codes that occur of the elements that the definitions look at."""
        from pyspark.sql import functions as f

        elements = elements_of(definitions)
        if not elements:
            return []
        entries = self._rows.select(f.explode("codes").alias("entry")).distinct()
        of_elements = entries.where(f.substring_index("entry", "=", 1).isin(*elements))
        return [row.entry for row in of_elements.collect()]


def _rows(session: "SparkSession", files: Sequence[str], as_of: datetime | None) -> "DataFrame":
    """Every row of the files; columns that an older file lacks are NULL."""
    from pyspark.sql import functions as f

    schema = ", ".join(f"`{field.name}` {_TYPES[field.type]}" for field in EVENTS)
    rows = session.read.schema(schema).parquet(*files) if files else session.createDataFrame([], schema)
    rows = rows.withColumn("quantity", f.coalesce("quantity", f.lit(1)))
    return rows if as_of is None else rows.where(f.col("usable_at") <= f.lit(as_of))


def _latest(rows: "DataFrame") -> "DataFrame":
    turn = (
        "row_number() OVER (PARTITION BY feed, record_id ORDER BY received_at DESC, row DESC, usable_at DESC)"
    )
    return rows.selectExpr("*", f"{turn} AS turn").where("turn = 1")


def _those(definition: Definition | None) -> list[Definition]:
    return [definition] if definition else []


def _within(events: "DataFrame", start: date, end: date, time_zone: str) -> "DataFrame":
    """The events of the local days from `start` to `end`; `day` counts from 0."""
    from pyspark.sql import functions as f

    local = f.to_date(f.from_utc_timestamp("occurred_at", time_zone))
    days = events.withColumn("day", f.datediff(local, f.lit(start)))
    return days.where(f.col("day").between(0, (end - start).days))


def _sums(events: "DataFrame", columns: Sequence[str]) -> pa.Table:
    from pyspark.sql import functions as f

    return events.groupBy(*columns).agg(f.sum("quantity").alias("events")).toArrow()


def _counted(found: pa.Table) -> Iterator[tuple[tuple[Any, ...], int]]:
    """Each row's values, and the count in its last column."""
    for *values, events in zip(*(column.to_pylist() for column in found.columns), strict=True):
        yield tuple(values), events


class _Conditions:
    """Writes a definition as a condition of Spark's, as `classification` does for DuckDB."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._entries = tuple(entries)

    def definition(self, definition: Definition) -> "Column":
        from pyspark.sql import functions as f

        met = reduce(or_, map(self._criterion, definition.criteria))
        if not definition.measures:
            return met
        return met & f.coalesce("measure", f.lit(OVERDOSE)).isin(*definition.measures)

    def candidates(self, rows: "DataFrame", criterion: Criterion) -> "DataFrame":
        """The records with a row that may meet the criterion, by its cheapest test."""
        from pyspark.sql import functions as f

        test = cheapest(criterion.every)
        if not isinstance(test, TextTest):
            return rows.where(self._test(test)).select(*_RECORD)
        entries = rows.select(*_RECORD, f.explode("texts").alias("entry"))
        return entries.where(_text_has(replace(test, steps=()))).select(*_RECORD)

    def _criterion(self, criterion: Criterion) -> "Column":
        terms = [*map(self._test, criterion.every), *(~self._test(test) for test in criterion.none)]
        return reduce(and_, terms)

    def _test(self, test: Test) -> "Column":
        from pyspark.sql import functions as f

        match test:
            case CodeTest():
                accepted = [entry for entry in self._entries if test.accepts(entry)]
                return _field_has("codes", accepted)
            case TextTest():
                return f.expr(f"coalesce(exists(texts, entry -> {_text_has(test)}), false)")
            case FieldTest():
                return _field_has(test.name, test.values)


def _field_has(name: str, values: Collection[str | bool]) -> "Column":
    """Whether the field has one of the values, or one of its own is among them; never NULL."""
    from pyspark.sql import functions as f

    if EVENT_FIELDS[name].kind is Kind.TEXTS:
        wanted = f.array(*map(f.lit, sorted(values))).cast("array<string>")
        return f.coalesce(f.arrays_overlap(name, wanted), f.lit(False))
    absent = OVERDOSE in values if name == "measure" else False  # as in `revisions`
    return f.coalesce(f.col(name).isin(*values), f.lit(absent))


def _text_has(test: TextTest) -> str:
    """Spark's SQL for `TextTest.search` in `entry`; as text, since many steps nest deeper than a message may."""
    elements = ", ".join(map(_quoted, sorted(test.elements)))
    folded = f"substring(entry, length(substring_index(entry, '=', 1)) + 2, {LONGEST_TEXT})"
    for pattern, replacement in FOLDING:
        folded = _replaced(folded, pattern, replacement)
    folded = f"lower({folded})"
    left, pattern = reduce(_taken, test.steps, folded), _quoted(test.pattern)
    found = f"CASE WHEN rlike({folded}, {pattern}) THEN rlike({left}, {pattern}) ELSE false END"
    return f"CASE WHEN substring_index(entry, '=', 1) IN ({elements}) THEN {found} ELSE false END"


def _taken(text: str, step: Step) -> str:
    if step.keeps:
        return _replaced(text, f"({step.pattern})", step.replacement + "$1")
    return _replaced(text, step.pattern, step.replacement)


def _replaced(text: str, pattern: str, replacement: str) -> str:
    return f"regexp_replace({text}, {_quoted(pattern)}, {_quoted(replacement)})"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _arrays(found: pa.Table) -> dict[str, Any]:
    place = found["place"].to_numpy(zero_copy_only=False)
    unknown = np.array([value is None for value in place], dtype=bool)
    columns = {name: found[name].to_numpy() for name in ("day", "events")}
    return {"place": np.ma.array(place, mask=unknown), **columns}
