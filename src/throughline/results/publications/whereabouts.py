"""Decides how closely a page says what was seen, where and when: a kind of signal can imply a count.

A spike is three events or more, so “a spike in this tract on this day” is a count even where all counts are withheld.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from throughline.indicators import INDICATORS
from throughline.results.evaluation import queries as evaluation
from throughline.results.evaluation.models import Effect
from throughline.results.evaluation.windows import windows_of_effect
from throughline.results.publications.pages import Words
from throughline.science.change import Window
from throughline.signals.kinds import kind_of
from throughline.signals.models import Signal


def may_be_told(signal: Signal, *, minimum_cell: int) -> bool:
    """Whether the events that raised the signal are many enough to be counted in public.

    Where their number is unknown they may be few.
    """
    return int(signal.evidence.get("observed") or 0) >= minimum_cell


def what_was_seen(effect: Effect, *, exact: bool) -> dict[str, Any]:
    """Kind, places, days and windows of a page, as they are or generalized.

    The signal's own sentence holds counts, so it stays inside either way.
    """
    return _exactly(effect) if exact else _generalized(effect)


def _exactly(effect: Effect) -> dict[str, Any]:
    signal = effect.response.signal
    windows = windows_of_effect(effect)
    return {
        "kind": in_all_languages(lambda: str(kind_of(signal.kind).name)),
        "indicator": in_all_languages(lambda: _(INDICATORS[effect.indicator].name)),
        "places": list(effect.places.values_list("name", flat=True)),
        "comparison_places": effect.comparison_places.count(),
        "months_only": False,
        "begins_on": signal.begins_on,
        "ends_on": signal.ends_on,
        "before": windows.before,
        "before_days": windows.before.days,
        "after": windows.after,
        "after_days": windows.after.days,
        "since_help_moved": evaluation.since_help_moved(effect),
    }


def _generalized(effect: Effect) -> dict[str, Any]:
    """The window before ends a fixed time ahead of the signal, so it would give its day away: months only."""
    exact = _exactly(effect)
    begins_on = exact["begins_on"]
    months = whole_months(Window(begins_on, exact["ends_on"] or begins_on))
    return exact | {
        "kind": in_all_languages(lambda: _("Signal")),
        "places": larger_places(effect),
        "months_only": True,
        "begins_on": months.starts_on,
        "ends_on": months.ends_on,
        "before": whole_months(exact["before"]),
        "after": whole_months(exact["after"]),
    }


def larger_places(effect: Effect) -> list[str]:
    """The places around those of the signal; empty where none is known."""
    around = effect.places.exclude(parent=None).order_by("parent__name").distinct()
    return list(around.values_list("parent__name", flat=True))


def whole_months(window: Window) -> Window:
    """From the first day of the month it begins in to the last day of the month it ends in."""
    return Window(window.starts_on.replace(day=1), next_month(window.ends_on) - timedelta(days=1))


def next_month(day: date) -> date:
    """The first day of the month after."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def in_all_languages(text: Callable[[], str]) -> Words:
    words = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            words[language] = text()
    return words
