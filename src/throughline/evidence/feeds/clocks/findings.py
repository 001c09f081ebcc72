"""What a gap is told as: the arguments of its signal."""

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from throughline.evidence.feeds.clocks.gaps import PLACE_DAYS, Gaps, PlaceGap
from throughline.evidence.feeds.clocks.wording import missing_days_sentence, missing_place_sentence
from throughline.evidence.feeds.models import Feed
from throughline.members.places.models import Place


def gap_of_days(feed: Feed, gaps: Gaps) -> dict[str, Any]:
    """One signal for all days that are missing by now; the first one names it."""
    days = gaps.days
    return _gap(feed, f"days:{days[0]}") | {
        "title": _("%(feed)s: nothing on %(day)s") % {"feed": feed, "day": date_format(days[0])},
        "sentence": missing_days_sentence(days, gaps.usual_a_day),
        "begins_on": days[0],
        "ends_on": days[-1],
        "evidence": _evidence(feed) | {"days": [day.isoformat() for day in days]},
    }


def gap_of_place(feed: Feed, gap: PlaceGap) -> dict[str, Any]:
    places = list(Place.objects.filter(code=gap.code))
    name = places[0].name if places else gap.code
    since = {"feed": feed, "place": name, "day": date_format(gap.since)}
    return _gap(feed, f"place:{gap.code}:{gap.since}") | {
        "title": _("%(feed)s: nothing from %(place)s since %(day)s") % since,
        "sentence": missing_place_sentence(name, PLACE_DAYS, gap.usual),
        "places": places,
        "begins_on": gap.since,
        "evidence": _evidence(feed) | {"place": gap.code},
    }


def _gap(feed: Feed, what: str) -> dict[str, Any]:
    return {"kind": "gap_in_feed", "fingerprint": f"gap_in_feed:{feed.key}:{what}"}


def _evidence(feed: Feed) -> dict[str, Any]:
    """`feeds` says whose counts the sentence tells."""
    return {"feed": feed.key, "feeds": [feed.key]}
