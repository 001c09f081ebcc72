"""Signals about feeds: raised once per episode, and marked as over when it ends."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from throughline.evidence.feeds.clocks import wording
from throughline.evidence.feeds.clocks.episodes import EPISODE_DAYS, decline_of, half_empty_since, is_settled
from throughline.evidence.feeds.clocks.findings import Finding, findings_in, findings_of, silence
from throughline.evidence.feeds.clocks.gaps import Gaps, is_due, may_be_checked, read_gaps
from throughline.evidence.feeds.clocks.queries import Clock, clocks_of
from throughline.evidence.feeds.models import Feed
from throughline.ledger.actions import record
from throughline.members.organizations.models import Organization
from throughline.signals.actions import end_signal, raise_signal
from throughline.signals.models import Signal


@transaction.atomic
def promise_rhythm(*, feed: Feed, days: int | None, by: object, at: datetime) -> None:
    """Set how often a file is promised, in days; without a promise a feed goes by what was learned."""
    detail = {"from": feed.expected_every_days, "to": days}
    feed.expected_every_days = days
    feed.save(update_fields=["expected_every_days"])
    record("promise_rhythm", by=by, at=at, subject=feed, detail=detail)


def watch_feeds(*, by: object, at: datetime) -> list[Signal]:
    """Say which earlier signals are over, and raise what feeds have newly missed; the new ones are returned."""
    clocks = _clocks(at)
    for clock in clocks:
        _end_episodes(clock, by=by)
    found = [finding for clock in clocks for finding in findings_of(clock)]
    return _raise([finding for finding in found if not _is_known_decline(finding, at)], by=by, at=at)


def raise_silences(*, by: object, at: datetime) -> list[Signal]:
    """One signal for each feed that has broken its rhythm since its last file, or that never began."""
    return _raise([silence(clock) for clock in _clocks(at) if clock.is_silent], by=by, at=at)


def check_feeds(*, by: object, at: datetime) -> list[Signal]:
    """Look for days and places that the latest files leave out, where an agreement lets the backbone check quality."""
    backbone = Organization.objects.filter(is_backbone=True).first()
    if backbone is None:
        return []
    on = timezone.localdate(at)
    due = [feed for feed in _feeds() if is_due(feed, at) and may_be_checked(feed, backbone, on)]
    return [signal for feed in due for signal in check_feed(feed=feed, reader=backbone, by=by, at=at)]


def check_feed(*, feed: Feed, reader: Organization, by: object, at: datetime) -> list[Signal]:
    """Raise signals of days and places that are newly missing, and end those of what has come since."""
    gaps = read_gaps(feed=feed, reader=reader, by=by, at=at)
    with transaction.atomic():
        raised = _follow_gaps(feed, gaps, by=by, at=at) if gaps else []
        record("check_feed", by=by, at=at, subject=feed, detail={"raised": len(raised)})
    return raised


def _feeds() -> QuerySet[Feed]:
    return Feed.objects.select_related("provider", "steward")


def _clocks(at: datetime) -> list[Clock]:
    return clocks_of(_feeds(), at)


def _raise(findings: Iterable[Finding], *, by: object, at: datetime) -> list[Signal]:
    raised = [
        raise_signal(
            kind=finding.kind,
            fingerprint=finding.fingerprint,
            title=finding.title,
            sentence=finding.sentence,
            places=finding.places,
            begins_on=finding.begins_on,
            ends_on=finding.ends_on,
            evidence=finding.evidence,
            owner=finding.feed.steward,
            by=by,
            at=at,
        )
        for finding in findings
    ]
    return [signal for signal, is_new in raised if is_new]


def _is_known_decline(finding: Finding, at: datetime) -> bool:
    """The days of a decline move on from look to look, so that its episode is known by its signal."""
    if finding.kind != "drying_up_feed":
        return False
    known = Signal.objects.filter(kind=finding.kind, evidence__feed=finding.feed.key, over_at=None)
    return known.exclude(closed_at__lt=at - timedelta(days=EPISODE_DAYS)).exists()


def _end_episodes(clock: Clock, *, by: object) -> None:
    waiting = Signal.objects.waiting().filter(evidence__feed=clock.feed.key)
    for signal in waiting:
        if because := _why_over(signal, clock):
            end_signal(signal=signal, because=because, by=by, at=clock.at)


def _why_over(signal: Signal, clock: Clock) -> str:
    """Empty while it goes on, and for signals of other kinds. A silence takes the place of a lateness."""
    waits = signal.kind in {"late_feed", "silent_feed"}
    if waits and _came_since(clock, signal):
        return wording.came_in_words(clock.last_received_at)
    if signal.kind == "late_feed" and clock.is_silent:
        return _("It has gone silent since.")
    if signal.kind == "half_empty_feed" and is_settled(clock) and half_empty_since(clock) is None:
        return _("Files are of the usual size again.")
    if signal.kind == "drying_up_feed" and decline_of(clock) is None:
        return _("Sizes no longer go down.")
    return ""


def _came_since(clock: Clock, signal: Signal) -> bool:
    known, last = signal.evidence["last_received_at"], clock.last_received_at
    return last is not None and (known is None or last > datetime.fromisoformat(known))


def _follow_gaps(feed: Feed, gaps: Gaps, *, by: object, at: datetime) -> list[Signal]:
    for signal in Signal.objects.waiting().filter(kind="gap_in_feed", evidence__feed=feed.key):
        if _is_filled(signal, gaps):
            end_signal(signal=signal, because=_("What was missing has come."), by=by, at=at)
    return _raise(findings_in(feed, gaps), by=by, at=at)


def _is_filled(signal: Signal, gaps: Gaps) -> bool:
    place = signal.evidence.get("place")
    if place:
        return gaps.comes_again(place, signal.begins_on)
    return all(gaps.has_come(date.fromisoformat(day)) for day in signal.evidence["days"])
