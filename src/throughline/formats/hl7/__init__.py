"""Reads HL7 v2 messages about visits to hospitals: ADT, as syndromic surveillance sends them."""

import re

from throughline.formats.hl7.default_mapping import MAPPING
from throughline.formats.hl7.merging import merged
from throughline.formats.hl7.reading import read
from throughline.formats.wording import gettext_noop as _

__all__ = ["KEY", "MAPPING", "MERGE", "NAME", "SUFFIXES", "read", "recognizes"]

KEY = "hl7v2"
NAME = _("HL7 v2 messages about visits (ADT)")
SUFFIXES = (".hl7",)
MERGE = merged
"""Says what is known of a visit after a further message; formats without it replace what was known."""

_BEGINNING = re.compile(rb"(?:\xef\xbb\xbf)?[\x0b\r\n]*(?:MSH|FHS|BHS)[^A-Za-z0-9\s,;]")


def recognizes(head: bytes) -> bool:
    return _BEGINNING.match(head) is not None
