"""Overdoses that ended in death."""

from throughline.formats.event import OVERDOSE
from throughline.formats.selection import Filter
from throughline.formats.wording import gettext_noop as _
from throughline.indicators.indicator import Indicator

INDICATOR = Indicator(
    key="overdose_deaths",
    name=_("Overdose deaths"),
    one=_("overdose death"),
    many=_("overdose deaths"),
    definition=_("Reported overdoses that ended in death, on the day and at the place of the overdose."),
    where=Filter.where(measure={OVERDOSE}, outcome={"fatal"}),
)
