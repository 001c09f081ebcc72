"""What lies around the places of a signal, and who may see what was counted there."""

from datetime import date

from django.db.models import QuerySet

from throughline.evidence.feeds.queries import may_see_counts
from throughline.members.accounts.models import Person
from throughline.members.places.models import Place
from throughline.signals.models import Signal

LEAST_MARGIN = 0.04  # degrees, about 4 km: enough to recognise the neighbourhood
MOST_NEIGHBOURS = 150


def may_see_figures(person: Person, signal: Signal, *, on: date) -> bool:
    """Signals that name no feeds, such as a slipping promise, hold no counts: everyone may read them."""
    found = signal.evidence
    return not {"indicator", "feeds"} & found.keys() or may_see_counts(person, found.get("feeds", []), on=on)


def surroundings(places: list[Place]) -> QuerySet[Place]:
    """Places of the same kind in a box around these, so that a map of one place shows where it lies."""
    latitudes = [place.latitude for place in places if place.latitude is not None]
    longitudes = [place.longitude for place in places if place.longitude is not None]
    if not latitudes:
        return Place.objects.none()
    alike = Place.objects.filter(kind=places[0].kind).exclude(pk__in=[place.pk for place in places])
    return alike.filter(latitude__range=_box(latitudes), longitude__range=_box(longitudes))[:MOST_NEIGHBOURS]


def _box(degrees: list[float]) -> tuple[float, float]:
    margin = max((max(degrees) - min(degrees)) / 2, LEAST_MARGIN)
    return min(degrees) - margin, max(degrees) + margin
