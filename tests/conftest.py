"""What all tests share."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from factories import person_with
from hypothesis import settings

from throughline.members.accounts.models import Person

# Machines are noisy, and a first call compiles: a deadline would fail tests at random.
settings.register_profile("throughline", deadline=None)
settings.load_profile("throughline")


def pytest_report_header() -> str:
    return f"database: {connection.vendor} (TEST_DATABASE=postgresql for a PostgreSQL of the tests' own)"


@pytest.fixture
def client_for(db: None) -> Callable[..., Client]:
    """`client_for("analyst")` is a browser signed in as an analyst; `client_for(person)` as that person.

    The signed-in person is at hand as `client.person`.
    """

    def signed_in(who: str | Person) -> Client:
        client = Client()
        client.person = person_with(role=who) if isinstance(who, str) else who
        client.force_login(client.person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return signed_in
