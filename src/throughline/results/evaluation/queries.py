"""Reads about effects: counts under an agreement, and what an effect says."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from throughline.action.response.models import Response
from throughline.evidence.feeds.models import Delivery
from throughline.evidence.feeds.queries import may_see_counts
from throughline.evidence.surveillance.queries import NoSource, PlaceDays, daily_counts, source_feeds
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization
from throughline.members.places.models import Place
from throughline.policy.sharing import Purpose, Refused
from throughline.results.evaluation.models import Effect
from throughline.results.evaluation.windows import Windows, settles_on, windows_of_effect
from throughline.results.evaluation.wording import Conclusion, Facts
from throughline.science.change import Window, pooled_dispersion

AGAIN_AFTER = timedelta(days=28)  # what can't be told yet is measured again
CHECK_AFTER = timedelta(days=90)  # what was found is looked at once more at a quarterly convening


@dataclass(frozen=True, slots=True)
class Sums:
    """Events of some places in the two windows."""

    before: int
    after: int


def read_counts(
    *, indicator: str, windows: Windows, purpose: Purpose, by: object, at: datetime, as_of: datetime
) -> PlaceDays:
    """Daily counts from the first day before to the last day after, as they were known `as_of`.

    Raises ValidationError that quotes the agreement where none allows the read.
    """
    backbone = Organization.objects.filter(is_backbone=True).first()
    if backbone is None:
        raise ValidationError(_("No organization is marked as the backbone, so nobody may read counts."))
    try:
        return daily_counts(
            indicator=indicator,
            start=windows.before.starts_on,
            end=windows.after.ends_on,
            purpose=purpose,
            reader=backbone,
            by=by,
            at=at,
            as_of=as_of,
        )
    except (Refused, NoSource) as error:
        raise ValidationError(str(error)) from error


def counted_in(codes: Iterable[str], counts: PlaceDays) -> list[str]:
    """The counted places that are, or lie inside, the places with these codes."""
    wanted = set(codes)
    parent_of = dict(Place.objects.values_list("code", "parent__code"))
    return [code for code in counts.places if wanted.intersection(_with_ancestors(code, parent_of))]


def _with_ancestors(code: str | None, parent_of: dict[str, str | None]) -> Iterator[str]:
    while code is not None:
        yield code
        code = parent_of.get(code)


def sums(counts: PlaceDays, places: Iterable[str], windows: Windows) -> Sums:
    rows = np.isin(counts.places, list(places))
    return Sums(
        before=int(per_place(counts, windows.before)[rows].sum()),
        after=int(per_place(counts, windows.after)[rows].sum()),
    )


def per_place(counts: PlaceDays, window: Window) -> NDArray[np.int64]:
    """Events of each place in a window."""
    return _daily(counts, window).sum(axis=1)


def dispersion_before(counts: PlaceDays, groups: Iterable[list[str]], windows: Windows) -> float:
    """How restless the groups' daily sums were before: what happens in clusters tells less than it counts."""
    days = _daily(counts, windows.before)
    return pooled_dispersion(*(days[np.isin(counts.places, group)].sum(axis=0) for group in groups))


def _daily(counts: PlaceDays, window: Window) -> NDArray[np.int64]:
    first = (window.starts_on - counts.first_day).days
    return counts.counts[:, first : first + window.days]


def effects_of(response: Response) -> list[Effect]:
    """The newest first."""
    return list(response.effects.select_related("response__signal", "measured_by"))


def may_see_effects(person: Person, response: Response, *, on: date) -> bool:
    """Effects are counted from the feeds that the signal came from, and from those that count its events now."""
    found = response.signal.evidence
    sources = {feed.key for feed in source_feeds(found.get("indicator", ""))}
    return may_see_counts(person, sources.union(found.get("feeds", [])), on=on)


def conclusion_of(effect: Effect) -> Conclusion:
    return Conclusion(effect.finding) if effect.settled else Conclusion.TOO_EARLY


def is_settled(counts: PlaceDays, window: Window, *, as_of: datetime) -> bool:
    """Whether the days are over, their records had time to arrive, and every feed has reported since.

    A feed gone silent would look like fewer events. So each must have reported an event of a later day, or, where
    events are rare, have delivered a file when the records of these days should all have arrived.
    """
    reported = Delivery.objects.usable_by(as_of).filter(
        Q(last_occurred_at__date__gt=window.ends_on) | Q(received_at__date__gte=settles_on(window.ends_on)),
        feed__key__in=counts.feeds,
    )
    reporting = set(reported.values_list("feed__key", flat=True))
    return timezone.localdate(as_of) >= settles_on(window.ends_on) and reporting >= set(counts.feeds)


def since_help_moved(effect: Effect) -> bool:
    """Whether the days after were counted from the help that moved; without any, from the plan."""
    moved_at = effect.response.moved_at
    return moved_at is not None and timezone.localdate(moved_at) < effect.after_from_on


def facts_of(effect: Effect) -> Facts:
    windows = windows_of_effect(effect)
    return Facts(
        conclusion=conclusion_of(effect),
        since_help_moved=since_help_moved(effect),
        before_days=windows.before.days,
        after_days=windows.after.days,
        after_to_on=windows.after.ends_on,
        before=effect.before,
        after=effect.after,
        comparison_before=effect.comparison_before,
        comparison_after=effect.comparison_after,
        ratio=effect.ratio,
        low=effect.low,
        high=effect.high,
    )


def next_measure_on(effect: Effect, conclusion: Conclusion) -> date:
    """From what was concluded, not from what was found: a date must not tell what is withheld."""
    if conclusion is Conclusion.TOO_EARLY:
        return max(settles_on(effect.after_to_on), timezone.localdate(effect.as_of) + timedelta(days=7))
    found = conclusion in {Conclusion.FEWER, Conclusion.MORE}
    return timezone.localdate(effect.as_of) + (CHECK_AFTER if found else AGAIN_AFTER)
