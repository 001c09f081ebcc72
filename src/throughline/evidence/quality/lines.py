"""The form of every line of a scorecard, and figures as it prints them."""

import math
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from throughline.evidence.quality.verdicts import LIMITS, Limit, Verdict
from throughline.formats.event import EVENT_FIELDS


@dataclass(frozen=True)
class Line:
    """One measure in plain words. `limits` says from where on it is good; `request` is what the letter asks for."""

    name: Any
    figure: str
    verdict: Verdict
    limits: str = ""
    detail: str = ""
    request: str = ""

    @property
    def needs_somebody(self) -> bool:
        return self.verdict in (Verdict.LOOK, Verdict.ASK)


def percent(share: float | None) -> str:
    """Whole percents, so that figures of different tables can't be subtracted to find a person.

    100% is kept for all, 0% for none.
    """
    if share is None:
        return _("withheld")
    if math.isnan(share):
        return "–"
    whole = round(100 * share)
    return _("%(number)s%%") % {"number": min(max(whole, int(share > 0)), 100 if share == 1 else 99)}


def share_limits(key: str) -> str:
    limit = LIMITS[key]
    words = (
        _("good from %(good)s, we ask below %(ask)s")
        if limit.good > limit.ask
        else _("good up to %(good)s, we ask above %(ask)s")
    )
    return words % {"good": _exact(limit.good), "ask": _exact(limit.ask)}


def worse(one: Verdict, other: Verdict) -> Verdict:
    severity = [Verdict.GOOD, Verdict.UNTOLD, Verdict.LOOK, Verdict.ASK]
    return max(one, other, key=severity.index)


def by_limit(key: str, value: float | None) -> Verdict:
    limit: Limit = LIMITS[key]
    return limit.verdict(value)


def field_name(name: str) -> str:
    """As agreements on paper write it, with a capital; an element of a standard keeps its own spelling."""
    return name.replace("_", " ").capitalize() if name in EVENT_FIELDS else name


def _exact(share: float) -> str:
    return _("%(number)s%%") % {"number": number_format(100 * share, decimal_pos=0 if share >= 0.01 else 1)}
