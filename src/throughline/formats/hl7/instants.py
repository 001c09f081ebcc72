"""Turns HL7 v2 times into ISO 8601, which mappings read."""

import re

_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.\d{1,4})?)?)?)?([+-]\d{4})?")


def iso(written: str) -> str:
    """A time stamp (TS, DTM) as ISO 8601, as exact as it is written to the second.

    What is no whole day, or no time at all, stays as it is, for the mapping to tell of.

    >>> iso("201508180100"), iso("20150818"), iso("20150818010203.45-0500"), iso("2015")
    ('2015-08-18T01:00', '2015-08-18', '2015-08-18T01:02:03-0500', '2015')
    """
    found = _TIME.fullmatch(written)
    if not found:
        return written
    year, month, day, hour, minute, second, zone = found.groups()
    if not hour:
        return f"{year}-{month}-{day}"
    seconds = f":{second}" if second else ""
    return f"{year}-{month}-{day}T{hour}:{minute or '00'}{seconds}{zone or ''}"


def iso_day(written: str) -> str:
    """The day alone of a time stamp.

    >>> iso_day("201508180100")
    '2015-08-18'
    """
    return iso(written)[: len("2015-08-18")]
