"""Looking at the counts of a day, and raising what is found."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max, Min, QuerySet
from django.utils import timezone

from throughline.evidence.feeds.models import Delivery
from throughline.evidence.surveillance.findings import Finding
from throughline.evidence.surveillance.hotspots import find_hotspots, scan_settings, too_little
from throughline.evidence.surveillance.models import METHODS, DetectionRun
from throughline.evidence.surveillance.queries import (
    NoSource,
    PlaceDays,
    backbone,
    daily_counts,
    first_day_reported,
    jurisdictions,
    known_places,
    last_day_reported,
    looks_so_far,
    source_feeds,
)
from throughline.evidence.surveillance.sightings import keep_sighting, known_hotspots
from throughline.evidence.surveillance.spikes import find_spikes
from throughline.indicators import INDICATORS
from throughline.ledger.actions import record
from throughline.members.accounts.models import Person
from throughline.members.places.models import Place
from throughline.policy.sharing import Purpose, Refused
from throughline.signals.actions import raise_signal
from throughline.signals.models import Signal

HARMS = [key for key, indicator in INDICATORS.items() if indicator.harm]
HISTORY_DAYS = 365
# The same spike on the next days is one signal, also when it was closed meanwhile.
ONGOING_DAYS = 7

# Files tell of days past: a spike is looked for on each of them, but what is older than this is history.
NEWS_DAYS = 28


@dataclass(frozen=True)
class Look:
    """A look at one indicator: up to which day, spikes since which, as known when, for whom."""

    indicator: str
    on: date
    since: date
    as_of: datetime
    by: object
    at: datetime

    def run(self, method: str, **seen: object) -> DetectionRun:
        return DetectionRun(
            indicator=self.indicator,
            method=method,
            on=self.on,
            as_of=self.as_of,
            ran_at=self.at,
            ran_by=self.by if isinstance(self.by, Person) else None,
            **seen,
        )


def detect(
    *, on: date, by: object, at: datetime, as_of: datetime | None = None, since: date | None = None
) -> list[DetectionRun]:
    """Watch every indicator of harm that has a source, as it was known at `as_of`, up to the day `on`.

    Spikes are looked for on each day from `since`, or on the last one only. Hotspots last until the last one.
    """
    return [
        run
        for key in HARMS
        if source_feeds(key)
        for run in detect_indicator(key, on=on, by=by, at=at, as_of=as_of, since=since)
    ]


def detect_indicator(
    key: str, *, on: date, by: object, at: datetime, as_of: datetime | None = None, since: date | None = None
) -> list[DetectionRun]:
    """Run every method on one indicator. A refusal is a run too: it says why nothing could be seen."""
    look = Look(key, on=on, since=min(since or on, on), as_of=as_of or at, by=by, at=at)
    try:
        counted = _count(look)
    except (Refused, NoSource) as refusal:
        runs = [look.run(method, refusals=[str(refusal)]) for method in METHODS]
        for run in runs:
            run.save()
        return runs
    places = known_places()
    return [
        _look_for_spikes(look, counted, places),
        *(
            _scan(look, counted.until(on, HISTORY_DAYS).within(codes), jurisdiction, places)
            for jurisdiction, codes in jurisdictions(counted, places).items()
        ),
    ]


def _count(look: Look) -> PlaceDays:
    a_year = look.since - timedelta(days=HISTORY_DAYS - 1)
    start = max(a_year, first_day_reported(look.indicator, as_of=look.as_of) or a_year)
    return daily_counts(
        indicator=look.indicator,
        start=min(start, look.since),
        end=look.on,
        purpose=Purpose.SURVEILLANCE,
        reader=backbone(),
        by=look.by,
        at=look.at,
        as_of=look.as_of,
    )


def detect_after_deliveries(*, by: object, at: datetime) -> list[DetectionRun]:
    """Look again wherever files have come since the last look: what the schedule does every few seconds."""
    return [run for key in HARMS for run in _look_at_news(key, by=by, at=at)]


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
def _look_for_spikes(look: Look, counted: PlaceDays, places: dict[str, Place]) -> DetectionRun:
    """On each day since the first that there is news of, as if it were the last."""
    days = [look.since + timedelta(days=n) for n in range((look.on - look.since).days + 1)]
    years = [counted.until(day, HISTORY_DAYS) for day in days]
    findings = [
        finding for year in years for finding in find_spikes(year, INDICATORS[look.indicator], places)
    ]
    run = look.run("daily_spikes", settings={"since": look.since.isoformat()}, **_seen(years[-1]))
    run.findings = len(findings)
    # One after the other: the spike of a day may go on with that of the day before.
    run.ongoing = sum(
        [_is_told(finding, look.indicator) or not _raise(finding, look)[1] for finding in findings]
    )
    run.save()
    _record(run, look)
    return run


def _scan(
    look: Look, counted: PlaceDays, jurisdiction: Place | None, places: dict[str, Place]
) -> DetectionRun:
    """Replicates take long, and whoever writes meanwhile must not wait: they come before the transaction."""
    looks = looks_so_far(look.indicator, jurisdiction, on=look.on, first_day=counted.first_day)
    run = look.run(
        "prospective_scan", jurisdiction=jurisdiction, settings=scan_settings(looks), **_seen(counted)
    )
    run.shortfall = too_little(counted)
    findings = (
        [] if run.shortfall else find_hotspots(counted, INDICATORS[look.indicator], places, looks=looks)
    )
    _keep_scan(run, findings, look)
    return run


@transaction.atomic
def _keep_scan(run: DetectionRun, findings: list[Finding], look: Look) -> None:
    """A hotspot that was seen before keeps its signal; each look that sees it is kept as a sighting."""
    run.save()
    raised = sum([_follow(finding, run, look) for finding in findings])
    run.findings, run.ongoing = len(findings), len(findings) - raised
    run.save()
    _record(run, look)


def _follow(finding: Finding, run: DetectionRun, look: Look) -> bool:
    """Raise it unless it is told of, and keep what was seen; whether it is new."""
    known = known_hotspots(finding, look.indicator)
    signals, is_new = known.that_go_on_in(finding), False
    if not known.tell_of(finding):
        signal, is_new = _raise(finding, look)
        signals.append(signal)
    for signal in signals:
        keep_sighting(signal, finding, run)
    return is_new


def _seen(counted: PlaceDays) -> dict[str, object]:
    return {
        "feeds": list(counted.feeds),
        "refusals": list(counted.refusals),
        "series": len(counted.places),
        "events": counted.total,
    }


def _record(run: DetectionRun, look: Look) -> None:
    raised = run.findings - run.ongoing
    record(
        "detect", by=look.by, at=look.at, subject=run, detail={"on": look.on.isoformat(), "raised": raised}
    )


def _raise(finding: Finding, look: Look) -> tuple[Signal, bool]:
    first, *others = finding.places
    where = f"{first.code}+{len(others)}" if others else first.code
    return raise_signal(
        kind=finding.kind,
        fingerprint=f"{finding.kind}:{look.indicator}:{where}:{finding.ends_on.isoformat()}",
        title=finding.title,
        sentence=finding.sentence,
        places=finding.places,
        begins_on=finding.begins_on,
        ends_on=finding.ends_on,
        evidence=finding.evidence | {"as_of": look.as_of.isoformat()},
        by=look.by,
        at=look.at,
    )


def _is_told(finding: Finding, indicator: str) -> bool:
    """A signal of this kind already speaks of one of these places and of the days just before."""
    since = finding.ends_on - timedelta(days=ONGOING_DAYS)
    return Signal.objects.filter(
        kind=finding.kind,
        evidence__indicator=indicator,
        places__in=finding.places,
        ends_on__range=(since, finding.ends_on),
    ).exists()
