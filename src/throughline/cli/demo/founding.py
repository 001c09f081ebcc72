"""Brings the simulated city in by the same doors as a real one: imports, signed agreements, feeds."""

import csv
import json
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError

from throughline.city.build import CityFiles
from throughline.city.organizations import BACKBONE
from throughline.cli.setting_up import draft_from_document
from throughline.evidence.agreements.actions import sign_agreement
from throughline.evidence.agreements.drafting.actions import send_for_signature
from throughline.evidence.case_definitions.actions import choose_definition
from throughline.evidence.feeds.actions import add_feed, save_mapping
from throughline.members.accounts.models import Person
from throughline.members.groups.actions import add_seat
from throughline.members.groups.models import Group
from throughline.members.groups.roster.actions import import_roster
from throughline.members.groups.roster.rows import read_roster
from throughline.members.organizations.actions import add_organization
from throughline.members.organizations.models import Organization, Sector
from throughline.members.places.actions import import_places

BY = "system:demo"


def found_city(files: CityFiles) -> None:
    deliveries = json.loads(files.deliveries.read_text())
    at = datetime.fromisoformat(deliveries[0]["received_at"]) - timedelta(days=1)
    places = import_places(table=files.places, boundaries=files.boundaries, by=BY, at=at)
    add_organization(name=BACKBONE, sector=Sector.PUBLIC_HEALTH, is_backbone=True, by=BY, at=at)
    roster = import_roster(table=read_roster(files.roster), by=BY, at=at)
    if faults := (*places.faults, *roster.faults):
        raise ValidationError([str(fault) for fault in faults])
    _add_vacant_seats(files, at)
    _agree(files, at)
    _set_up_feeds(files, at)


def _add_vacant_seats(files: CityFiles, at: datetime) -> None:
    with files.vacancies.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            add_seat(
                group=Group.objects.get(name=row["group"]),
                title=row["seat"],
                role=row["role"],
                organization=Organization.objects.filter(name=row["organization"]).first(),
                by=BY,
                at=at,
            )


def _agree(files: CityFiles, at: datetime) -> None:
    for document in json.loads(files.agreements.read_text()):
        agreement = draft_from_document(document, by=BY, at=at)
        send_for_signature(agreement=agreement, by=BY, at=at)
        text_hash = agreement.text_hash
        for party in agreement.parties():
            sign_agreement(
                agreement=agreement, organization=party, text_hash=text_hash, by=_signer(party), at=at
            )


def _signer(organization: Organization) -> Person:
    """The organization's privacy officer, or whoever stands first on its list."""
    people = Person.objects.filter(organization=organization)
    return people.filter(seats_held__role="privacy_officer").first() or people[0]


def _set_up_feeds(files: CityFiles, at: datetime) -> None:
    for design in json.loads(files.feeds.read_text()):
        feed = add_feed(
            key=design["key"],
            name=design["name"],
            format=design["format"],
            provider=Organization.objects.get(name=design["provider"]),
            steward=Person.objects.filter(email=design["steward_email"]).first(),
            expected_every_days=design["expected_every_days"],
            counts_for=design["counts_for"],
            by=BY,
            at=at,
        )
        save_mapping(feed=feed, definition=design["mapping"], by=BY, at=at)
        choose_definition(feed=feed, key=design["definition"], by=BY, at=at)
