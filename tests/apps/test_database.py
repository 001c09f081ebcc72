"""The tests run on the database that was asked for, never quietly on another."""

import os

from django.db import connection


def test_the_database_is_the_one_asked_for() -> None:
    assert connection.vendor == os.environ.get("TEST_DATABASE", "sqlite")
