"""What a signal about a feed's time or size says, in plain words with figures."""

from collections.abc import Sequence
from datetime import date, datetime
from math import floor

from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from throughline.evidence.feeds.clocks.queries import Arrival, Clock
from throughline.science.rhythm import Decline, Size


def days_in_words(days: float) -> str:
    """Whole days, but tenths below ten: “1 day”, “1.3 days”."""
    rounded = floor(days * 10 + 0.5) / 10 if days < 10 else round(days)
    shown = number_format(rounded, decimal_pos=0 if float(rounded).is_integer() else 1)
    return ngettext("%(days)s day", "%(days)s days", 1 if rounded == 1 else 2) % {"days": shown}


def weekdays_in_words(weekdays: Sequence[int] | frozenset[int]) -> str:
    return ", ".join(str(WEEKDAYS[weekday]) for weekday in sorted(weekdays))


def waiting_sentence(clock: Clock) -> str:
    """How long no file has come, and what was expected instead."""
    waited = max(floor((clock.at - clock.waiting_since).total_seconds() / 86_400), 0)
    none = ngettext("No file for %(days)d day;", "No file for %(days)d days;", waited) % {"days": waited}
    return " ".join([none, _expected(clock), _last_file(clock.last_received_at)])


def size_sentence(arrival: Arrival, size: Size) -> str:
    """Such as “12 rows were accepted on March 9, where 140 are usual (60 to 260).”"""
    rows = ngettext("%(rows)s row was accepted", "%(rows)s rows were accepted", arrival.rows)
    rest = _("on %(day)s, where %(typical)s are usual (%(low)s to %(high)s).")
    return f"{rows} {rest}" % {
        "rows": number_format(arrival.rows),
        "day": date_format(arrival.on),
        "typical": _figure(size.typical),
        "low": _figure(size.low),
        "high": _figure(size.high),
    }


def decline_sentence(decline: Decline, *, weekly: bool) -> str:
    what = (
        _("From about %(before)s rows a week to about %(now)s, step by step over %(periods)d weeks.")
        if weekly
        else _("From about %(before)s rows a file to about %(now)s, step by step over %(periods)d files.")
    )
    question = _("Either fewer people overdose, or part of the data no longer comes: ask the agency which.")
    figures = {
        "before": _figure(decline.before),
        "now": _figure(decline.now),
        "periods": decline.periods,
    }
    return f"{what % figures} {question}"


def missing_days_sentence(days: Sequence[date], usual: float) -> str:
    listed = ", ".join(date_format(day, "MONTH_DAY_FORMAT") for day in days)
    return _("Nothing on %(days)s, where %(usual)s a day are usual and files of later days have come.") % {
        "days": listed,
        "usual": _figure(usual),
    }


def missing_place_sentence(place: str, days: int, usual: float) -> str:
    return _("Nothing from %(place)s for %(days)d days, where %(usual)s are usual in as many.") % {
        "place": place,
        "days": days,
        "usual": _figure(usual),
    }


def came_in_words(at: datetime) -> str:
    return _("A file came on %(day)s.") % {"day": date_format(timezone.localtime(at))}


def _expected(clock: Clock) -> str:
    promised, learned = clock.feed.expected_every_days, clock.learned
    if promised:
        form = ngettext("one is promised every day.", "one is promised every %(days)d days.", promised)
        return form % {"days": promised}
    return _("one usually comes every %(usual)s, and hardly ever after more than %(late)s.") % {
        "usual": days_in_words(learned.typical_days),
        "late": days_in_words(learned.late_after_days),
    }


def _last_file(last_at: datetime | None) -> str:
    if last_at is None:
        return _("None has come yet.")
    return _("The last came on %(day)s.") % {"day": date_format(timezone.localtime(last_at))}


def _figure(value: float) -> str:
    rounded = round(value) if value >= 10 else round(value, 1)
    return number_format(rounded, decimal_pos=0 if float(rounded).is_integer() else 1, force_grouping=True)
