"""Deaths in which an opioid was found or named."""

from throughline.formats.event import OPIOIDS, OVERDOSE
from throughline.formats.selection import Filter
from throughline.formats.wording import gettext_noop as _
from throughline.indicators.indicator import Indicator

INDICATOR = Indicator(
    key="opioid_overdose_deaths",
    name=_("Opioid overdose deaths"),
    one=_("opioid overdose death"),
    many=_("opioid overdose deaths"),
    definition=_(
        "Reported overdoses that ended in death and in which at least one opioid was found or named."
    ),
    where=Filter.where(measure={OVERDOSE}, outcome={"fatal"}, substances=frozenset(OPIOIDS)),
)
