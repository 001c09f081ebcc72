"""Counts that go to a neighbour: under an agreement, suppressed, signed, and each month answered once for ever."""

import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from factories import make_organization, person_with, signed_agreement

from throughline.evidence.agreements.actions import terminate_agreement
from throughline.evidence.agreements.models import Agreement
from throughline.evidence.exchange.actions import register_neighbour
from throughline.evidence.exchange.documents import Month, counts_in, sealed_from
from throughline.evidence.exchange.keys import is_signed, key_file
from throughline.evidence.exchange.models import Answer, Neighbour, SentCounts
from throughline.evidence.feeds.models import Feed
from throughline.evidence.surveillance.queries import NoSource
from throughline.ledger.models import Entry
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization
from throughline.policy.sharing import Refused

pytestmark = pytest.mark.django_db(transaction=True)
JANUARY, FEBRUARY, MARCH = (date(2026, month, 1) for month in (1, 2, 3))
Send, Records = Callable[..., SentCounts], Callable[..., None]


def months(sent: SentCounts) -> dict[date, Month]:
    return {month.first_day: month for month in counts_in(sealed_from(sent.text).content).months}


def test_a_month_is_told_by_place_with_what_has_none_and_the_total(
    shared: Agreement, records: Records, send: Send
) -> None:
    records("2026-03", W1=12, W2=20)
    assert months(send()) == {MARCH: Month(MARCH, {"W1": 12, "W2": 20}, 0, 32)}


def test_small_counts_are_withheld_and_so_is_what_gives_them_away(
    shared: Agreement, records: Records, send: Send
) -> None:
    records("2026-03", W1=3, W2=20)
    sent = send()
    march = months(sent)[MARCH]
    assert march.places["W1"] is None
    assert None in (march.places["W2"], march.total)
    assert '"W1": 3' not in sent.text


def test_only_places_whose_records_the_agreement_shares_are_told(
    feed: Feed, backbone: Organization, neighbour: Neighbour, records: Records, send: Send
) -> None:
    signed_agreement(feed, recipients=[backbone, neighbour.organization], rows={"place": ["W1"]})
    records("2026-03", W1=12, W2=20)
    assert months(send()) == {MARCH: Month(MARCH, {"W1": 12}, 0, 12)}


def test_the_document_is_signed_with_this_installations_key(
    shared: Agreement, records: Records, send: Send, own_key: str, neighbour: Neighbour
) -> None:
    sealed = sealed_from(send().text)
    counts = counts_in(sealed.content)
    assert (counts.sender, counts.recipient) == (own_key, neighbour.public_key)
    assert is_signed(sealed.signed_bytes, sealed.signature, own_key)


def test_documents_are_numbered_and_each_names_the_one_before(
    shared: Agreement, records: Records, send: Send
) -> None:
    first, second = send(FEBRUARY), send(MARCH)
    contents = [counts_in(sealed_from(sent.text).content) for sent in (first, second)]
    assert [(content.serial, content.previous) for content in contents] == [(1, "0" * 64), (2, first.sha256)]


class TestEachMonthIsAnsweredOnce:
    """Two answers about one month could be subtracted, and what lies between them is a few persons."""

    def test_overlapping_windows_repeat_the_answer(
        self, shared: Agreement, records: Records, send: Send
    ) -> None:
        records("2026-02", W1=12, W2=20)
        records("2026-03", W1=3, W2=20)
        once = months(send(FEBRUARY, MARCH))
        assert months(send(MARCH)) == {MARCH: once[MARCH]}
        assert months(send(JANUARY, FEBRUARY))[FEBRUARY] == once[FEBRUARY]

    def test_records_that_come_late_change_no_answer(
        self, shared: Agreement, records: Records, send: Send
    ) -> None:
        records("2026-03", W1=12, W2=20)
        once = months(send())
        records("2026-03", W1=1)
        assert months(send()) == once

    def test_another_neighbour_is_told_the_same(
        self, shared: Agreement, feed: Feed, backbone: Organization, records: Records, send: Send
    ) -> None:
        hudson = make_organization(name="Hudson County")
        other = register_neighbour(
            organization=hudson, public_key="5" + "8" * 63, by="test", at=shared.drafted_at
        )
        signed_agreement(feed, recipients=[backbone, hudson], minimum_cell=5)
        records("2026-03", W1=7, W2=20)
        assert months(send()) == months(send(neighbour=other))

    def test_an_agreement_that_withholds_more_is_not_served_with_an_answer_that_tells_more(
        self, shared: Agreement, feed: Feed, backbone: Organization, records: Records, send: Send
    ) -> None:
        hudson = make_organization(name="Hudson County")
        other = register_neighbour(
            organization=hudson, public_key="5" + "8" * 63, by="test", at=shared.drafted_at
        )
        signed_agreement(feed, recipients=[backbone, hudson], minimum_cell=20)
        records("2026-03", W1=12, W2=20)
        send()
        with pytest.raises(ValidationError, match="counts from 10 on; this agreement asks for 20"):
            send(neighbour=other)
        assert SentCounts.objects.count() == 1

    def test_an_agreement_about_other_records_is_not_served_with_it(
        self, shared: Agreement, feed: Feed, backbone: Organization, records: Records, send: Send
    ) -> None:
        hudson = make_organization(name="Hudson County")
        other = register_neighbour(
            organization=hudson, public_key="5" + "8" * 63, by="test", at=shared.drafted_at
        )
        signed_agreement(feed, recipients=[backbone, hudson], rows={"place": ["W1"]})
        records("2026-03", W1=12, W2=20)
        send()
        with pytest.raises(ValidationError, match="about other records than this agreement shares"):
            send(neighbour=other)

    def test_a_second_indicator_of_the_same_records_is_refused(
        self, shared: Agreement, feed: Feed, records: Records, send: Send
    ) -> None:
        feed.counts_for = ["overdoses", "nonfatal_overdoses"]
        feed.save()
        records("2026-03", W1=12, W2=20)
        send()
        with pytest.raises(ValidationError, match="a second indicator could be subtracted"):
            send(indicator="nonfatal_overdoses")


class TestWhoMayBeTold:
    def test_nobody_whom_no_agreement_names(
        self, agreement: Agreement, neighbour: Neighbour, send: Send
    ) -> None:
        with pytest.raises(Refused, match="does not name Calder County as a recipient"):
            send()
        assert not Answer.objects.exists()

    def test_nobody_any_more_once_it_is_terminated(
        self, shared: Agreement, records: Records, send: Send, neighbour: Neighbour
    ) -> None:
        send()
        by = person_with(role="privacy_officer", organization=neighbour.organization)
        terminate_agreement(
            agreement=shared, by=by, at=shared.drafted_at + timedelta(days=20), reason="Over."
        )
        with pytest.raises(Refused, match="was terminated on"):
            send()

    def test_nobody_for_another_purpose_than_the_agreements(
        self, feed: Feed, backbone: Organization, neighbour: Neighbour, send: Send
    ) -> None:
        recipients = [backbone, neighbour.organization]
        signed_agreement(feed, recipients=recipients, purposes=["research"])
        with pytest.raises(Refused, match="does not allow watching"):
            send()

    def test_only_the_backbones_people_send(self, shared: Agreement, ems: Organization, send: Send) -> None:
        other = person_with(role="analyst", organization=ems)
        with pytest.raises(ValidationError, match="by its own people only"):
            send(by=other)

    def test_a_feed_that_is_no_source_of_the_indicator(self, shared: Agreement, send: Send) -> None:
        with pytest.raises(NoSource):
            send(indicator="naloxone_kits")


@pytest.mark.parametrize(
    ("first", "last"), [(date(2026, 4, 1), None), (MARCH, date(2026, 4, 1)), (MARCH, FEBRUARY)]
)
def test_only_months_that_are_over_are_told(
    shared: Agreement, send: Send, first: date, last: date | None
) -> None:
    with pytest.raises(ValidationError, match="Only months that are over"):
        send(first, last)


def test_without_a_key_nothing_is_sent_and_the_reason_told(shared: Agreement, send: Send) -> None:
    key_file().unlink()
    with pytest.raises(ValidationError, match="throughline exchange-key"):
        send()


def test_the_key_is_for_this_user_only() -> None:
    assert key_file().stat().st_mode & 0o777 == 0o600


def test_the_read_and_the_document_are_in_the_ledger_without_any_count(
    shared: Agreement, records: Records, send: Send, neighbour: Neighbour, analyst: Person
) -> None:
    records("2026-03", W1=12, W2=20)
    sent = send()
    read, entry = Entry.objects.order_by("-sequence")[:2][::-1]
    assert (read.verb, read.detail["reader"], read.detail["agreement"]) == (
        "read_feed", "Calder County", str(shared.pk),
    )  # fmt: skip
    assert (entry.verb, entry.actor, entry.subject) == (
        "send_counts", f"person:{analyst.pk}", f"sentcounts:{sent.pk}",
    )  # fmt: skip
    assert entry.detail["sha256"] == sent.sha256
    assert entry.detail["cells"] == 4
    assert not {"12", "20", "32"} & set(json.dumps(entry.detail).split())
