"""Measures whether an answer worked."""

from datetime import date, datetime
from typing import Any

import numpy as np
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from throughline.action.response.models import Response
from throughline.evidence.surveillance.queries import PlaceDays, first_day_reported
from throughline.ledger.actions import record
from throughline.members.accounts.models import Person
from throughline.members.places.models import Place
from throughline.policy.sharing import Purpose
from throughline.results.evaluation.models import Effect
from throughline.results.evaluation.queries import (
    Sums,
    counted_in,
    dispersion_before,
    is_settled,
    per_place,
    read_counts,
    sums,
)
from throughline.results.evaluation.windows import Windows, windows_of
from throughline.science.change import comparison_places, rate_ratio_change

AFTER_DAYS = 28
BASELINE_DAYS = 84
FINDINGS = {
    "fewer": Effect.Finding.FEWER,
    "more": Effect.Finding.MORE,
    "cannot tell": Effect.Finding.CANNOT_TELL,
}


def measure_effect(
    *,
    response: Response,
    as_of: datetime,
    by: Person,
    at: datetime,
    after_days: int = AFTER_DAYS,
    baseline_days: int = BASELINE_DAYS,
) -> Effect:
    """Compare events before and after, in the signal's places and elsewhere, as they were known `as_of`.

    Too early, or too few events to tell, is a finding. Raises ValidationError where nothing moved yet, the
    signal names no places, days or indicator, nothing was recorded before it, or no agreement allows the read.
    """
    indicator = _indicator_of(response)
    windows = windows_of(
        response,
        after_days=after_days,
        baseline_days=baseline_days,
        records_begin_on=first_day_reported(indicator, as_of=as_of),
    )
    # Reading comes first: what was read stays in the ledger even if saving fails.
    counts = read_counts(
        indicator=indicator, windows=windows, purpose=Purpose.EVALUATION, by=by, at=at, as_of=as_of
    )
    treated = _treated(response, counts)
    compared = _compared(counts, treated, windows)
    settled = is_settled(counts, windows.after, as_of=as_of)
    effect = Effect(
        response=response,
        indicator=indicator,
        minimum_cell=counts.minimum_cell,
        as_of=as_of,
        measured_at=at,
        measured_by=by,
        **_days(windows),
        settled=settled,
        **_result(
            sums(counts, treated, windows),
            sums(counts, compared, windows),
            windows,
            settled=settled,
            dispersion=dispersion_before(counts, (treated, compared), windows),
        ),
    )
    return _stored(effect, compared)


def _indicator_of(response: Response) -> str:
    indicator = response.signal.evidence.get("indicator")
    if not indicator:
        raise ValidationError(_("This signal does not say which events it is about: nothing can be counted."))
    return str(indicator)


def _treated(response: Response, counts: PlaceDays) -> list[str]:
    named = list(response.signal.places.values_list("code", flat=True))
    treated = counted_in(named, counts)
    if not treated:
        raise ValidationError(_("This signal names no place in which events are counted."))
    return treated


def _compared(counts: PlaceDays, treated: list[str], windows: Windows) -> list[str]:
    """Places with a like rate before, where no other signal was being answered."""
    population = dict(Place.objects.filter(code__in=counts.places).values_list("code", "population"))
    if not all(population.get(code) for code in treated):
        population = dict.fromkeys(counts.places, 1)  # without populations, counts have to do
    codes = [code for code in counts.places if population.get(code)]
    index = {code: number for number, code in enumerate(codes)}
    chosen = comparison_places(
        baseline_events=per_place(counts, windows.before)[np.isin(counts.places, codes)],
        population=[population[code] for code in codes],
        treated=[index[code] for code in treated],
        excluded=[index[code] for code in counted_in(_helped(windows), counts) if code in index],
    )
    return [codes[number] for number in chosen]


def _helped(windows: Windows) -> set[str]:
    """Places that some answer went to during the days compared: they can't show what happens without one."""
    days = (windows.before.starts_on, windows.after.ends_on)
    answered = Response.objects.filter(Q(planned_at__date__range=days) | Q(moved_at__date__range=days))
    return set(answered.exclude(signal__places=None).values_list("signal__places__code", flat=True))


def _days(windows: Windows) -> dict[str, date]:
    return {
        "before_from_on": windows.before.starts_on,
        "before_to_on": windows.before.ends_on,
        "after_from_on": windows.after.starts_on,
        "after_to_on": windows.after.ends_on,
    }


def _result(
    here: Sums, elsewhere: Sums, windows: Windows, *, settled: bool, dispersion: float
) -> dict[str, Any]:
    """Counts; and a ratio where the days are over and there was something before to compare with."""
    counts = {
        "before": here.before,
        "after": here.after,
        "comparison_before": elsewhere.before,
        "comparison_after": elsewhere.after,
    }
    if not (settled and here.before and elsewhere.before):
        return {**counts, "finding": Effect.Finding.CANNOT_TELL}
    change = rate_ratio_change(
        **counts,
        days_before=windows.before.days,
        days_after=windows.after.days,
        dispersion=dispersion,
    )
    ratio = change.ratio_of_rate_ratios
    return {
        **counts,
        "ratio": ratio.estimate,
        "low": ratio.lower,
        "high": ratio.upper,
        "finding": FINDINGS[change.verdict],
    }


@transaction.atomic
def _stored(effect: Effect, compared: list[str]) -> Effect:
    effect.save()
    effect.places.set(effect.response.signal.places.all())
    effect.comparison_places.set(Place.objects.filter(code__in=compared))
    record(
        "measure_effect",
        by=effect.measured_by,
        at=effect.measured_at,
        subject=effect,
        detail={"response": effect.response_id, "finding": effect.finding},
    )
    return effect
