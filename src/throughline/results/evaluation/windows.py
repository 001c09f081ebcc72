"""Chooses the days that are compared: before the signal, and after the answer."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from throughline.action.response.models import Response
from throughline.results.evaluation.models import Effect
from throughline.results.evaluation.wording import SETTLING_DAYS
from throughline.science.change import Window, baseline_window

LEAST_RECORDED_DAYS = 28  # each weekday four times; fewer say little about how it was


@dataclass(frozen=True, slots=True)
class Windows:
    before: Window
    after: Window


def windows_of(
    response: Response, *, after_days: int, baseline_days: int, records_begin_on: date | None = None
) -> Windows:
    """After: from the day after help moved, or after the plan. Before: a baseline the signal did not choose.

    The baseline is shorter where records begin within it. Raises ValidationError where nothing was answered
    yet, or fewer than LEAST_RECORDED_DAYS of the baseline are recorded.
    """
    answered_at = response.moved_at or response.planned_at
    if answered_at is None:
        raise ValidationError(_("Nothing was planned or moved yet, so there is no “after” to measure."))
    if response.signal.begins_on is None:
        raise ValidationError(_("This signal names no days, so there is no “before” to compare with."))
    starts_on = timezone.localdate(answered_at) + timedelta(days=1)
    return Windows(
        before=_recorded(
            baseline_window(signal_start=response.signal.begins_on, days=baseline_days), records_begin_on
        ),
        after=Window(starts_on, starts_on + timedelta(days=after_days - 1)),
    )


def _recorded(window: Window, begin_on: date | None) -> Window:
    if begin_on is None or begin_on <= window.starts_on:
        return window
    recorded = Window(begin_on, window.ends_on)
    if recorded.days < LEAST_RECORDED_DAYS:
        message = _(
            "Records begin on %(first)s. To know how it was before this signal they must cover at least"
            " %(least)s days up to %(last)s."
        )
        days = {"first": date_format(begin_on), "last": date_format(window.ends_on)}
        raise ValidationError(message % {**days, "least": LEAST_RECORDED_DAYS})
    return recorded


def windows_of_effect(effect: Effect) -> Windows:
    return Windows(
        before=Window(effect.before_from_on, effect.before_to_on),
        after=Window(effect.after_from_on, effect.after_to_on),
    )


def settles_on(last_day: date) -> date:
    """The first day on which a window that ends on `last_day` is complete and its records have arrived."""
    return last_day + timedelta(days=SETTLING_DAYS + 1)
