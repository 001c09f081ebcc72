"""Signals about a feed's time and size: raised once per episode, and marked as over when it ends."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from throughline.evidence.feeds.clocks import wording
from throughline.evidence.feeds.clocks.episodes import (
    EPISODE_DAYS,
    decline_of,
    half_empty_since,
    is_settled,
    reports_weekly,
)
from throughline.evidence.feeds.clocks.findings import gap_of_days, gap_of_place
from throughline.evidence.feeds.clocks.gaps import Gaps, is_due, may_be_checked, read_gaps
from throughline.evidence.feeds.clocks.queries import Clock, clocks_of
from throughline.evidence.feeds.models import Feed
from throughline.ledger.actions import record
from throughline.members.organizations.models import Organization
from throughline.signals.actions import end_signal, raise_signal
from throughline.signals.models import Signal

Raised = tuple[Signal, bool]
Raiser = Callable[..., Raised | None]


def watch_feeds(*, by: object, at: datetime) -> list[Signal]:
    """Raise what feeds have newly missed, and say which earlier signals are over; what is new is returned."""
    clocks = _clocks(at)
    for clock in clocks:
        _end_episodes(clock, by=by)
    raisers: list[Raiser] = [_raise_lateness, _raise_silence, _raise_half_empty, _raise_drying_up]
    return _new(raiser(clock, by=by) for clock in clocks for raiser in raisers)


@transaction.atomic
def promise_rhythm(*, feed: Feed, days: int | None, by: object, at: datetime) -> None:
    """Set how often a file is promised, in days; without a promise a feed goes by what was learned."""
    detail = {"from": feed.expected_every_days, "to": days}
    feed.expected_every_days = days
    feed.save(update_fields=["expected_every_days"])
    record("promise_rhythm", by=by, at=at, subject=feed, detail=detail)


def raise_silences(*, by: object, at: datetime) -> list[Signal]:
    """One signal for each feed that has broken its rhythm since its last file, or that never began."""
    return _new(_raise_silence(clock, by=by) for clock in _clocks(at))


def check_feeds(*, by: object, at: datetime) -> list[Signal]:
    """Look for days and places that the latest files leave out, where an agreement lets the backbone check quality."""
    backbone = Organization.objects.filter(is_backbone=True).first()
    if backbone is None:
        return []
    feeds = Feed.objects.select_related("provider", "steward")
    due = [
        feed for feed in feeds if is_due(feed, at) and may_be_checked(feed, backbone, timezone.localdate(at))
    ]
    return [signal for feed in due for signal in check_feed(feed=feed, reader=backbone, by=by, at=at)]


def check_feed(*, feed: Feed, reader: Organization, by: object, at: datetime) -> list[Signal]:
    """Raise a signal for days and for each place that are newly missing, and end those of what has come since."""
    gaps = read_gaps(feed=feed, reader=reader, by=by, at=at)
    with transaction.atomic():
        raised = _raise_gaps(feed, gaps, by=by, at=at) if gaps else []
        record("check_feed", by=by, at=at, subject=feed, detail={"refused": gaps is None})
    return raised


def _raise_gaps(feed: Feed, gaps: Gaps, *, by: object, at: datetime) -> list[Signal]:
    for signal in Signal.objects.waiting().filter(kind="gap_in_feed", evidence__feed=feed.key):
        if _is_filled(signal, gaps):
            end_signal(signal=signal, because=_("What was missing has come."), by=by, at=at)
    found = [gap_of_days(feed, gaps)] if gaps.days else []
    found += [gap_of_place(feed, gap) for gap in gaps.places]
    return _new(raise_signal(**gap, owner=feed.steward, by=by, at=at) for gap in found)


def _is_filled(signal: Signal, gaps: Gaps) -> bool:
    place = signal.evidence.get("place")
    if place:
        return gaps.comes_again(place, signal.begins_on)
    return all(gaps.has_come(date.fromisoformat(day)) for day in signal.evidence["days"])


def _clocks(at: datetime) -> list[Clock]:
    return clocks_of(Feed.objects.select_related("provider", "steward"), at)


def _new(raised: Iterable[Raised | None]) -> list[Signal]:
    return [signal for signal, is_new in filter(None, raised) if is_new]


def _raise_lateness(clock: Clock, *, by: object) -> Raised | None:
    if not clock.is_late or clock.is_silent:
        return None
    title = _("%(feed)s is late") % {"feed": clock.feed}
    return _raise(clock, "late_feed", _waiting(clock), title, wording.waiting_sentence(clock), by=by)


@transaction.atomic
def _raise_silence(clock: Clock, *, by: object) -> Raised | None:
    """A silence takes the place of the lateness that it began with."""
    if not clock.is_silent:
        return None
    for late in _waiting_signals(clock, "late_feed"):
        end_signal(signal=late, because=_("It has gone silent since."), by=by, at=clock.at)
    title = _("%(feed)s has gone silent") if clock.last_received_at else _("%(feed)s has not begun")
    return _raise(
        clock,
        "silent_feed",
        _waiting(clock),
        title % {"feed": clock.feed},
        wording.waiting_sentence(clock),
        by=by,
    )


def _raise_half_empty(clock: Clock, *, by: object) -> Raised | None:
    since = half_empty_since(clock)
    if since is None:
        return None
    arrival, size = clock.arrivals[-1], clock.last_size
    return _raise(
        clock,
        "half_empty_feed",
        since.on.isoformat(),
        _("%(feed)s: far fewer rows than usual") % {"feed": clock.feed},
        wording.size_sentence(arrival, size),
        by=by,
        feeds=[clock.feed.key],
        observed=arrival.rows,
        expected=round(size.typical, 1),
    )


def _raise_drying_up(clock: Clock, *, by: object) -> Raised | None:
    """The days of a decline move on with the looks, so that its episode is known by its signal."""
    decline = decline_of(clock)
    recent = Signal.objects.filter(
        kind="drying_up_feed", evidence__feed=clock.feed.key, over_at=None
    ).exclude(closed_at__lt=clock.at - timedelta(days=EPISODE_DAYS))
    if decline is None or recent.exists():
        return None
    return _raise(
        clock,
        "drying_up_feed",
        clock.arrivals[-1].on.isoformat(),
        _("%(feed)s is drying up") % {"feed": clock.feed},
        wording.decline_sentence(decline, weekly=reports_weekly(clock)),
        by=by,
        feeds=[clock.feed.key],
        observed=round(decline.now, 1),
        expected=round(decline.before, 1),
    )


def _raise(
    clock: Clock, kind: str, episode: str, title: str, sentence: str, *, by: object, **evidence: Any
) -> Raised:
    """`feeds` in the evidence says whose counts the sentence tells; without, everybody may read it."""
    return raise_signal(
        kind=kind,
        fingerprint=f"{kind}:{clock.feed.key}:{episode}",
        title=title,
        sentence=sentence,
        evidence={"feed": clock.feed.key, "last_received_at": _iso(clock.last_received_at), **evidence},
        owner=clock.feed.steward,
        by=by,
        at=clock.at,
    )


def _waiting(clock: Clock) -> str:
    """What one wait for a file is known by."""
    return f"{clock.waiting_since.astimezone(UTC):%Y-%m-%dT%H:%M}"


def _end_episodes(clock: Clock, *, by: object) -> None:
    for signal in _waiting_signals(clock, "late_feed", "silent_feed"):
        if _came_since(clock, signal):
            because = wording.came_in_words(clock.last_received_at)
            end_signal(signal=signal, because=because, by=by, at=clock.at)
    for signal in _waiting_signals(clock, "half_empty_feed"):
        if is_settled(clock) and half_empty_since(clock) is None:
            end_signal(signal=signal, because=_("Files are of the usual size again."), by=by, at=clock.at)
    for signal in _waiting_signals(clock, "drying_up_feed"):
        if decline_of(clock) is None:
            end_signal(signal=signal, because=_("Sizes no longer go down."), by=by, at=clock.at)


def _came_since(clock: Clock, signal: Signal) -> bool:
    known = signal.evidence["last_received_at"]
    last = clock.last_received_at
    return last is not None and (known is None or last > datetime.fromisoformat(known))


def _waiting_signals(clock: Clock, *kinds: str) -> Sequence[Signal]:
    return list(Signal.objects.waiting().filter(kind__in=kinds, evidence__feed=clock.feed.key))


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
