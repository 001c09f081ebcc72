"""How a hotspot went on, look by look: when it was first seen, and whether it grows or fades."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from throughline.evidence.surveillance.models import DetectionRun, Sighting
from throughline.evidence.surveillance.wording import chance_in_words, hotspot_sentence
from throughline.indicators import INDICATORS
from throughline.members.places.models import Place
from throughline.signals.models import Signal

SAME_WITHIN = 0.5  # events: smaller changes of the excess are none


class Trend(NamedTuple):
    label: str
    tone: str


@dataclass(frozen=True)
class Step:
    """One look that saw the hotspot."""

    sighting: Sighting
    trend: Trend

    @property
    def chance(self) -> str:
        return chance_in_words(self.sighting.recurrence_interval_days, is_bound=self.sighting.is_bound)


@dataclass(frozen=True)
class Course:
    """Looks that saw it, the latest first, and that one in a sentence; `unseen_on`: days that later looks did not."""

    steps: list[Step]
    sentence: str
    unseen_on: list[date]

    @property
    def first_seen_on(self) -> date:
        return self.steps[-1].sighting.ends_on

    @property
    def last_seen_on(self) -> date:
        return self.steps[0].sighting.ends_on

    @property
    def trend(self) -> Trend:
        return Trend(_("no longer seen"), "good") if self.unseen_on else self.steps[0].trend

    @property
    def feeds(self) -> set[str]:
        """Keys of all feeds that its counts come from."""
        return {feed for step in self.steps for feed in step.sighting.run.feeds}


def course_of(signal: Signal, *, as_of: datetime | None = None) -> Course | None:
    """As looks told it up to an instant; None for a signal that no scan had raised by then."""
    sightings = _told(signal, as_of)
    if not sightings:
        return None
    earlier: list[Sighting | None] = [*sightings[1:], None]
    own = signal.places.count()
    steps = [Step(now, _trend(now, before, own)) for now, before in zip(sightings, earlier, strict=True)]
    return Course(steps, _sentence(sightings[0]), _unseen_on(sightings[0], as_of))


def _told(signal: Signal, as_of: datetime | None) -> list[Sighting]:
    """Of each day what the newest look at it saw, since more was known by then; the latest day first."""
    sightings = signal.sightings.select_related("run__jurisdiction").order_by("ends_on", "pk")
    if as_of:
        sightings = sightings.filter(run__ran_at__lte=as_of)
    newest = {sighting.ends_on: sighting for sighting in sightings}
    return list(newest.values())[::-1]


def _sentence(seen: Sighting) -> str:
    """Empty where the indicator is no longer watched, so that nothing names its events."""
    indicator = INDICATORS.get(seen.run.indicator)
    if indicator is None:
        return ""
    return hotspot_sentence(
        indicator=indicator,
        observed=seen.observed,
        places=list(Place.objects.filter(code__in=seen.places).only("name", "kind")),
        since=seen.begins_on,
        expected=seen.expected,
        interval_days=seen.recurrence_interval_days,
        is_bound=seen.is_bound,
    )


def _trend(now: Sighting, before: Sighting | None, own_places: int) -> Trend:
    """By the events above what was expected, since windows of the two looks differ in length."""
    if before is None:
        return Trend(_("new"), "warning")
    if len(now.places) > 2 * own_places:
        return Trend(_("in a larger one"), "bad")
    change = now.excess - before.excess
    if abs(change) <= SAME_WITHIN:
        return Trend(_("holds"), "neutral")
    return Trend(_("grows"), "bad") if change > 0 else Trend(_("fades"), "good")


def _unseen_on(last: Sighting, as_of: datetime | None) -> list[date]:
    later = DetectionRun.objects.scans_of(last.run.indicator, last.run.jurisdiction)
    if as_of:
        later = later.filter(ran_at__lte=as_of)
    return list(later.filter(on__gt=last.ends_on).order_by("on").values_list("on", flat=True).distinct())
