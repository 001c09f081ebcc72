"""Reads entries of overdoses with ODMAP's four required fields, as a form or a dispatcher's table writes them.

Required and optional fields are those of the Overdose Detection Mapping Application Program (odmap.org).
"""

from throughline.formats.shipped import shipped_mapping
from throughline.formats.standard_table import StandardTable
from throughline.formats.wording import gettext_noop as _

KEY = "odmap"
NAME = _("ODMAP-style entries (table with time, location, outcome and naloxone)")
SUFFIXES = ()
MAPPING = shipped_mapping("odmap")

TABLE = StandardTable(
    required={
        "occurred_at": "the date and time of the suspected overdose",
        "outcome": "fatal or nonfatal",
        "naloxone": "none, single, multiple or unknown",
    },
    optional=(
        *("entry_id", "latitude", "longitude", "place", "primary_drug", "additional_drugs"),
        *("age", "sex", "transported", "case_number", "notes", "taken_back"),
    ),
)

recognizes = TABLE.recognizes
read = TABLE.read
