"""How long a feed's events take to arrive, read under a grant and drawn as charts."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

import numpy as np
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from throughline.evidence.agreements.actions import grant_or_refuse
from throughline.evidence.feeds.models import Feed
from throughline.evidence.feeds.queries import committed_deliveries, warehouse
from throughline.members.accounts.models import Person
from throughline.policy.cumulative import protect_running_totals
from throughline.policy.sharing import Grant, Purpose
from throughline.ui.charts import Chart, Series, bar_chart, line_chart
from throughline.warehouse import DelayReader, MonthlyDelays, Timeliness

WITHIN_DAYS = (1, 2, 3, 7, 14, 30)
SHOWN_MONTHS = 24


@dataclass(frozen=True)
class Lateness:
    """What of a feed had come by when; a share is None where it is withheld."""

    events: int | None
    shares: tuple[float | None, ...]  # within WITHIN_DAYS
    months: tuple[date, ...]
    median_days: tuple[float | None, ...]
    percentile_90_days: tuple[float | None, ...]
    as_of: datetime


def read_lateness(*, feed: Feed, by: Person, at: datetime, as_of: datetime) -> Lateness | None:
    """How late the feed's events came, as far as was known `as_of`; None where nothing had come.

    The provider's own people see every figure, others those that stand for the agreement's minimum cell or more.
    Raises Refused. The read is in the ledger.
    """
    grant = grant_or_refuse(
        feed=feed.key,
        provider=feed.provider,
        reader=by.organization,
        purpose=Purpose.QUALITY,
        fields=["occurred_at"],
        by=by,
        at=at,
    )
    overall, monthly = _read_once(grant, tuple(committed_deliveries(feed, as_of=as_of)))
    return _lateness(overall, monthly, grant.minimum_cell, as_of) if overall.events else None


@lru_cache(maxsize=64)
def _read_once(grant: Grant, deliveries: tuple[str, ...]) -> tuple[Timeliness, MonthlyDelays]:
    """Deliveries never change, so that those usable by an instant say the same to the next visitor."""
    with DelayReader.open(warehouse(), grant, {grant.feed: deliveries}) as events:
        events.load(["occurred_at"])
        return events.timeliness(), events.monthly_delays(time_zone=timezone.get_default_timezone_name())


def share_chart(lateness: Lateness) -> Chart:
    labels = [ngettext("within %(days)d day", "within %(days)d days", n) % {"days": n} for n in WITHIN_DAYS]
    # Whole percents, as on the scorecard, so that those of two days can't be subtracted to find one event.
    percents = [None if share is None else round(100 * share) for share in lateness.shares]
    return bar_chart(
        title=_("Share of events received after they occurred"),
        series=[Series(_("Share received"), percents)],
        labels=labels,
        as_of=lateness.as_of,
        unit=_("percent"),
    )


def month_chart(lateness: Lateness) -> Chart:
    return line_chart(
        title=_("Days from occurring to received, by month of occurrence"),
        series=[
            Series(_("Half of the events within"), lateness.median_days),
            Series(_("Nine of ten within"), lateness.percentile_90_days, tone="second"),
        ],
        labels=[
            date_format(month, pgettext("a month, in Django's date format", "M Y"))
            for month in lateness.months
        ],
        as_of=lateness.as_of,
        unit=_("days"),
    )


def _lateness(overall: Timeliness, monthly: MonthlyDelays, minimum_cell: int, as_of: datetime) -> Lateness:
    first = max(len(monthly.months) - SHOWN_MONTHS, 0)
    records = monthly.records[first:]
    return Lateness(
        events=overall.events if overall.events >= minimum_cell else None,
        shares=_shares(overall, minimum_cell),
        months=monthly.months[first:],
        median_days=_shown(monthly.median[first:], records, minimum_cell),
        percentile_90_days=_shown(monthly.percentile_90[first:], records, minimum_cell),
        as_of=as_of,
    )


def _shares(overall: Timeliness, minimum_cell: int) -> tuple[float | None, ...]:
    """Shares within so many days; the days between them are summed, and what took longer is the last part."""
    parts = [int(part.sum()) for part in np.split(overall.by_day, WITHIN_DAYS)]
    totals = protect_running_totals(parts, minimum_cell=minimum_cell)[: len(WITHIN_DAYS)]
    return tuple(None if total is None else total / overall.events for total in totals)


def _shown(values: np.ndarray, records: np.ndarray, minimum_cell: int) -> tuple[float | None, ...]:
    """A figure of few records is withheld, since it is nearly theirs."""
    return tuple(
        None if count < minimum_cell else float(value) for value, count in zip(values, records, strict=True)
    )
