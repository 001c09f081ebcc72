"""Measures how long records take to arrive, month by month of when they happened: counts, never rows."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from throughline.formats.selection import EVERY_EVENT, Filter
from throughline.warehouse.counts import Counts
from throughline.warehouse.reader import EventReader

DAY = 86_400


@dataclass(frozen=True, slots=True)
class MonthlyDelays:
    """Days from occurring to the first receipt, per local month (named by its first day); arrays are (months,)."""

    months: tuple[date, ...]
    records: Counts
    median: NDArray[np.float64]
    percentile_90: NDArray[np.float64]


class DelayReader(EventReader):
    """An `EventReader` that also measures delays. Raises NotGranted like it."""

    def monthly_delays(self, *, time_zone: str, where: Filter = EVERY_EVENT) -> MonthlyDelays:
        """As `timeliness`, for each month in which something happened. Recent months are not over: what is still
        to come will be late, so that their figures rise."""
        self._require({"occurred_at"}, where)
        found = self._events.query(
            {"occurred_at", "received_at"},
            """
            SELECT month, count(*) AS records, quantile_cont(days, 0.5) AS median, quantile_cont(days, 0.9) AS ninth
            FROM (
                SELECT CAST(date_trunc('month', local_day(occurred_at, $time_zone)) AS DATE) AS month,
                    greatest(epoch(received_at) - epoch(occurred_at), 0) / $day AS days
                FROM event
            )
            GROUP BY month ORDER BY month
            """,
            {"time_zone": time_zone, "day": DAY},
            where=where,
            revision="first",
        ).fetchall()
        columns = list(zip(*found, strict=True)) or [(), (), (), ()]
        return MonthlyDelays(
            months=columns[0],
            records=np.array(columns[1], dtype=np.int64),
            median=np.array(columns[2], dtype=np.float64),
            percentile_90=np.array(columns[3], dtype=np.float64),
        )
