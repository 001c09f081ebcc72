"""Reads how many naloxone kits a programme gave out, by day and place."""

from throughline.formats.shipped import shipped_mapping
from throughline.formats.standard_table import StandardTable
from throughline.formats.wording import gettext_noop as _

KEY = "naloxone_kits"
NAME = _("Naloxone kits given out (table with day, kits and place)")
SUFFIXES = ()
MAPPING = shipped_mapping("naloxone_kits")

TABLE = StandardTable(
    required={"day": "the day on which the kits were given out", "kits": "how many kits were given out"},
    optional=("place", "latitude", "longitude", "site", "kind"),
    key=("day", "place", "latitude", "longitude", "site", "kind"),
)

recognizes = TABLE.recognizes
read = TABLE.read
