"""Overdoses that were survived."""

from throughline.formats.event import OVERDOSE
from throughline.formats.selection import Filter
from throughline.formats.wording import gettext_noop as _
from throughline.indicators.indicator import Indicator

INDICATOR = Indicator(
    key="nonfatal_overdoses",
    name=_("Nonfatal overdoses"),
    one=_("nonfatal overdose"),
    many=_("nonfatal overdoses"),
    definition=_("Reported overdoses that the person survived, on the day and at the place of the overdose."),
    where=Filter.where(measure={OVERDOSE}, outcome={"nonfatal"}),
)
