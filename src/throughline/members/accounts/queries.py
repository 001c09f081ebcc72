"""Reads about people."""

from django.db.models import Q, QuerySet

from throughline.members.accounts.models import Person


def found(query: str = "") -> QuerySet[Person]:
    """People whose name, organization or e-mail address holds every word of the query; all for none."""
    people = Person.objects.select_related("organization")
    for word in query.split():
        people = people.filter(
            Q(full_name__icontains=word) | Q(email__icontains=word) | Q(organization__name__icontains=word)
        )
    return people
