"""Reads about places."""

from collections.abc import Iterable

from django.db.models import Count, Q, QuerySet

from throughline.members.places.models import Place


def listed(query: str = "") -> QuerySet[Place]:
    """Places with their `children_count`: those that lie in no other, or, asked for, all whose name or code fit."""
    places = _with_children_count(Place.objects.all())
    if query:
        return places.filter(Q(name__icontains=query) | Q(code__icontains=query))
    return places.filter(parent__isnull=True)


def children_of(place: Place) -> QuerySet[Place]:
    return _with_children_count(place.children.all())


def path_to(place: Place) -> list[Place]:
    """The places around this one, the widest first."""
    path: list[Place] = []
    while (place := place.parent) is not None:
        path.insert(0, place)
    return path


def codes_inside(places: Iterable[Place]) -> tuple[str, ...]:
    """Codes of these places and of all that lie in them: events name the finest."""
    codes: set[str] = set()
    while places := list(places):
        codes |= {place.code for place in places}
        places = Place.objects.filter(parent__in=places).defer("boundary")
    return tuple(sorted(codes))


def _with_children_count(places: QuerySet[Place]) -> QuerySet[Place]:
    counted = places.defer("boundary").annotate(children_count=Count("children"))
    return counted.order_by("name", "code")  # counting drops the model's own order
