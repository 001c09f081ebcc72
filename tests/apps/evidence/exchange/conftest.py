"""One installation that sends and receives: its neighbour's key is held by the test, as if it were elsewhere."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from factories import make_organization, person_with, signed_agreement

from throughline.evidence.agreements.models import Agreement
from throughline.evidence.exchange.actions import make_exchange_key, register_neighbour, send_counts
from throughline.evidence.exchange.documents import Counts, Month, Sealed
from throughline.evidence.exchange.keys import public_key_of, sign
from throughline.evidence.exchange.models import Neighbour, SentCounts
from throughline.evidence.exchange.terms import terms_digest
from throughline.evidence.feeds.models import Feed
from throughline.evidence.feeds.receiving import receive_delivery
from throughline.members.access import Permission
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization

AT = datetime(2026, 4, 3, 9, tzinfo=UTC)
JANUARY, FEBRUARY, MARCH = (date(2026, month, 1) for month in (1, 2, 3))


@pytest.fixture(autouse=True)
def own_key(settings: Any, tmp_path: Path, db: None) -> str:
    settings.HOME = tmp_path
    return make_exchange_key(by="test", at=AT)


@pytest.fixture
def analyst(backbone: Organization) -> Person:
    return person_with(Permission.PUBLISH, role="analyst", organization=backbone)


@pytest.fixture
def their_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@pytest.fixture
def neighbour(their_key: Ed25519PrivateKey) -> Neighbour:
    calder = make_organization(name="Calder County")
    return register_neighbour(organization=calder, public_key=public_key_of(their_key), by="test", at=AT)


@pytest.fixture
def shared(feed: Feed, backbone: Organization, neighbour: Neighbour) -> Agreement:
    """The agency, we and the neighbour have signed."""
    return signed_agreement(feed, recipients=[backbone, neighbour.organization])


@pytest.fixture
def records(feed: Feed, tmp_path: Path) -> Callable[..., None]:
    """`records("2026-03", W1=12, W2=3)` receives so many overdoses in a month."""
    numbers: Iterator[int] = iter(range(10_000))

    def receive(month: str, **counts: int) -> None:
        rows = [
            f"{next(numbers)},{month}-{1 + n % 28:02} 10:00,{ward},lived"
            for ward, count in counts.items()
            for n in range(count)
        ]
        path = tmp_path / f"{month}-{next(numbers)}.csv"
        path.write_text("number,when,ward,result\n" + "".join(f"{row}\n" for row in rows))
        receive_delivery(feed=feed, path=path, by="test", at=AT)

    return receive


@pytest.fixture
def send(neighbour: Neighbour, analyst: Person) -> Callable[..., SentCounts]:
    def sent(first: date = MARCH, last: date | None = None, **changes: Any) -> SentCounts:
        facts = {"neighbour": neighbour, "feed": "ems", "indicator": "overdoses", "by": analyst, "at": AT}
        return send_counts(first=first, last=last or first, **facts | changes)

    return sent


@pytest.fixture
def their_counts(own_key: str, their_key: Ed25519PrivateKey, shared: Agreement) -> Counts:
    """What the neighbour tells us, under the agreement `shared`."""
    return Counts(
        sender=public_key_of(their_key),
        sender_name="Calder County",
        recipient=own_key,
        serial=1,
        previous="0" * 64,
        made_at=AT,
        agreement="EMS agreement",
        terms=terms_digest(shared),
        feed="ems",
        indicator="overdoses",
        minimum_cell=10,
        place_names={"C1": "Calder north", "C2": "Calder south"},
        months=(Month(MARCH, {"C1": 14, "C2": None}, None, 31),),
    )


@pytest.fixture
def sealed(their_key: Ed25519PrivateKey) -> Callable[[Counts], str]:
    """The document as the neighbour signs it."""

    def seal(counts: Counts) -> str:
        unsigned = Sealed(counts.content(), "")
        return Sealed(unsigned.content, sign(unsigned.signed_bytes, their_key)).text()

    return seal
