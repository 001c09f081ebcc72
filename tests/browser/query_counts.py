"""How many queries each page asks of an installation's database, the signed-in person's own included."""

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from throughline.members.accounts.models import Person
from throughline.members.groups.models import Seat

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def query_counts(addresses: list[str], role: str) -> dict[str, int]:
    """Queries by address, on the second of two calls; the first fills caches as any first visitor does."""
    client = _signed_in(role)
    return {address: _counted(client, address) for address in addresses}


def _signed_in(role: str) -> Client:
    seat = Seat.objects.filter(role=role, holder__isnull=False).select_related("holder").order_by("pk")[0]
    person: Person = seat.holder
    client = Client(HTTP_HOST="localhost")
    client.force_login(person, backend=BACKEND)
    return client


def _counted(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        answer: Any = client.get(address)
    assert answer.status_code < 500, f"{address}: {answer.status_code}"
    return len(queries)
