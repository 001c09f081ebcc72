"""Makes the rows that tests need: each function stores one, filled in where the test doesn't care."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from throughline.evidence.agreements.actions import draft_agreement, sign_agreement
from throughline.evidence.agreements.drafting.actions import send_for_signature
from throughline.evidence.agreements.models import Agreement, Signature
from throughline.evidence.feeds.models import Feed
from throughline.formats.event import EVENT_FIELDS
from throughline.members.access import ROLES, Permission
from throughline.members.accounts.models import Person
from throughline.members.groups.models import Group, Seat
from throughline.members.organizations.models import Organization, Sector
from throughline.members.places.models import Place
from throughline.signals.models import Signal

NOON = datetime(2026, 3, 7, 12, tzinfo=UTC)
NEW_YEAR = datetime(2026, 1, 1, 12, tzinfo=UTC)
_numbers = count(1)


def make_place(**fields: Any) -> Place:
    n = next(_numbers)
    return Place.objects.create(**{"code": f"P{n}", "name": f"Ward {n}", "kind": "ward"} | fields)


def make_organization(**fields: Any) -> Organization:
    n = next(_numbers)
    return Organization.objects.create(**{"name": f"Agency {n}", "sector": Sector.PUBLIC_HEALTH} | fields)


def make_person(**fields: Any) -> Person:
    n = next(_numbers)
    return Person.objects.create(**{"full_name": f"Person {n}", "email": f"person{n}@example.org"} | fields)


def make_group(**fields: Any) -> Group:
    n = next(_numbers)
    return Group.objects.create(**{"name": f"Group {n}", "kind": "strategy"} | fields)


def make_seat(**fields: Any) -> Seat:
    """A member's empty seat in a group of its own, unless the test says otherwise."""
    n = next(_numbers)
    fields = {"title": f"Seat {n}", "role": "member"} | fields
    return Seat.objects.create(**{"group": fields.get("group") or make_group()} | fields)


def make_signal(**fields: Any) -> Signal:
    n = next(_numbers)
    raised_at = fields.get("raised_at", NOON)
    defaults = {
        "kind": "spike",
        "fingerprint": f"spike:{n}",
        "title": f"Spike {n}",
        "raised_at": raised_at,
        "due_at": raised_at + timedelta(hours=4),
    }
    places = fields.pop("places", [])
    signal = Signal.objects.create(**defaults | fields)
    signal.places.set(places)
    return signal


def person_with(*permissions: Permission, role: str = "", **fields: Any) -> Person:
    """A person who sits in a seat of that role, or in the least powerful seats that allow all permissions."""
    person = make_person(**fields)
    for name in [role] if role else sorted({_least_role(permission) for permission in permissions}):
        make_seat(role=name, holder=person)
    return person


def _least_role(permission: Permission) -> str:
    allowing = (name for name, role in ROLES.items() if permission in role.permissions)
    return min(allowing, key=lambda name: len(ROLES[name].permissions))


def sign(agreement: Agreement, party: Organization, *, at: datetime) -> Signature:
    """Some person of the party signs the text as it is."""
    return sign_agreement(
        agreement=agreement,
        organization=party,
        text_hash=agreement.text_hash,
        by=make_person(organization=party),
        at=at,
    )


def signed_agreement(feed: Feed, *, recipients: list[Organization], **terms: Any) -> Agreement:
    """Everything may be read for surveillance, all through 2026, unless told; signed by all parties."""
    defaults = {
        "purposes": ["surveillance"],
        "fields": list(EVENT_FIELDS),
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2026, 12, 31),
        "clauses": {"purposes": "The data serve to watch for overdoses."},
    }
    agreement = draft_agreement(
        title="EMS agreement",
        feed=feed.key,
        provider=feed.provider,
        recipients=recipients,
        by="test",
        at=NOON,
        **defaults | terms,
    )
    send_for_signature(agreement=agreement, by="test", at=NEW_YEAR)
    for party in agreement.parties():
        sign(agreement, party, at=NEW_YEAR)
    return Agreement.objects.get(pk=agreement.pk)
