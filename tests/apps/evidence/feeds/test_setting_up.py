"""A feed says what its files are; a standard's brings the mapping that reads it."""

import pytest
from apps.evidence.conftest import AT
from django.core.exceptions import ValidationError
from django.test import Client

from throughline.evidence.feeds.actions import add_feed
from throughline.evidence.feeds.models import Feed
from throughline.formats.mapping import parse_mapping
from throughline.formats.registry import known_formats
from throughline.ledger.models import Entry
from throughline.members.organizations.models import Organization


def add(ems: Organization, format: str) -> Feed:
    return add_feed(key="runs", name="Runs", provider=ems, format=format, by="test", at=AT)


@pytest.mark.parametrize("format", [key for key, known in known_formats().items() if known.MAPPING])
def test_a_standard_needs_no_mapping_of_ones_own(ems: Organization, format: str) -> None:
    feed = add(ems, format)
    assert (feed.mapping.version, feed.mapping.saved_by) == (1, None)
    parse_mapping(feed.mapping.definition)
    assert Entry.objects.get(verb="save_mapping").actor == "system:formats"


def test_a_table_waits_for_its_mapping(ems: Organization) -> None:
    assert add(ems, "tabular").mapping is None


def test_an_unknown_format_is_refused_with_those_that_are_known(ems: Organization) -> None:
    with pytest.raises(ValidationError, match=r"Unknown format: nemis. Expected some of: .*nemsis"):
        add(ems, "nemis")


def test_on_the_page(ems: Organization, client_for) -> None:
    analyst: Client = client_for("analyst")
    facts = {"key": "runs", "name": "Runs", "provider": ems.pk, "format": "odmap"}
    assert analyst.post("/feeds/new/", facts).url == "/feeds/runs/"
    assert Feed.objects.get().mapping.version == 1
