"""Axes and labels: round numbers for values, uncrowded days for time."""

import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.utils import formats
from django.utils.translation import gettext, pgettext


def nice_step(span: float, *, most: int = 5) -> float:
    """The smallest 1, 2 or 5 times a power of ten that cuts `span` into at most `most` parts.

    After P. Heckbert, "Nice numbers for graph labels", Graphics Gems (1990).
    """
    rough = span / most
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))


def ticks(lowest: float, highest: float, *, most: int = 5) -> list[float]:
    """Round values, the first at or below `lowest`, the last at or above `highest`."""
    if highest <= lowest:
        highest = lowest + 1
    step = nice_step(highest - lowest, most=most)
    first, last = math.floor(lowest / step + 1e-9), math.ceil(highest / step - 1e-9)
    return [round(index * step, 10) for index in range(first, last + 1)]


def tick_texts(values: list[float]) -> list[str]:
    """The ticks with as many decimals as their step needs."""
    step = values[1] - values[0]
    places = max(0, -math.floor(math.log10(step) + 1e-9))
    return [formats.number_format(value, decimal_pos=places, force_grouping=True) for value in values]


def value_text(value: float | None) -> str:
    """A value in words: None is withheld, nan never came."""
    if value is None:
        return gettext("withheld")
    if math.isnan(value):
        return gettext("no data")
    most = 0 if abs(value) >= 1000 else 1 if abs(value) >= 10 else 2
    places = next(
        count for count in range(most + 1) if count == most or round(value, count) == round(value, most)
    )
    return formats.number_format(round(value, places), decimal_pos=places, force_grouping=True)


def short_labels(labels: Sequence[Any]) -> list[str]:
    """Labels that fit under an axis: days lose their year unless they span most of one."""
    if not all(isinstance(label, date) for label in labels):
        return [str(label) for label in labels]
    short = pgettext("a day on an axis, in Django's date format", "M j")
    long = pgettext("a month on an axis, in Django's date format", "M Y")
    spans_years = bool(labels) and (labels[-1] - labels[0]).days > 300
    return [formats.date_format(label, long if spans_years else short) for label in labels]


def full_label(label: Any) -> str:
    if isinstance(label, datetime):
        return formats.date_format(label, "DATETIME_FORMAT")
    return formats.date_format(label, "DATE_FORMAT") if isinstance(label, date) else str(label)


def is_known(value: float | None) -> bool:
    """Neither withheld (None) nor missing (nan)."""
    return value is not None and not math.isnan(value)


def known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None and not math.isnan(value)]
