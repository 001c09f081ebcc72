"""What all tests share."""

import sys
from collections.abc import Callable, Iterator
from typing import Any

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


@pytest.fixture(scope="session")
def spark_session() -> Iterator[Any]:
    """A session with a Spark Connect server of the tests' own; Sail speaks the protocol without a JVM."""
    from pysail.spark import SparkConnectServer

    with pytest.MonkeyPatch.context() as patch:  # pyspark takes a main module without a file for a doctest
        patch.setattr(sys.modules["__main__"], "__file__", __file__, raising=False)
        from pyspark.sql.connect.session import SparkSession

    server = SparkConnectServer()
    server.start()
    session = SparkSession.builder.remote(f"sc://localhost:{server.listening_address[1]}").create()
    yield session
    session.stop()
    server.stop()
