"""Says what a measurement found in plain words; the signed-in pages and the public page say the same."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# Ambulance and hospital records reach an installation for about this long after the day they are about.
SETTLING_DAYS = 14


class Conclusion(StrEnum):
    """What may be said: a finding, or why there is none."""

    FEWER = "fewer"
    MORE = "more"
    CANNOT_TELL = "cannot_tell"
    TOO_EARLY = "too_early"
    WITHHELD = "withheld"


LABELS = {
    Conclusion.FEWER: gettext_lazy("Fewer than expected"),
    Conclusion.MORE: gettext_lazy("More than expected"),
    Conclusion.CANNOT_TELL: gettext_lazy("We can't tell yet"),
    Conclusion.TOO_EARLY: gettext_lazy("Too early to tell"),
    Conclusion.WITHHELD: gettext_lazy("Counts withheld"),
}
TONES = {Conclusion.FEWER: "good", Conclusion.MORE: "bad"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a sentence about an effect is made of. Counts are None where they are withheld."""

    conclusion: Conclusion
    since_help_moved: bool  # otherwise since the plan
    before_days: int
    after_days: int
    after_to_on: date | None  # None where the day is withheld
    before: int | None
    after: int | None
    comparison_before: int | None
    comparison_after: int | None
    ratio: float | None
    low: float | None
    high: float | None

    @property
    def expected(self) -> float | None:
        """Events expected after, had these places changed like the others: windows' lengths cancel out."""
        if self.before is None or self.comparison_after is None or not self.comparison_before:
            return None
        return self.before * self.comparison_after / self.comparison_before

    @property
    def label(self) -> Any:
        return LABELS[self.conclusion]

    @property
    def tone(self) -> str:
        return TONES.get(self.conclusion, "neutral")


def sentence(facts: Facts) -> str:
    """One sentence in the reader's language."""
    if facts.conclusion is Conclusion.TOO_EARLY:
        return _too_early(facts)
    if facts.conclusion is Conclusion.WITHHELD:
        return _(
            "Some of the counts can't be published without pointing at a person, so what they show is not"
            " published either."
        )
    if facts.ratio is None or facts.low is None or facts.high is None or facts.expected is None:
        return _not_comparable(facts)
    return _compared(facts)


def _too_early(facts: Facts) -> str:
    if facts.after_to_on is None:
        return _("It is too early to tell: records of the days after are still arriving.")
    days = {"day": date_format(facts.after_to_on), "settling": SETTLING_DAYS}
    return (
        _(
            "It is too early to tell: the days after help moved are counted up to %(day)s, and records keep"
            " arriving for about %(settling)s days after that."
        )
        if facts.since_help_moved
        else _(
            "It is too early to tell: the days after the plan are counted up to %(day)s, and records keep"
            " arriving for about %(settling)s days after that."
        )
    ) % days


def _not_comparable(facts: Facts) -> str:
    return _since(facts) + _(
        "we counted %(after)s. There were too few events to say how many would have been expected:"
        " we can't tell yet."
    ) % {"after": facts.after}


def _compared(facts: Facts) -> str:
    numbers = {
        "after": facts.after,
        "expected": _rounded(facts.expected, 0 if facts.expected and facts.expected >= 10 else 1),
        "ratio": _rounded(facts.ratio, 2),
        "low": _rounded(facts.low, 2),
        "high": _rounded(facts.high, 2),
    }
    counted = _(
        "we counted %(after)s where %(expected)s would have been expected had these places changed like the"
        " others (ratio %(ratio)s, 95%% interval %(low)s to %(high)s)"
    )
    return _since(facts) + counted % numbers + _verdict(facts.conclusion)


def _since(facts: Facts) -> str:
    window = (
        _("In the %(days)s days after help moved, ")
        if facts.since_help_moved
        else _("In the %(days)s days after the plan, ")
    )
    return window % {"days": facts.after_days}


def _verdict(conclusion: Conclusion) -> str:
    return {
        Conclusion.FEWER: _(": fewer than expected."),
        Conclusion.MORE: _(": more than expected."),
    }.get(conclusion, _(": we can't tell yet."))


def _rounded(number: float | None, decimals: int) -> str:
    """Rounded first: Django's formatting cuts digits off."""
    return number_format(round(number or 0, decimals), decimals)
