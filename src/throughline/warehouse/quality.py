"""Measures how complete, alike and timely the records of a feed are: counts, never rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from throughline.formats.event import EVENT_FIELDS, UNKNOWN, Kind
from throughline.formats.selection import EVERY_EVENT
from throughline.warehouse.counts import Counts
from throughline.warehouse.reader import EventReader

LIKE_FIELDS = ("occurred_at", "place", "age_group", "sex", "outcome")
"""Two records that agree in all of these, to the minute, are probably one event under two keys."""

_KNOWN = {
    Kind.TEXT: f"{{0}} IS NOT NULL AND {{0}} NOT IN ('', '{UNKNOWN}')",
    Kind.TEXTS: f"len({{0}}) > 0 AND {{0}} <> ['{UNKNOWN}']",
}


@dataclass(frozen=True, slots=True)
class Completeness:
    """Records per local month (named by its first day), and of those the ones in which a field is known.

    `records` and each array of `known` are (months,).
    """

    months: tuple[date, ...]
    records: Counts
    known: Mapping[str, Counts]


@dataclass(frozen=True, slots=True)
class Lookalikes:
    """Records beyond the first of those that look like one event: in one delivery, and in different ones.

    `by_chance`: how many would agree though all are different events.
    """

    within: int
    across: int
    by_chance: float

    @property
    def beyond_chance(self) -> float:
        return max(self.within + self.across - self.by_chance, 0.0)


@dataclass(frozen=True, slots=True)
class Mix:
    """Records per value of one field, in a reference period and in the latest one; "unknown" is a value too."""

    reference: Mapping[str, int]
    latest: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Delays:
    """Days from when records occurred to when they were first received; None where there are no records."""

    median: float | None
    percentile_90: float | None


class QualityReader(EventReader):
    """An `EventReader` that also measures quality. Raises NotGranted like it."""

    def completeness(self, fields: Iterable[str], *, start: date, end: date, time_zone: str) -> Completeness:
        """How many records of each month, from `start` to `end` (both included), have a known value in each field."""
        names = sorted(set(fields))
        known = "".join(f", count(*) FILTER ({_is_known(name)}) AS {name}" for name in names)
        found = self._query(
            {"occurred_at", *names},
            f"""
            SELECT CAST(date_trunc('month', local_day(occurred_at, $time_zone)) AS DATE) AS month, count(*){known}
            FROM event WHERE local_day(occurred_at, $time_zone) BETWEEN $start AND $end
            GROUP BY ALL ORDER BY ALL
            """,  # noqa: S608  names of declared fields
            {"start": start, "end": end, "time_zone": time_zone},
        )
        return _completeness(found.fetchall(), names)

    def mixes(
        self, fields: Iterable[str], *, start: date, latest: date, end: date, time_zone: str
    ) -> dict[str, Mix]:
        """Each field's values from `start` to before `latest`, and from `latest` to `end` (included).

        A record with several values counts once for each of them. `fields` names at least one.
        """
        names = sorted(set(fields))
        found = self._query(
            {"occurred_at", *names},
            f"""
            , dated AS (
                SELECT local_day(occurred_at, $time_zone) AS day, {", ".join(map(_as_texts, names))}
                FROM event WHERE local_day(occurred_at, $time_zone) BETWEEN $start AND $end
            )
            {" UNION ALL ".join(map(_mix_of, names))}
            """,  # noqa: S608  names of declared fields
            {"start": start, "latest": latest, "end": end, "time_zone": time_zone},
        )
        return _mixes(names, found.fetchall())

    def delays(self, *, start: date, end: date, time_zone: str) -> Delays:
        """How long the records of these local days, both included, took to come. What is still to come is left out."""
        self._require({"occurred_at"}, EVERY_EVENT)
        found = self._events.query(
            {"occurred_at", "received_at"},
            """
            SELECT quantile_cont(days, 0.5), quantile_cont(days, 0.9) FROM (
                SELECT greatest(epoch(received_at) - epoch(occurred_at), 0) / 86400 AS days FROM event
                WHERE local_day(occurred_at, $time_zone) BETWEEN $start AND $end
            )
            """,
            {"start": start, "end": end, "time_zone": time_zone},
            revision="first",
        )
        return Delays(*found.fetchone())

    def lookalikes(self, *, start: date, end: date, time_zone: str) -> Lookalikes:
        """Placed records that agree in `LIKE_FIELDS`, to the minute, though their keys differ.

        By chance agree as many as there are pairs alike in the other fields and the hour, times the probability that
        two events have the same minute of the hour (Simpson 1949, Nature 163:688), so that a large feed, or one that
        rounds its times to the quarter of an hour, isn't taken for one that sends records twice.
        """
        fields, others = ", ".join(LIKE_FIELDS), ", ".join(LIKE_FIELDS[1:])
        found = self._query(
            {*LIKE_FIELDS, "time_quality"},
            f"""
            , placed AS (
                SELECT delivery, {fields} FROM event
                WHERE time_quality = 'minute' AND place IS NOT NULL
                    AND local_day(occurred_at, $time_zone) BETWEEN $start AND $end
            ), alike AS (
                SELECT occurred_at, count(*) AS records, count(DISTINCT delivery) AS deliveries
                FROM placed GROUP BY {fields}
            ), hourly AS (
                SELECT count(*) AS records FROM placed GROUP BY date_trunc('hour', occurred_at), {others}
            ), minutes AS (
                SELECT count(*) AS events FROM alike GROUP BY date_part('minute', occurred_at)
            )
            SELECT sum(records - deliveries), sum(deliveries - 1),
                (SELECT sum(records * (records - 1) / 2) FROM hourly)
                * (SELECT sum(events * (events - 1)) / nullif(sum(events) * (sum(events) - 1), 0) FROM minutes)
            FROM alike
            """,  # noqa: S608  names of declared fields
            {"start": start, "end": end, "time_zone": time_zone},
            provenance={"delivery"},
        )
        within, across, by_chance = found.fetchone()
        return Lookalikes(int(within or 0), int(across or 0), float(by_chance or 0.0))


def _is_known(name: str) -> str:
    return _KNOWN.get(EVENT_FIELDS[name].kind, "{0} IS NOT NULL").format(name)


def _as_texts(name: str) -> str:
    """All values as lists of texts, so that one record can have several, and one with none is "unknown"."""
    if EVENT_FIELDS[name].kind is Kind.TEXTS:
        return f"CASE WHEN len({name}) > 0 THEN {name} ELSE ['{UNKNOWN}'] END AS {name}"
    if EVENT_FIELDS[name].kind is Kind.FLAG:
        return f"[CASE WHEN {name} THEN 'yes' WHEN NOT {name} THEN 'no' ELSE '{UNKNOWN}' END] AS {name}"
    return f"[coalesce(nullif(CAST({name} AS VARCHAR), ''), '{UNKNOWN}')] AS {name}"


def _mix_of(name: str) -> str:
    return f"""
        SELECT '{name}', value, count(*) FILTER (day < $latest), count(*) FILTER (day >= $latest)
        FROM (SELECT day, unnest({name}) AS value FROM dated) GROUP BY value
    """  # noqa: S608  names of declared fields


def _mixes(names: Sequence[str], rows: Sequence[tuple[str, str, int, int]]) -> dict[str, Mix]:
    return {
        name: Mix(
            reference={value: before for field, value, before, _ in rows if field == name and before},
            latest={value: now for field, value, _, now in rows if field == name and now},
        )
        for name in names
    }


def _completeness(rows: Sequence[tuple[Any, ...]], names: Sequence[str]) -> Completeness:
    counts = np.array([row[1:] for row in rows], dtype=np.int64).reshape(len(rows), len(names) + 1)
    months = tuple(row[0] for row in rows)
    return Completeness(months, counts[:, 0], {name: counts[:, 1 + n] for n, name in enumerate(names)})
