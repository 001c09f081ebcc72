"""Reads the times that agencies write as instants in UTC, and says how well each is known."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from throughline.formats.date_formats import ReadDate, date_reader
from throughline.formats.faults import Reason, ValueFault
from throughline.formats.rules import InstantRule

EARLIEST_YEAR = 1990
CLOCK_TOLERANCE = timedelta(days=1)
"""How far ahead of its own arrival an event may lie: clocks and time zones of senders are never quite right."""

_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_TIME_DIRECTIVES = re.compile(r"%[HIXcs]")


class Instant(NamedTuple):
    """An instant in UTC, and its `time_quality` as `EVENT_FIELDS` lists them."""

    at: datetime
    quality: str


def instant_reader(rule: InstantRule, field: str, received_at: datetime) -> Callable[[str], Instant]:
    """Compile a rule into a function of text that raises ValueFault.

    A day without a time becomes its local midnight.
    """
    latest = received_at + CLOCK_TOLERANCE
    formats = [(date_reader(fmt), _TIME_DIRECTIVES.search(fmt) is not None) for fmt in rule.formats]
    offset_of = _day_offsets(rule.zone)
    expected = f"a date as {' or '.join((*rule.formats, 'ISO 8601'))}"

    def read(text: str) -> Instant:
        parsed = _parse(text, formats)
        if parsed is None:
            raise ValueFault(field, text, Reason.BAD_DATE, expected)
        moment, timed = parsed
        _check_years(field, text, moment, latest)
        day_only = not timed or rule.precision == "day"
        offset = None if moment.tzinfo else offset_of(moment.date())
        if offset is not None:
            instant = Instant(moment.replace(tzinfo=UTC) - offset, "day" if day_only else "minute")
        else:
            instant = _in_utc(field, text, moment, rule, day_only=day_only)
        if instant.at > latest:
            raise _future(field, text, latest)
        return instant

    return read


def _day_offsets(zone: ZoneInfo) -> Callable[[date], timedelta | None]:
    """How far a zone's clocks are from UTC on a day; None on days on which they change."""

    @lru_cache(maxsize=20_000)
    def offset_of(day: date) -> timedelta | None:
        hours = [datetime.combine(day, time(hour), zone) for hour in range(24)] + [
            datetime.combine(day, time.max, zone)
        ]
        offsets = {hour.replace(fold=fold).utcoffset() for hour in hours for fold in (0, 1)}
        return offsets.pop() if len(offsets) == 1 else None

    return offset_of


def _parse(text: str, formats: list[tuple[ReadDate, bool]]) -> tuple[datetime, bool] | None:
    """The moment as written, and whether it has a time of day. ISO 8601 can't be mistaken, so it always counts."""
    for read, timed in formats:
        try:
            return read(text), timed
        except ValueError:
            continue
    try:
        return (datetime.fromisoformat(text), len(text) > len("2026-03-08")) if _ISO.match(text) else None
    except ValueError:
        return None


def _check_years(field: str, text: str, moment: datetime, latest: datetime) -> None:
    """Done before any change of zone, which the first and the last year of the calendar don't survive."""
    if moment.year < EARLIEST_YEAR:
        raise ValueFault(field, text, Reason.EARLY_DATE, f"a date from {EARLIEST_YEAR} on")
    if moment.year > latest.year + 1:
        raise _future(field, text, latest)


def _future(field: str, text: str, latest: datetime) -> ValueFault:
    return ValueFault(field, text, Reason.FUTURE_DATE, f"a date up to {latest:%Y-%m-%d %H:%M} UTC")


def _in_utc(field: str, text: str, moment: datetime, rule: InstantRule, *, day_only: bool) -> Instant:
    if moment.tzinfo is not None:
        return Instant(moment.astimezone(UTC), "day" if day_only else "minute")
    first, second = (_instant(moment, rule.zone, fold) for fold in (0, 1))
    if day_only:
        return Instant(first, "day")
    if first == second:
        return Instant(first, "minute")
    if first > second:  # in a gap, the offset that was in force before it gives the later instant
        return _skipped(field, text, first, rule)
    return _repeated(field, text, first, second, rule)


def _instant(moment: datetime, zone: ZoneInfo, fold: int) -> datetime:
    return moment.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _skipped(field: str, text: str, moved: datetime, rule: InstantRule) -> Instant:
    if rule.nonexistent == "quarantine":
        raise ValueFault(field, text, Reason.SKIPPED_TIME, f"a time that exists in {rule.zone.key}")
    return Instant(moved, "shifted")


def _repeated(field: str, text: str, first: datetime, second: datetime, rule: InstantRule) -> Instant:
    if rule.ambiguous == "quarantine":
        raise ValueFault(field, text, Reason.AMBIGUOUS_TIME, f"a time that occurs once in {rule.zone.key}")
    return Instant(first if rule.ambiguous == "earlier" else second, "ambiguous")
