"""What nobody in the city does by himself, done once, so that these pages can be looked at too."""

from datetime import date, datetime, timedelta

from browser.demo import PROJECT
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.urls import reverse
from django.utils import timezone

from throughline.evidence.exchange.actions import receive_counts, register_neighbour
from throughline.evidence.exchange.documents import Counts, Month, Sealed
from throughline.evidence.exchange.keys import public_key_of, sign, signing_key
from throughline.evidence.exchange.models import Neighbour, ReceivedCounts
from throughline.evidence.exchange.terms import terms_digest
from throughline.evidence.feeds.actions import add_feed, hand_over_file, receive_next
from throughline.evidence.feeds.doors.reports.table import file_name, table_of
from throughline.evidence.feeds.mappings.actions import preview_file
from throughline.evidence.feeds.models import Door, Feed
from throughline.ledger.models import GENESIS
from throughline.members.accounts.models import Person
from throughline.members.places.models import Place

SAMPLE = PROJECT / "tests" / "samples" / "ems_runs.csv"


def prepare(email: str) -> str:
    """Set up a feed for single reports; this person reports one and has a mapping proposed, which others do not see.

    The address of the proposed mapping.
    """
    person, now = Person.objects.get(email=email), timezone.now()
    feed = Feed.objects.filter(format="tabular").order_by("pk")[0]
    if not Feed.objects.filter(format="odmap").exists():
        reports = add_feed(
            key="reports", name="Single reports", provider=feed.provider, format="odmap", by=person, at=now
        )
        report(reports, person, now)
    if not ReceivedCounts.objects.exists():
        hear_of_neighbour(Neighbour.objects.get(), person, now)
    draft = preview_file(
        feed=feed,
        chunks=[SAMPLE.read_bytes()],
        file_name=SAMPLE.name,
        time_zone="America/Chicago",
        by=person,
        at=now,
    )
    return reverse("mapping_draft", args=[feed.key, draft.id])


def hear_of_neighbour(neighbour: Neighbour, person: Person, at: datetime) -> None:
    """What the neighbour's installation would say of its own places, under the agreement that counts went out by."""
    key, agreement = Ed25519PrivateKey.generate(), neighbour.sent.get().agreement
    organization, public_key = neighbour.organization, public_key_of(key)
    register_neighbour(organization=organization, public_key=public_key, by=person, at=at)
    months = [
        Month(date(2026, number, 1), {f"C{n}": 10 * n or None for n in range(30)}, 0, 4350)
        for number in (7, 8, 9)
    ]
    counts = Counts(
        sender=public_key,
        sender_name=organization.name,
        recipient=public_key_of(signing_key()),
        serial=2,
        previous=GENESIS,
        made_at=at,
        agreement=agreement.title,
        terms=terms_digest(agreement),
        feed=agreement.feed,
        indicator="overdoses",
        minimum_cell=10,
        place_names={f"C{n}": f"Neighbouring Ward {n}" for n in range(30)},
        months=tuple(months),
    )
    content = counts.content()
    signed = Sealed(content, sign(Sealed(content, "").signed_bytes, key))
    receive_counts(text=signed.text(), by=person, at=at)


def report(feed: Feed, person: Person, at: datetime) -> None:
    """One overdose, as from the form, received."""
    place = Place.objects.filter(children=None).order_by("code")[0]
    answers = {
        "entry_id": "prepared",
        "occurred_at": at - timedelta(hours=1),
        "place": place.code,
        "outcome": "nonfatal",
        "naloxone": "single",
    }
    hand_over_file(
        feed=feed,
        file=[table_of(answers, at=at)],
        file_name=file_name(at),
        by=person,
        at=at,
        door=Door.FORM,
    )
    while feed.intakes.filter(delivery=None).exists():  # the demo's worker may be quicker
        receive_next(at=timezone.now())
