"""All overdoses that came to anyone's notice, whatever came of them."""

from throughline.formats.event import OVERDOSE
from throughline.formats.selection import Filter
from throughline.formats.wording import gettext_noop as _
from throughline.indicators.indicator import Indicator

INDICATOR = Indicator(
    key="overdoses",
    name=_("Overdoses"),
    one=_("overdose"),
    many=_("overdoses"),
    definition=_("Every reported overdose, fatal or not, on the day and at the place where it happened."),
    where=Filter.where(measure={OVERDOSE}),
)
