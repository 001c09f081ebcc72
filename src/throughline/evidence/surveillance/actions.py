"""Looking at the counts of a day, and raising what is found."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max, Min, QuerySet
from django.utils import timezone

from throughline.evidence.feeds.models import Delivery
from throughline.evidence.surveillance.findings import (
    REPLICATES,
    SCAN,
    Finding,
    find_hotspots,
    find_spikes,
)
from throughline.evidence.surveillance.models import DetectionRun
from throughline.evidence.surveillance.queries import (
    NoSource,
    PlaceDays,
    backbone,
    daily_counts,
    first_day_reported,
    last_day_reported,
    source_feeds,
)
from throughline.indicators import INDICATORS, Indicator
from throughline.ledger.actions import record
from throughline.members.accounts.models import Person
from throughline.members.places.models import Place
from throughline.policy.sharing import Purpose, Refused
from throughline.signals.actions import raise_signal
from throughline.signals.models import Signal

HISTORY_DAYS = 365
# The same finding on the next days is one signal, also when it was closed meanwhile.
ONGOING_DAYS = 7

# Files tell of days past: a spike is looked for on each of them, but what is older than this is history.
NEWS_DAYS = 28

Finder = Callable[[PlaceDays, Indicator, dict[str, Place]], list[Finding]]


@dataclass(frozen=True)
class Method:
    """How to look. A method that sees one day only looks at each day that there is news of."""

    find: Finder
    settings: dict[str, object] = field(default_factory=dict)
    sees_one_day: bool = False


METHODS = {
    "daily_spikes": Method(find_spikes, sees_one_day=True),
    "prospective_scan": Method(find_hotspots, SCAN | {"replicates": REPLICATES}),
}


def detect(
    *, on: date, by: object, at: datetime, as_of: datetime | None = None, since: date | None = None
) -> list[DetectionRun]:
    """Watch every indicator that has a source, as it was known at `as_of`, up to the day `on`.

    Spikes are looked for on each day from `since`, or on the last one only. Hotspots last until the last one.
    """
    return [
        run
        for key in INDICATORS
        if source_feeds(key)
        for run in detect_indicator(key, on=on, by=by, at=at, as_of=as_of, since=since)
    ]


def detect_indicator(
    key: str, *, on: date, by: object, at: datetime, as_of: datetime | None = None, since: date | None = None
) -> list[DetectionRun]:
    """Run every method on one indicator. A refusal is a run too: it says why nothing could be seen."""
    known_at = as_of or at
    since = min(since or on, on)
    a_year = since - timedelta(days=HISTORY_DAYS - 1)
    start = min(max(a_year, first_day_reported(key, as_of=known_at) or a_year), since)
    try:
        counted = daily_counts(
            indicator=key,
            start=start,
            end=on,
            purpose=Purpose.SURVEILLANCE,
            reader=backbone(),
            by=by,
            at=at,
            as_of=known_at,
        )
    except (Refused, NoSource) as refusal:
        runs = [_new_run(key, method, on=on, as_of=known_at, by=by, at=at) for method in METHODS]
        for run in runs:
            run.refusals = [str(refusal)]
            run.save()
        return runs
    places = {place.code: place for place in Place.objects.select_related("parent")}
    return [
        _run(key, method, counted, places, since=since, on=on, as_of=known_at, by=by, at=at)
        for method in METHODS
    ]


def detect_after_deliveries(*, by: object, at: datetime) -> list[DetectionRun]:
    """Look again wherever files have come since the last look: what the schedule does every few seconds."""
    return [run for key in INDICATORS for run in _look_at_news(key, by=by, at=at)]


def _look_at_news(key: str, *, by: object, at: datetime) -> list[DetectionRun]:
    news = _unseen(key, at).aggregate(newest=Max("recorded_at"), first=Min("first_occurred_at"))
    on = last_day_reported(key, as_of=at) if news["newest"] else None
    if on is None:
        return []
    runs = detect_indicator(key, on=on, since=_news_begin(news["first"], on), by=by, at=at)
    # Cut off before this, the look is taken again: what was raised is raised once.
    DetectionRun.objects.filter(pk__in=[run.pk for run in runs]).update(seen_until=news["newest"])
    return runs


def _news_begin(first: datetime | None, on: date) -> date:
    """The day of the first event that unseen deliveries tell of, as far as it isn't history."""
    return max(timezone.localdate(first), on - timedelta(days=NEWS_DAYS - 1)) if first else on


def _unseen(key: str, at: datetime) -> QuerySet[Delivery]:
    """Deliveries recorded since the last look for news.

    By when they were recorded, not by when they were usable: a file can be handed over before a look and be
    taken in after it.
    """
    deliveries = Delivery.objects.filter(feed__in=source_feeds(key)).usable_by(at)
    last = DetectionRun.objects.filter(indicator=key).aggregate(last=Max("seen_until"))["last"]
    return deliveries.filter(recorded_at__gt=last) if last else deliveries


@transaction.atomic
def _run(
    key: str,
    method: str,
    counted: PlaceDays,
    places: dict[str, Place],
    *,
    since: date,
    on: date,
    as_of: datetime,
    by: object,
    at: datetime,
) -> DetectionRun:
    first = since if METHODS[method].sees_one_day else on
    years = [counted.until(first + timedelta(days=n), HISTORY_DAYS) for n in range((on - first).days + 1)]
    findings = [finding for year in years for finding in METHODS[method].find(year, INDICATORS[key], places)]
    raised = [signal for finding in findings if (signal := _raise(finding, key, as_of=as_of, by=by, at=at))]
    run = _new_run(key, method, on=on, as_of=as_of, by=by, at=at)
    run.settings = METHODS[method].settings | {"since": first.isoformat()}
    run.feeds, run.refusals = list(counted.feeds), list(counted.refusals)
    run.series, run.events, run.findings = len(counted.places), years[-1].total, len(findings)
    run.save()
    record("detect", by=by, at=at, subject=run, detail={"on": on.isoformat(), "raised": len(raised)})
    return run


def _new_run(key: str, method: str, *, on: date, as_of: datetime, by: object, at: datetime) -> DetectionRun:
    return DetectionRun(
        indicator=key,
        method=method,
        on=on,
        as_of=as_of,
        ran_at=at,
        ran_by=by if isinstance(by, Person) else None,
    )


def _raise(finding: Finding, indicator: str, *, as_of: datetime, by: object, at: datetime) -> Signal | None:
    if _is_ongoing(finding, indicator):
        return None
    signal, is_new = raise_signal(
        kind=finding.kind,
        fingerprint=f"{finding.kind}:{indicator}:{finding.places[0].code}:{finding.ends_on.isoformat()}",
        title=finding.title,
        sentence=finding.sentence,
        places=finding.places,
        begins_on=finding.begins_on,
        ends_on=finding.ends_on,
        evidence=finding.evidence | {"as_of": as_of.isoformat()},
        by=by,
        at=at,
    )
    return signal if is_new else None


def _is_ongoing(finding: Finding, indicator: str) -> bool:
    """A signal of this kind already speaks of one of these places and of the days just before."""
    since = finding.ends_on - timedelta(days=ONGOING_DAYS)
    return Signal.objects.filter(
        kind=finding.kind,
        evidence__indicator=indicator,
        places__in=finding.places,
        ends_on__range=(since, finding.ends_on),
    ).exists()
