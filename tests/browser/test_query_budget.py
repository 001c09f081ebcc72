"""No page asks more of the database than it may; what grows with the number of rows is found here."""

import pytest
from browser.demo import Demo

MOST_QUERIES = 30


@pytest.mark.parametrize("role", ["analyst", "project_manager", "privacy_officer"])
def test_no_page_makes_more_than_30_queries(demo: Demo, role: str) -> None:
    addresses = [address for several in demo.pages().values() for address in several]
    counts = demo.query_counts(addresses, role)
    assert {address: count for address, count in counts.items() if count > MOST_QUERIES} == {}
    assert max(counts.values()) > 5  # pages without any would mean that nobody was signed in
