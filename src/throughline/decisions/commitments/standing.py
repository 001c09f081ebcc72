"""How a promise stands, as a word and a tone."""

from datetime import date

from django.utils.translation import gettext as _

from throughline.decisions.commitments.models import Commitment, Outcome
from throughline.decisions.commitments.queries import clock_of
from throughline.policy.deadlines import Clock
from throughline.signals.clock import Standing


def standing(commitment: Commitment, on: date) -> Standing:
    if commitment.outcome == Outcome.DROPPED:
        return Standing(_("Dropped"), "neutral")
    words = {
        Clock.OPEN: Standing(_("On its way"), "neutral"),
        Clock.DUE_SOON: Standing(_("Due soon"), "warning"),
        Clock.OVERDUE: Standing(_("Overdue"), "bad"),
        Clock.KEPT: Standing(_("Kept"), "good"),
        Clock.BROKEN: Standing(_("Done late"), "warning"),
    }
    return words[clock_of(commitment, on=on)]
