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
    """Give one holder of each role the demo's password."""
    seats = [seat for role in ROLES if (seat := _plainest_seat(role))]
    logins = [
        Login(str(ROLES[seat.role].name), seat.holder.email, seat.holder.full_name)
        for seat in seats
        if seat.holder
    ]
    Person.objects.filter(email__in=[login.email for login in logins]).update(
        password=make_password(PASSWORD)
    )
    return logins


def _plainest_seat(role: str) -> Seat | None:
    """Preferably of somebody who sits and deputises nowhere else, so that the eyes are those of this role."""
    on = timezone.localdate()
    seats = Seat.objects.filled(on).filter(role=role).exclude(holder__email=None).select_related("holder")
    others = Seat.objects.current(on).exclude(role=role)
    busy = [*others.values_list("holder", flat=True), *others.values_list("deputy", flat=True)]
    return seats.exclude(holder__in=filter(None, busy)).order_by("pk").first() or seats.order_by("pk").first()
