"""Feeds are watched in the backbone's name, so nobody else's people can have them read."""

from collections.abc import Callable
from datetime import date

from factories import make_organization, person_with

from throughline.evidence.agreements.models import Agreement
from throughline.evidence.surveillance.models import DetectionRun
from throughline.ledger.models import Entry
from throughline.members.organizations.models import Organization

LOOK = {"on": date(2026, 3, 1).isoformat()}


def test_another_organizations_analyst_starts_no_look(
    agreement: Agreement, backbone: Organization, client_for: Callable
) -> None:
    client = client_for(person_with(role="analyst", organization=make_organization()))
    page = client.post("/detection/", LOOK).content.decode()
    assert "in the name of Backbone, by its own people only" in page
    assert not DetectionRun.objects.exists()
    assert not Entry.objects.filter(verb="read_feed").exists()


def test_the_backbones_analyst_does(
    agreement: Agreement, backbone: Organization, client_for: Callable
) -> None:
    client = client_for(person_with(role="analyst", organization=backbone))
    assert client.post("/detection/", LOOK).status_code == 302
    assert DetectionRun.objects.exists()
