"""Messages that were turned down are told of where people look, and nothing of their content is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from apps.evidence.conftest import AT
from django.test import Client
from factories import make_organization, person_with

from throughline.evidence.feeds.actions import add_feed
from throughline.evidence.feeds.doors.mllp.queries import kept_aside, spool_of
from throughline.evidence.feeds.doors.mllp.spool import Spool
from throughline.evidence.feeds.models import Feed
from throughline.formats.faults import Reason
from throughline.members.organizations.models import Organization


@pytest.fixture
def emergency(ems: Organization, settings: Any, tmp_path: Path) -> Feed:
    """A hospital's feed, of which three messages lie aside."""
    settings.HOME = tmp_path
    feed = add_feed(key="ed", name="Emergency visits", provider=ems, format="hl7v2", by="test", at=AT)
    spool = Spool(spool_of(feed))
    spool.set_aside(b"PID|Jane Doe", "a", Reason.DAMAGED)
    spool.set_aside(b"ORU", "b", Reason.OTHER_KIND)
    spool.set_aside(b"PID|Jane Doe", "c", Reason.DAMAGED)
    spool.close()
    return feed


def test_they_are_counted_by_reason(emergency: Feed) -> None:
    assert kept_aside(emergency) == [(Reason.DAMAGED, 2), (Reason.OTHER_KIND, 1)]


def test_a_feed_without_a_listener_has_none(feed: Feed, settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    assert kept_aside(feed) == []


@pytest.mark.parametrize("address", ["/feeds/ed/", "/"])
def test_its_own_people_are_told_on_its_page_and_on_today(
    emergency: Feed, client_for: Callable[..., Client], address: str
) -> None:
    steward = client_for(person_with(role="data_steward", organization=emergency.provider))
    page = steward.get(address).content.decode()
    assert "Messages turned down" in page
    assert "the record is damaged: 2" in page
    assert "Jane Doe" not in page


@pytest.mark.parametrize("address", ["/feeds/ed/", "/"])
def test_others_are_not(emergency: Feed, client_for: Callable[..., Client], address: str) -> None:
    other = client_for(person_with(role="data_steward", organization=make_organization(name="Police")))
    assert "Messages turned down" not in other.get(address).content.decode()
