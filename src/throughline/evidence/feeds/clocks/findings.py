"""What is wrong with a feed's time, size or completeness, as the signal that tells it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from throughline.evidence.feeds.clocks import wording
from throughline.evidence.feeds.clocks.episodes import decline_of, half_empty_since, reports_weekly
from throughline.evidence.feeds.clocks.gaps import PLACE_DAYS, Gaps, PlaceGap
from throughline.evidence.feeds.clocks.queries import Clock
from throughline.evidence.feeds.models import Feed
from throughline.members.places.models import Place


@dataclass(frozen=True)
class Finding:
    """`episode` is what one signal is known by. The title goes to every member, so it holds no count."""

    feed: Feed
    kind: str
    episode: str
    title: str
    sentence: str
    evidence: dict[str, Any] = field(default_factory=dict)
    places: tuple[Place, ...] = ()
    begins_on: date | None = None
    ends_on: date | None = None

    @property
    def fingerprint(self) -> str:
        return f"{self.kind}:{self.feed.key}:{self.episode}"


def findings_of(clock: Clock) -> Iterator[Finding]:
    """What the feed's receipts show. Of a silent feed, what it brought last is no news any more."""
    if clock.is_silent:
        yield silence(clock)
        return
    if clock.is_late:
        yield _waiting(clock, "late_feed", _("%(feed)s is late"))
    if since := half_empty_since(clock):
        yield _half_empty(clock, since.on)
    if decline_of(clock):
        yield _drying_up(clock)


def silence(clock: Clock) -> Finding:
    title = _("%(feed)s has gone silent") if clock.last_received_at else _("%(feed)s has not begun")
    return _waiting(clock, "silent_feed", title)


def findings_in(feed: Feed, gaps: Gaps) -> Iterator[Finding]:
    """What its events show: one finding for all missing days, one for each missing place."""
    if gaps.days:
        yield _missing_days(feed, gaps)
    yield from (_missing_place(feed, gap) for gap in gaps.places)


def _waiting(clock: Clock, kind: str, title: str) -> Finding:
    """Of receipts only, so that everybody may read it."""
    return Finding(
        feed=clock.feed,
        kind=kind,
        episode=f"{clock.waiting_since.astimezone(UTC):%Y-%m-%dT%H:%M}",
        title=title % {"feed": clock.feed},
        sentence=wording.waiting_sentence(clock),
        evidence={"feed": clock.feed.key, "last_received_at": _iso(clock.last_received_at)},
    )


def _half_empty(clock: Clock, since: date) -> Finding:
    arrival, size = clock.arrivals[-1], clock.last_size
    figures = {"observed": arrival.rows, "expected": round(size.typical, 1)}
    return Finding(
        feed=clock.feed,
        kind="half_empty_feed",
        episode=since.isoformat(),
        title=_("%(feed)s: far fewer rows than usual") % {"feed": clock.feed},
        sentence=wording.size_sentence(arrival, size),
        evidence=_counted_evidence(clock.feed) | figures,
    )


def _drying_up(clock: Clock) -> Finding:
    decline = decline_of(clock)
    figures = {"observed": round(decline.now, 1), "expected": round(decline.before, 1)}
    return Finding(
        feed=clock.feed,
        kind="drying_up_feed",
        episode=clock.arrivals[-1].on.isoformat(),
        title=_("%(feed)s is drying up") % {"feed": clock.feed},
        sentence=wording.decline_sentence(decline, weekly=reports_weekly(clock)),
        evidence=_counted_evidence(clock.feed) | figures,
    )


def _missing_days(feed: Feed, gaps: Gaps) -> Finding:
    days = gaps.days
    return Finding(
        feed=feed,
        kind="gap_in_feed",
        episode=f"days:{days[0]}",
        title=_("%(feed)s: nothing on %(day)s") % {"feed": feed, "day": date_format(days[0])},
        sentence=wording.missing_days_sentence(days, gaps.usual_a_day),
        evidence=_counted_evidence(feed) | {"days": [day.isoformat() for day in days]},
        begins_on=days[0],
        ends_on=days[-1],
    )


def _missing_place(feed: Feed, gap: PlaceGap) -> Finding:
    places = tuple(Place.objects.filter(code=gap.code))
    name = places[0].name if places else gap.code
    since = {"feed": feed, "place": name, "day": date_format(gap.since)}
    return Finding(
        feed=feed,
        kind="gap_in_feed",
        episode=f"place:{gap.code}:{gap.since}",
        title=_("%(feed)s: nothing from %(place)s since %(day)s") % since,
        sentence=wording.missing_place_sentence(name, PLACE_DAYS, gap.usual),
        evidence=_counted_evidence(feed) | {"place": gap.code},
        places=places,
        begins_on=gap.since,
    )


def _counted_evidence(feed: Feed) -> dict[str, Any]:
    """`feeds` says whose counts the sentence tells: only those who may see them read it."""
    return {"feed": feed.key, "feeds": [feed.key]}


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
