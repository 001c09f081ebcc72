"""A neighbour's document is kept if it is signed, for us, under an agreement in force, and new; else refused."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.exceptions import ValidationError
from factories import make_organization, person_with
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from throughline.evidence.agreements.actions import terminate_agreement
from throughline.evidence.agreements.models import Agreement
from throughline.evidence.exchange.actions import receive_counts, register_neighbour
from throughline.evidence.exchange.documents import Counts, Month, Sealed, sealed_from
from throughline.evidence.exchange.keys import public_key_of, sign
from throughline.evidence.exchange.models import Neighbour, ReceivedCounts
from throughline.evidence.exchange.queries import missing_serials
from throughline.evidence.exchange.receiving import checked_counts, sender_of
from throughline.ledger.models import Entry
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization

pytestmark = pytest.mark.django_db
AT = datetime.fromisoformat("2026-04-03T09:00:00+00:00")
MARCH = date(2026, 3, 1)
Seal = Callable[[Counts], str]


@pytest.fixture
def receive(analyst: Person, shared: Agreement) -> Callable[..., ReceivedCounts]:
    def received(text: str, at: datetime = AT) -> ReceivedCounts:
        return receive_counts(text=text, by=analyst, at=at)

    return received


@pytest.fixture
def refused(receive: Callable[..., ReceivedCounts]) -> Callable[..., str]:
    """The one line that says why; nothing may be kept."""

    def line(text: str, at: datetime = AT) -> str:
        kept = ReceivedCounts.objects.count()
        with pytest.raises(ValidationError) as refusal:
            receive(text, at)
        assert ReceivedCounts.objects.count() == kept
        [sentence] = refusal.value.messages
        return sentence

    return line


def test_a_good_document_is_kept_as_it_came_and_entered(
    receive: Callable[..., ReceivedCounts], their_counts: Counts, sealed: Seal, analyst: Person
) -> None:
    text = sealed(their_counts)
    received = receive(text)
    assert received.text == text
    entry = Entry.objects.order_by("-sequence")[0]
    assert (entry.verb, entry.actor) == ("receive_counts", f"person:{analyst.pk}")
    assert entry.detail["sha256"] == sealed_from(text).sha256
    assert entry.detail["serial"] == 1


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        "text",
        [
            "", "{", "[]", "null", "3", '"text"', "{}", '{"content": {}, "signature": "00"}',
            '{"content": [], "signature": "00"}', '{"content": {"sender": 3}, "signature": "00"}',
            '{"content": {"sender": "a"}, "signature": 3}', '{"content": {"sender": "a", "x": 1.5}, "signature": ""}',
            '{"content": {"sender": "a", "x": NaN}, "signature": ""}', "[" * 100_000,
            '{"content": {"sender": "a", "sender": "b"}, "signature": ""}',
            '{"content": {"sender": "\\ud800"}, "signature": ""}', "\ufffd\ufffd",
        ],
    )  # fmt: skip
    def test_what_is_no_document(self, refused: Callable[..., str], text: str) -> None:
        assert refused(text).startswith("This is no document of counts: expected a JSON object")

    def test_a_sender_whom_nobody_registered(
        self, refused: Callable[..., str], their_counts: Counts, sealed: Seal
    ) -> None:
        stranger = public_key_of(Ed25519PrivateKey.generate())
        line = refused(sealed(replace(their_counts, sender=stranger)))
        assert line == f"No neighbour is registered with the key {stranger}."

    def test_a_neighbours_old_key(
        self, refused: Callable[..., str], their_counts: Counts, sealed: Seal, neighbour: Neighbour
    ) -> None:
        register_neighbour(
            organization=neighbour.organization,
            public_key=public_key_of(Ed25519PrivateKey.generate()),
            by="test",
            at=AT,
        )
        assert "No neighbour is registered" in refused(sealed(their_counts))

    def test_one_neighbour_in_anothers_name(
        self, refused: Callable[..., str], their_counts: Counts, sealed: Seal
    ) -> None:
        other = public_key_of(Ed25519PrivateKey.generate())
        hudson = make_organization(name="Hudson County")
        register_neighbour(organization=hudson, public_key=other, by="test", at=AT)
        line = refused(sealed(replace(their_counts, sender=other)))
        assert line == "Hudson County did not sign this: the document was altered."

    @pytest.mark.parametrize(
        ("part", "value"),
        [
            ("serial", 2),
            ("minimum_cell", 1),
            ("agreement", "Another"),
            ("made_at", "2026-01-01T00:00:00+00:00"),
        ],
    )
    def test_an_altered_document(
        self, refused: Callable[..., str], their_counts: Counts, sealed: Seal, part: str, value: Any
    ) -> None:
        document = json.loads(sealed(their_counts))
        document["content"][part] = value
        assert refused(json.dumps(document)) == "Calder County did not sign this: the document was altered."

    def test_a_document_for_somebody_else(
        self, refused: Callable[..., str], their_counts: Counts, sealed: Seal
    ) -> None:
        line = refused(sealed(replace(their_counts, recipient="ab" * 32)))
        assert line == f"The document is for the key {'ab' * 32}, not for this installation."

    def test_the_same_document_again(
        self,
        receive: Callable[..., ReceivedCounts],
        refused: Callable[..., str],
        their_counts: Counts,
        sealed: Seal,
    ) -> None:
        receive(sealed(their_counts))
        line = refused(sealed(their_counts))
        assert line == "Document 1 of Calder County is not new: the last one received is 1."

    def test_one_from_before_the_last(
        self,
        receive: Callable[..., ReceivedCounts],
        refused: Callable[..., str],
        their_counts: Counts,
        sealed: Seal,
    ) -> None:
        receive(sealed(replace(their_counts, serial=5)))
        assert "Document 4 of Calder County is not new" in refused(sealed(replace(their_counts, serial=4)))

    def test_one_that_follows_another_than_was_received(
        self,
        receive: Callable[..., ReceivedCounts],
        refused: Callable[..., str],
        their_counts: Counts,
        sealed: Seal,
    ) -> None:
        receive(sealed(their_counts))
        line = refused(sealed(replace(their_counts, serial=2, previous="cd" * 32)))
        assert line == "Document 2 of Calder County does not follow document 1 as it was received."

    def test_one_under_an_agreement_that_is_not_known_here(
        self, refused: Callable[..., str], their_counts: Counts, sealed: Seal
    ) -> None:
        line = refused(sealed(replace(their_counts, agreement="Handshake")))
        assert line == "No agreement “Handshake” about the feed ems names us here."

    @pytest.mark.parametrize("at", [AT + timedelta(days=365), AT - timedelta(days=120)])
    def test_one_under_an_agreement_that_is_over_or_has_not_begun(
        self, refused: Callable[..., str], their_counts: Counts, sealed: Seal, at: datetime
    ) -> None:
        line = refused(sealed(their_counts), at)
        assert line == f"The agreement “EMS agreement” is not in force on {at:%Y-%m-%d}."

    def test_one_under_an_agreement_that_was_terminated(
        self,
        refused: Callable[..., str],
        their_counts: Counts,
        sealed: Seal,
        shared: Agreement,
        ems: Organization,
    ) -> None:
        by = person_with(role="privacy_officer", organization=ems)
        terminate_agreement(agreement=shared, by=by, at=AT, reason="Over.")
        assert "is not in force" in refused(sealed(their_counts))

    def test_one_of_a_neighbour_who_is_no_party(
        self, refused: Callable[..., str], their_counts: Counts, sealed: Seal, shared: Agreement
    ) -> None:
        shared.recipients.remove(Organization.objects.get(name="Calder County"))
        line = refused(sealed(their_counts))
        assert line == "Calder County is no party to the agreement “EMS agreement”."

    @pytest.mark.parametrize(
        "change",
        [
            {"minimum_cell": 9},
            {"ends_on": date(2026, 12, 30)},
            {"purposes": ["surveillance", "research"]},
            {"rows": {"measure": ["overdose"]}},
            {"clauses": {}},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_one_under_an_agreement_that_was_signed_with_other_terms_here(
        self, refused: Callable[..., str], their_counts: Counts, sealed: Seal, change: dict[str, Any]
    ) -> None:
        Agreement.objects.update(**change)
        line = refused(sealed(their_counts))
        assert (
            line
            == "The agreement “EMS agreement” has other terms here than at Calder County: compare the two."
        )

    def test_small_counts_that_the_agreement_withholds(
        self, refused: Callable[..., str], their_counts: Counts, sealed: Seal
    ) -> None:
        small = Month(MARCH, {"C1": 14, "C2": 3}, None, 31)
        line = refused(sealed(replace(their_counts, months=(small,))))
        assert line == "The document tells counts below 10, which the agreement withholds, in 2026-03."

    @pytest.mark.parametrize(
        ("part", "value", "told"),
        [
            ("format", "throughline-counts-9", "format 'throughline-counts-9'"),
            ("serial", "1", "serial is '1'"),
            ("serial", True, "serial is True"),
            ("made_at", "yesterday", "yesterday"),
            ("months", {}, "months is {}"),
            (
                "months",
                [{"first_day": "2026-03-01", "places": {"C1": -4}, "unplaced": 0, "total": 0}],
                "-4 is no count",
            ),
            ("months", [{"first_day": "2026-03-01"}], "'places'"),
            ("place_names", {"C1": None}, "C1 is None"),
        ],
    )
    def test_a_signed_document_of_another_form(
        self,
        *,
        refused: Callable[..., str],
        their_counts: Counts,
        their_key: Any,
        part: str,
        value: Any,
        told: str,
    ) -> None:
        unsigned = Sealed(their_counts.content() | {part: value}, "")
        line = refused(Sealed(unsigned.content, sign(unsigned.signed_bytes, their_key)).text())
        assert line.startswith("The document is not of the form throughline-counts-1: ")
        assert told in line

    def test_every_refusal_is_in_the_ledger(self, refused: Callable[..., str]) -> None:
        line = refused("{}")
        entry = Entry.objects.order_by("-sequence")[0]
        assert (entry.verb, entry.detail["why"]) == ("refuse_counts", line)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(place=st.integers(0), change=st.integers(1, 0x10FFFF))
def test_no_single_character_can_be_changed(
    their_counts: Counts, sealed: Seal, neighbour: Neighbour, place: int, change: int
) -> None:
    """Either the document can't be read, its sender isn't known, its signature fails, or it says the same."""
    text = sealed(their_counts)
    place %= len(text)
    altered = text[:place] + chr((ord(text[place]) + change) % 0x110000) + text[place + 1 :]
    try:
        document = sealed_from(altered)
        said = checked_counts(document, sender_of(document))
    except ValidationError:
        return
    assert said == their_counts


def test_a_gap_is_no_refusal_but_is_shown(
    receive: Callable[..., ReceivedCounts], their_counts: Counts, sealed: Seal, neighbour: Neighbour
) -> None:
    receive(sealed(replace(their_counts, serial=2)))
    receive(sealed(replace(their_counts, serial=5, previous="cd" * 32)))
    assert missing_serials(neighbour) == [1, 3, 4]
