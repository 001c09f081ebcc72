"""Leads from a signal to the records that it was counted from, as they were known then."""

from typing import NamedTuple

from django.http import QueryDict
from django.urls import reverse

from throughline.evidence.feeds.models import Feed
from throughline.policy.sharing import Purpose
from throughline.signals.models import Signal


class Link(NamedTuple):
    feed: Feed
    url: str


def records_behind(signal: Signal) -> list[Link]:
    """One link for each feed that was counted; none for a signal that no indicator found."""
    found = signal.evidence
    if not (found.get("indicator") and signal.begins_on and signal.ends_on):
        return []
    question = QueryDict(mutable=True)
    question.update(
        {
            "indicator": found["indicator"],
            "start": signal.begins_on.isoformat(),
            "end": signal.ends_on.isoformat(),
            "purpose": Purpose.RESPONSE.value,
            "known_at": found.get("as_of", ""),
        }
    )
    question.setlist("place", list(signal.places.values_list("code", flat=True)))
    feeds = Feed.objects.filter(key__in=found.get("feeds", [])).order_by("name")
    return [Link(feed, f"{reverse('records')}?{question.urlencode()}&feed={feed.key}") for feed in feeds]
