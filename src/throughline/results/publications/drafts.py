"""Makes the page of an effect, from released cells and the records of what was promised."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from throughline.decisions.commitments.models import Commitment, Outcome
from throughline.evidence.surveillance.queries import PlaceDays
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization
from throughline.policy.sharing import Purpose
from throughline.results.evaluation import queries as evaluation
from throughline.results.evaluation.models import Effect
from throughline.results.evaluation.windows import windows_of_effect
from throughline.results.evaluation.wording import Conclusion
from throughline.results.publications import folder
from throughline.results.publications.models import Publication
from throughline.results.publications.pages import Page, Promise
from throughline.results.publications.release import Measured, Release, nothing_released, release
from throughline.results.publications.text_rules import refuse_figures, refuse_whereabouts
from throughline.results.publications.whereabouts import (
    larger_places,
    may_be_told,
    next_month,
    what_was_seen,
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be published, and what it rests on."""

    page: Page
    release: Release
    feeds: tuple[str, ...]


def draft_page(*, effect: Effect, title: str, summary: str, by: Person, at: datetime) -> Draft:
    """The page as it will be frozen, but for its name and version.

    Raises ValidationError where a rule of publishing is broken.
    """
    counts = _read_for_publication(effect, by=by, at=at)
    minimum_cell = max(effect.minimum_cell, counts.minimum_cell)
    exact = may_be_told(effect.response.signal, minimum_cell=minimum_cell)
    _check_words(effect, title=title, summary=summary, exact=exact)
    released = _release(effect, counts, minimum_cell=minimum_cell)
    page = Page(
        slug="",
        version=0,
        title=title,
        summary=summary,
        publisher=_publisher(),
        published_at=at,
        as_of=effect.as_of,
        minimum_cell=released.minimum_cell,
        table=[list(row) for row in released.table],
        **what_was_seen(effect, exact=exact),
        **_what_changed(effect, released, exact=exact),
        promises=_promises(effect, on=timezone.localdate(at)),
    )
    return Draft(page, released, counts.feeds)


def measured(effect: Effect, counts: PlaceDays) -> Measured:
    """What was measured, in the finest places that `counts` knows."""
    windows = windows_of_effect(effect)
    return Measured(
        before=effect.before,
        after=effect.after,
        comparison_before=effect.comparison_before,
        comparison_after=effect.comparison_after,
        windows=(windows.before, windows.after),
        here=frozenset(evaluation.counted_in(_codes(effect.places), counts)),
        elsewhere=frozenset(_codes(effect.comparison_places)),
    )


def _check_words(effect: Effect, *, exact: bool, **texts: str) -> None:
    """Typed words say nothing that the page itself withholds."""
    places = list(effect.places.values_list("name", flat=True))
    shown = [
        *(places if exact else larger_places(effect)),
        *Organization.objects.values_list("name", flat=True),
    ]
    errors = {}
    for field, text in texts.items():
        try:
            if not exact:
                refuse_whereabouts(text, hidden=places, names=shown)
            refuse_figures(text, names=shown)
        except ValidationError as error:
            errors[field] = error
    if errors:
        raise ValidationError(errors)


def _read_for_publication(effect: Effect, *, by: Person, at: datetime) -> PlaceDays:
    """The counts again, for the purpose of publishing: leave to measure is not leave to publish."""
    windows = windows_of_effect(effect)
    counts = evaluation.read_counts(
        indicator=effect.indicator,
        windows=windows,
        purpose=Purpose.PUBLICATION,
        by=by,
        at=at,
        as_of=effect.as_of,
    )
    here = evaluation.sums(counts, evaluation.counted_in(_codes(effect.places), counts), windows)
    elsewhere = evaluation.sums(counts, _codes(effect.comparison_places), windows)
    publishable = (here.before, here.after, elsewhere.before, elsewhere.after)
    if publishable != (effect.before, effect.after, effect.comparison_before, effect.comparison_after):
        raise ValidationError(
            _(
                "The agreements that allow publishing do not cover all the records that were measured."
                " Ask the privacy officer which agreement must allow it, then measure again."
            )
        )
    return counts


def _codes(places: Any) -> list[str]:
    return list(places.values_list("code", flat=True))


def _release(effect: Effect, counts: PlaceDays, *, minimum_cell: int) -> Release:
    """Incomplete days are not released: the complete ones could then be told apart by subtraction."""
    if not effect.settled:
        return nothing_released(minimum_cell)
    earlier = [measured(other, counts) for other in _released_before(effect)]
    return release(measured(effect, counts), minimum_cell=minimum_cell, earlier=earlier)


def _released_before(effect: Effect) -> list[Effect]:
    """Measurements of the same indicator on some of the same days of which any count is public.

    Of any response: what one page shows of two wards, and another of one of them, tells about the other ward.
    """
    published = Publication.objects.filter(
        effect__indicator=effect.indicator,
        effect__before_from_on__lte=effect.after_to_on,
        effect__after_to_on__gte=effect.before_from_on,
    )
    return [row.effect for row in published.select_related("effect") if _shows_counts(row)]


def _shows_counts(publication: Publication) -> bool:
    try:
        page = folder.read_page(
            publication.slug, publication.version, manifest_sha256=publication.manifest_sha256
        )
    except folder.Unreadable:
        return True  # it was public once; somebody may hold a copy
    return any(count is not None for row in page.table for count in row)


def _publisher() -> str:
    backbone = Organization.objects.filter(is_backbone=True).first()
    return backbone.name if backbone else settings.INSTALLATION_NAME


def _what_changed(effect: Effect, released: Release, *, exact: bool) -> dict[str, Any]:
    """Ratio and finding follow from the four counts: withheld with any of them, they can't be turned back."""
    conclusion = evaluation.conclusion_of(effect)
    if not released.complete and conclusion is not Conclusion.TOO_EARLY:
        conclusion = Conclusion.WITHHELD
    shown = released.complete
    again_on = evaluation.next_measure_on(effect, conclusion)
    return {
        "conclusion": conclusion,
        "ratio": effect.ratio if shown else None,
        "low": effect.low if shown else None,
        "high": effect.high if shown else None,
        "next_measure_on": again_on if exact else next_month(again_on),
    }


def _promises(effect: Effect, *, on: date) -> list[Promise]:
    commitments = Commitment.objects.filter(signal=effect.response.signal).select_related(
        "owner__organization", "group"
    )
    return [_promise(commitment, on) for commitment in commitments.order_by("first_due_on", "pk")]


def _promise(commitment: Commitment, on: date) -> Promise:
    """Organizations answer for what their people promised; the words of a promise may name a count."""
    organization = commitment.owner.organization or commitment.group
    return Promise(str(organization or _publisher()), commitment.first_due_on, _state(commitment, on))


def _state(commitment: Commitment, on: date) -> str:
    """Kept, by the day that was promised first."""
    if commitment.outcome == Outcome.DROPPED:
        return "dropped"
    if commitment.closed_at:
        closed_on = timezone.localdate(commitment.closed_at)
        return "kept" if closed_on <= commitment.first_due_on else "kept_late"
    return "overdue" if commitment.due_on < on else "open"
