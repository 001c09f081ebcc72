"""The ledger says of every read of counts what is counted and how many cells it asks for, before it is answered."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from factories import make_organization, make_place, person_with

from throughline.evidence.agreements.models import Agreement
from throughline.evidence.feeds.models import Feed
from throughline.evidence.surveillance.queries import daily_counts
from throughline.ledger.models import Entry
from throughline.members.organizations.models import Organization
from throughline.policy.sharing import Purpose, Refused

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
FIRST, LAST = date(2026, 2, 1), date(2026, 2, 28)


def read(reader: Organization, *, by: object = "system:test", **changes: Any) -> dict[str, Any]:
    """The detail of the entry that a read of counts leaves."""
    asked = {"start": FIRST, "end": LAST, "at": AT} | changes
    daily_counts(indicator="overdoses", purpose=Purpose.SURVEILLANCE, reader=reader, by=by, **asked)
    return Entry.objects.filter(verb="read_feed").order_by("-sequence")[0].detail


def test_cells_are_places_and_what_has_none_times_days(agreement: Agreement, backbone: Organization) -> None:
    detail = read(backbone)
    assert detail["counting"] == "overdoses"
    assert detail["days"] == ["2026-02-01", "2026-02-28"]
    assert detail["cells"] == (2 + 1) * 28
    assert "as_of" not in detail


def test_places_that_have_finer_ones_are_no_rows(agreement: Agreement, backbone: Organization) -> None:
    make_place(code="W1a", parent=make_place(code="county"))
    assert read(backbone)["cells"] == (2 + 1 + 1) * 28


def test_what_was_known_earlier_is_another_question(agreement: Agreement, backbone: Organization) -> None:
    now, then = read(backbone, as_of=AT), read(backbone, as_of=AT - timedelta(days=1))
    assert "as_of" not in now
    assert then["as_of"] == "2026-03-01T09:00:00+00:00"
    assert now["fingerprint"] != then["fingerprint"]


def test_the_fingerprint_is_of_the_table_whoever_asks(agreement: Agreement, backbone: Organization) -> None:
    person = person_with(role="analyst", organization=backbone)
    prints = [
        read(backbone, **asked)["fingerprint"]
        for asked in (
            {},
            {"by": person},
            {"at": AT + timedelta(days=1)},
            {"start": FIRST + timedelta(days=1)},
        )
    ]
    assert prints[0] == prints[1] == prints[2] != prints[3]


def test_a_refusal_says_what_was_asked_as_well(feed: Feed, backbone: Organization) -> None:
    with pytest.raises(Refused):
        read(make_organization(name="Sheriff"))
    assert Entry.objects.get(verb="refuse_read").detail["cells"] == (2 + 1) * 28
