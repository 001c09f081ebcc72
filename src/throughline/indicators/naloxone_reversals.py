"""Overdoses that were survived after naloxone was given."""

from throughline.formats.event import OVERDOSE
from throughline.formats.selection import Filter
from throughline.formats.wording import gettext_noop as _
from throughline.indicators.indicator import Indicator

INDICATOR = Indicator(
    key="naloxone_reversals",
    name=_("Survived with naloxone"),
    one=_("overdose survived with naloxone"),
    many=_("overdoses survived with naloxone"),
    definition=_("Reported overdoses in which naloxone was given and which the person survived."),
    where=Filter.where(measure={OVERDOSE}, outcome={"nonfatal"}, naloxone={True}),
)
