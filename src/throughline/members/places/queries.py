"""Reads about places."""

from django.db.models import Count, Q, QuerySet

from throughline.members.places.models import Place


def listed(query: str = "") -> QuerySet[Place]:
    """Places with their `children_count`: those that lie in no other, or, asked for, all whose name or code fit."""
    places = Place.objects.defer("boundary").annotate(children_count=Count("children"))
    if query:
        return places.filter(Q(name__icontains=query) | Q(code__icontains=query))
    return places.filter(parent__isnull=True)


def children_of(place: Place) -> QuerySet[Place]:
    return place.children.defer("boundary").annotate(children_count=Count("children"))


def path_to(place: Place) -> list[Place]:
    """The places around this one, the widest first."""
    path: list[Place] = []
    while (place := place.parent) is not None:
        path.insert(0, place)
    return path
