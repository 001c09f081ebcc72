"""One log-in for each role, so that the demo can be seen through everybody's eyes."""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from throughline.members.access import ROLES
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
    """Give the first holder of each role the demo's password."""
    seats = Seat.objects.filled(timezone.localdate()).exclude(holder__email=None).select_related("holder")
    logins = [
        Login(str(ROLES[role].name), seat.holder.email, seat.holder.full_name)
        for role in ROLES
        if (seat := seats.filter(role=role).order_by("pk").first())
    ]
    Person.objects.filter(email__in=[login.email for login in logins]).update(
        password=make_password(PASSWORD)
    )
    return logins
