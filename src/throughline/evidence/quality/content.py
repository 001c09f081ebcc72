"""Lines about what the events hold: which fields are known, how late they come, and how alike they are."""

import math
from collections.abc import Iterator, Mapping

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from throughline.evidence.quality.lines import (
    Line,
    by_limit,
    field_name,
    percent,
    share_limits,
    worse,
)
from throughline.evidence.quality.measures import Measures
from throughline.evidence.quality.shares import MonthlyShares, may_be_shown, share_to_judge
from throughline.evidence.quality.verdicts import LIMITS, Verdict
from throughline.warehouse import Delays, Lookalikes

MUCH = 0.1  # a field that is known this much less often than before is worth a look, however complete it is


def timing_lines(measured: Measures, days_since: int) -> list[Line]:
    lines = [_delay(measured, days_since)]
    if measured.lookalikes:
        lines.append(_alike(measured.lookalikes, measured.records, measured.minimum_cell))
    return lines


def completeness_lines(measured: Measures) -> list[Line]:
    return [_complete(field_name(name), shares) for name, shares in measured.complete.items()]


def _delay(measured: Measures, days_since: int) -> Line:
    """A delay of few records is nearly theirs, and withheld."""
    limit, is_shown = LIMITS["days"], measured.records >= measured.minimum_cell
    delays = measured.delays if is_shown else Delays(None, None)
    facts = {"median": _days(delays.median), "most": _days(delays.percentile_90)}
    return Line(
        name=_("Days until nine of ten records came"),
        figure=facts["most"] if is_shown or not measured.records else _("withheld"),
        verdict=by_limit("days", delays.percentile_90),
        limits=_("good up to %(good)s, we ask above %(ask)s")
        % {"good": number_format(limit.good), "ask": number_format(limit.ask)},
        detail="" if delays.median is None else " ".join(_said_of_delay(facts, days_since)),
        request=_("It took %(most)s days until nine of ten records were here. Can they come sooner?") % facts,
    )


def _said_of_delay(facts: Mapping[str, str], days_since: int) -> Iterator[str]:
    yield _("Half came within %(median)s days.") % facts
    if days_since < LIMITS["days"].ask:
        yield ngettext(
            "Only %(days)d day has passed since the month ended: slower records are still to come.",
            "Only %(days)d days have passed since the month ended: slower records are still to come.",
            days_since,
        ) % {"days": days_since}


def _days(days: float | None) -> str:
    return "–" if days is None else number_format(days, decimal_pos=1 if days < 10 else 0)


def _alike(alike: Lookalikes, records: int, minimum_cell: int) -> Line:
    both = alike.within + alike.across
    shown = may_be_shown(alike.within, alike.across, of=records, minimum_cell=minimum_cell)
    share = alike.beyond_chance / records if records else math.nan
    judged = share_to_judge(share, of=records, shown=shown, minimum_cell=minimum_cell)
    facts = {
        "within": number_format(alike.within),
        "across": number_format(alike.across),
        "chance": number_format(alike.by_chance, decimal_pos=0),
    }
    details = (
        _("%(within)s in one file, %(across)s in different files; chance alone gives about %(chance)s.")
        % facts
    )
    return Line(
        name=_("Records that look like another one"),
        figure=percent(share if shown else None),
        verdict=by_limit("alike", judged),
        limits=share_limits("alike"),
        detail=details if shown and both else "",
        request=_(
            "Some records agree in minute, place, age group, sex and outcome, but have different keys. Are they one "
            "event each, and can they keep one key?"
        ),
    )


def _complete(name: str, shares: MonthlyShares) -> Line:
    if not shares.is_sent:
        return Line(name, _("not sent"), Verdict.UNTOLD, detail=_("No record of these months has it."))
    verdict = by_limit("complete", shares.judged)
    dropped = (
        shares.before is not None and shares.latest is not None and shares.before - shares.latest >= MUCH
    )
    facts = {"field": name, "share": percent(shares.latest), "before": percent(shares.before)}
    return Line(
        name=name,
        figure=facts["share"],
        verdict=worse(verdict, Verdict.LOOK) if dropped else verdict,
        limits=share_limits("complete"),
        detail="" if shares.before is None else _("%(before)s in the twelve months before.") % facts,
        request=_request_to_complete(shares) % facts,
    )


def _request_to_complete(shares: MonthlyShares) -> str:
    if shares.latest is None:
        return _("%(field)s is missing in too many records. Please fill it in where it is known.")
    if shares.before is None:
        return _("%(field)s is known in %(share)s of the records. Please fill it in where it is known.")
    return _(
        "%(field)s is known in %(share)s of the records, in the months before in %(before)s. Please fill it in where "
        "it is known."
    )
