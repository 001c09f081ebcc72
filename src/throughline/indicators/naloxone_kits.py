"""Naloxone kits that were given out."""

from throughline.formats.selection import Filter
from throughline.formats.wording import gettext_noop as _
from throughline.indicators.indicator import Indicator

INDICATOR = Indicator(
    key="naloxone_kits",
    name=_("Naloxone kits given out"),
    one=_("naloxone kit given out"),
    many=_("naloxone kits given out"),
    definition=_(
        "Naloxone kits that programmes report to have given out, on the day and at the place where they did."
    ),
    where=Filter.where(measure={"naloxone_kits"}),
    harm=False,
)
