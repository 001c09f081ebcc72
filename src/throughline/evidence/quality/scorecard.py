"""One feed's quality in one month, line by line, each with its verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from throughline.evidence.feeds.models import Feed
from throughline.evidence.quality.content import completeness_lines, timing_lines
from throughline.evidence.quality.handling import handling_lines
from throughline.evidence.quality.lines import Line, field_name, percent
from throughline.evidence.quality.measures import Measures, measure_events
from throughline.evidence.quality.mixes import drift_lines
from throughline.evidence.quality.periods import Period
from throughline.evidence.quality.receipts import (
    ReasonLine,
    Receipts,
    reason_lines,
    receipts,
    valid_by_month,
)
from throughline.evidence.quality.verdicts import Verdict
from throughline.members.accounts.models import Person
from throughline.policy.sharing import Refusal, Refused
from throughline.ui.charts import Chart, Series, line_chart


@dataclass(frozen=True)
class Part:
    """`praise` begins the sentence of the letter that names its good lines; empty where that would say nothing."""

    title: Any
    note: Any
    lines: Sequence[Line]
    praise: Any = ""

    @property
    def limits(self) -> str:
        """Those of all lines, where they are the same, so that they are read once."""
        stated = {line.limits for line in self.lines if line.limits}
        return stated.pop() if len(stated) == 1 else ""


@dataclass(frozen=True)
class Course:
    """The known share of one field, month by month."""

    name: str
    figures: Sequence[tuple[date, str]]


@dataclass(frozen=True)
class Scorecard:
    """`refusal` says why the parts that rest on events are missing, where they are."""

    feed: Feed
    period: Period
    came: Receipts
    reasons: Sequence[ReasonLine]
    parts: Sequence[Part]
    courses: Sequence[Course] = ()
    minimum_cell: int = 1
    refusal: Refusal | None = None

    @cached_property
    def readable(self) -> Chart | None:
        """Counted when a page shows it."""
        return _readable(valid_by_month(self.feed, self.period))

    @property
    def good(self) -> list[Line]:
        return self._lines(Verdict.GOOD)

    @property
    def to_look_at(self) -> list[Line]:
        return self._lines(Verdict.LOOK)

    @property
    def to_ask(self) -> list[Line]:
        return self._lines(Verdict.ASK)

    def _lines(self, verdict: Verdict) -> list[Line]:
        return [line for part in self.parts for line in part.lines if line.verdict is verdict]


def scorecard_of(feed: Feed, period: Period, *, by: Person, at: datetime) -> Scorecard:
    """Receipts are for everyone who sees feeds; what rests on events needs an agreement, and stands in the ledger."""
    came, before = receipts(feed, period)
    facts = {
        "feed": feed,
        "period": period,
        "came": came,
        "reasons": reason_lines(feed, period, came, before),
    }
    handled = Part(
        _("What became of the rows"),
        _("By the receipts of the files that came in this month."),
        handling_lines(came, before),
        _("In the files:"),
    )
    try:
        measured = measure_events(feed, period, by=by, at=at)
    except Refused as refused:
        return Scorecard(**facts, parts=[handled], refusal=refused.refusal)
    return Scorecard(
        **facts,
        parts=[handled, *_parts_of(measured, period.days_since(at))],
        courses=_courses(measured),
        minimum_cell=measured.minimum_cell,
    )


def _parts_of(measured: Measures, days_since: int) -> list[Part]:
    return [
        Part(
            _("How soon, and how often twice"),
            _("Of events that happened in this month."),
            timing_lines(measured, days_since),
            _("On time, and once:"),
        ),
        Part(
            _("What is known of each event"),
            _("Share of this month's events in which the field has a known value."),
            completeness_lines(measured),
            _("Known in nearly every record:"),
        ),
        Part(
            _("Whether codes have changed"),
            _("The mix of values in this month against the twelve months before."),
            drift_lines(measured),
        ),
    ]


def _readable(by_month: Sequence[tuple[date, float]]) -> Chart | None:
    """None where one month is all there is."""
    if len(by_month) < 2:
        return None
    return line_chart(
        title=_("Rows that could be read, by month"),
        labels=[
            date_format(month, pgettext("a month, in Django's date format", "M Y"))
            for month, _share in by_month
        ],
        series=[Series(_("Readable"), [round(100 * share, 1) for _month, share in by_month])],
        unit=_("of 100 rows"),
    )


def _courses(measured: Measures) -> list[Course]:
    return [
        Course(
            field_name(name),
            [(month, percent(share)) for month, share in zip(shares.months, shares.shares, strict=True)],
        )
        for name, shares in measured.complete.items()
        if shares.is_sent
    ]
