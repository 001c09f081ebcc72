"""Axes: round numbers for values, uncrowded days for time."""

import math
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils import formats


def nice_step(span: float, *, most: int = 5) -> float:
    """The smallest step of the form 1, 2 or 5 times a power of ten that cuts `span` into at most `most` parts.

    After P. Heckbert, "Nice numbers for graph labels", Graphics Gems (1990).
    """
    rough = span / most
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))


def ticks(highest: float, *, lowest: float = 0.0, most: int = 5) -> list[float]:
    """Round values from at or below `lowest` to at or above `highest`."""
    span = highest - lowest
    if span <= 0:
        return [lowest, lowest + 1]
    step = nice_step(span, most=most)
    first, last = math.floor(lowest / step + 1e-9), math.ceil(highest / step - 1e-9)
    return [round(index * step, 10) for index in range(first, last + 1)]


def every(count: int, *, most: int = 7) -> int:
    """The stride at which at most `most` of `count` labels are shown."""
    return max(1, math.ceil(count / most))


def number(value: float) -> str:
    """As few digits as say the value, with the reader's separators."""
    places = 0 if float(value).is_integer() else 2 if abs(value) < 10 else 1
    return formats.number_format(value, decimal_pos=places, use_l10n=True, force_grouping=True)


def short_label(label: Any) -> str:
    """A label that fits under an axis: days lose their year."""
    return formats.date_format(label, "MONTH_DAY_FORMAT") if isinstance(label, date) else str(label)


def full_label(label: Any) -> str:
    if isinstance(label, datetime):
        return formats.date_format(label, "DATETIME_FORMAT")
    return formats.date_format(label, "DATE_FORMAT") if isinstance(label, date) else str(label)


def known(values: Sequence[float | None]) -> list[float]:
    """The values that are neither withheld (None) nor missing (nan)."""
    return [value for value in values if value is not None and not math.isnan(value)]
