"""Findings in plain words: how many, where, against what was expected, and how often chance shows as much."""

from collections.abc import Sequence
from datetime import date
from math import floor

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from throughline.indicators import Indicator
from throughline.members.places.models import Place

YEAR = 365.25
LONGEST_TOLD = 100 * YEAR  # beyond, the model of chance is less certain than its figure sounds

KINDS = {
    "neighborhood": ngettext_lazy("%(count)d neighbourhood", "%(count)d neighbourhoods", "count"),
    "tract": ngettext_lazy("%(count)d census tract", "%(count)d census tracts", "count"),
    "ward": ngettext_lazy("%(count)d ward", "%(count)d wards", "count"),
    "district": ngettext_lazy("%(count)d district", "%(count)d districts", "count"),
    "town": ngettext_lazy("%(count)d town", "%(count)d towns", "count"),
    "city": ngettext_lazy("%(count)d city", "%(count)d cities", "count"),
    "county": ngettext_lazy("%(count)d county", "%(count)d counties", "count"),
}
PLACES = ngettext_lazy("%(count)d place", "%(count)d places", "count")


def hotspot_sentence(
    *,
    indicator: Indicator,
    observed: int,
    places: Sequence[Place],
    since: date,
    expected: float,
    interval_days: float,
    is_bound: bool,
) -> str:
    """Such as "13 overdoses in 5 neighbourhoods since March 7 where 4 were expected; a chance as small as once in
    2.4 years." is_bound: chance never showed as much, so that the interval is at least this long."""
    facts = {
        "cases": cases_in_words(observed, indicator),
        "places": places_in_words(places),
        "since": date_format(since, "MONTH_DAY_FORMAT"),
        "expected": expected_in_words(expected),
        "chance": chance_in_words(interval_days, is_bound=is_bound),
    }
    return _("%(cases)s in %(places)s since %(since)s where %(expected)s; a chance %(chance)s.") % facts


def cases_in_words(count: int, indicator: Indicator) -> str:
    return f"{number_format(count)} {_(indicator.one) if count == 1 else _(indicator.many)}"


def places_in_words(places: Sequence[Place]) -> str:
    """The name of one place; of several, how many of which kind."""
    if len(places) == 1:
        return places[0].name
    kinds = {place.kind for place in places}
    words = KINDS.get(kinds.pop(), PLACES) if len(kinds) == 1 else PLACES
    return str(words % {"count": len(places)})


def expected_in_words(expected: float) -> str:
    """Whole numbers, but tenths below two: there a whole number would be half or double of it."""
    if expected < 0.05:
        return _("hardly any were expected")
    rounded = floor(expected + 0.5) if expected >= 2 else round(expected, 1)
    form = ngettext("%(figure)s was expected", "%(figure)s were expected", 1 if rounded == 1 else 2)
    return form % {"figure": _figure(rounded)}


def chance_in_words(interval_days: float, *, is_bound: bool) -> str:
    told = interval_in_words(min(interval_days, LONGEST_TOLD))
    if is_bound or interval_days > LONGEST_TOLD:
        return _("rarer than once in %(interval)s") % {"interval": told}
    return _("as small as once in %(interval)s") % {"interval": told}


def interval_in_words(days: float) -> str:
    """In days, weeks or years, rounded down: chance is never told to be rarer than it is."""
    if days < 14:
        count = max(floor(days), 1)
        return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}
    if days < YEAR:
        count = floor(days / 7)
        return ngettext("%(count)d week", "%(count)d weeks", count) % {"count": count}
    years = days / YEAR
    rounded = floor(years * 10 + 1e-9) / 10 if years < 10 else floor(years + 1e-9)
    form = ngettext("%(figure)s year", "%(figure)s years", 1 if rounded == 1 else 2)
    return form % {"figure": _figure(rounded)}


def _figure(rounded: float) -> str:
    return number_format(rounded, decimal_pos=0 if float(rounded).is_integer() else 1)
