"""Reads how many treatment places were free, by day and site.

Free places are a stock: those of two days are the same places, so that only the sites of one day may be added up.
"""

from throughline.formats.shipped import shipped_mapping
from throughline.formats.standard_table import StandardTable
from throughline.formats.wording import gettext_noop as _

KEY = "treatment_places"
NAME = _("Free treatment places (table with day, site and places free)")
SUFFIXES = ()
MAPPING = shipped_mapping("treatment_places")

TABLE = StandardTable(
    required={
        "day": "the day for which the places were counted",
        "site": "the name or the number of the treatment site",
        "places_free": "how many places were free",
    },
    optional=("place", "latitude", "longitude", "kind", "places_total"),
    key=("day", "site", "kind"),
)

recognizes = TABLE.recognizes
read = TABLE.read
