"""One log-in for each role, so that the demo can be seen through everybody's eyes."""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from throughline.members.access import ROLES, permissions_of
from throughline.members.accounts.models import Person
from throughline.members.groups.models import Seat

# Printed on the screen; it opens nothing but made-up data.
PASSWORD = "simulated-city"


@dataclass(frozen=True)
class Login:
    role: str
    email: str
    name: str


def open_logins() -> list[Login]:
    """Give one holder of each role the demo's password."""
    people = {role: person for role in ROLES if (person := _typical_holder(role))}
    Person.objects.filter(pk__in=[person.pk for person in people.values()]).update(
        password=make_password(PASSWORD)
    )
    return [
        Login(str(ROLES[role].name), str(person.email), person.full_name) for role, person in people.items()
    ]


def _typical_holder(role: str) -> Person | None:
    """Preferably somebody whose seats allow just what this role does, and who has something to do."""
    on = timezone.localdate()

    def fit(person: Person) -> tuple[bool, int]:
        alike = permissions_of(person, on=on) == ROLES[role].permissions
        return alike, person.signals.open().count() + person.commitments.open().count()

    seats = Seat.objects.filled(on).filter(role=role).exclude(holder__email=None)
    return max((seat.holder for seat in seats.select_related("holder").order_by("pk")), key=fit, default=None)
