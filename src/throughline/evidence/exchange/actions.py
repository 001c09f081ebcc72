"""What is done with neighbours: known by their key, sent counts, and counts of theirs received."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from throughline.evidence.agreements.models import Agreement
from throughline.evidence.exchange.answers import answers, month_of
from throughline.evidence.exchange.documents import Counts, Sealed, sealed_from
from throughline.evidence.exchange.keys import (
    checked_public_key,
    own_key,
    public_key_of,
    sign,
    signing_key,
    write_new_key,
)
from throughline.evidence.exchange.models import Neighbour, ReceivedCounts, SentCounts
from throughline.evidence.exchange.receiving import check_order, checked_agreement, checked_counts, sender_of
from throughline.evidence.exchange.sending import Countable, read_for
from throughline.evidence.exchange.terms import terms_digest
from throughline.evidence.surveillance.queries import known_places
from throughline.ledger.actions import record
from throughline.ledger.models import GENESIS
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization


@transaction.atomic
def make_exchange_key(*, by: object, at: datetime) -> str:
    """The public key of this installation; made where there is none yet."""
    if key := own_key():
        return public_key_of(key)
    public_key = public_key_of(write_new_key())
    record("make_exchange_key", by=by, at=at, detail={"public_key": public_key})
    return public_key


@transaction.atomic
def register_neighbour(*, organization: Organization, public_key: str, by: object, at: datetime) -> Neighbour:
    """Know another installation by its key, which its people told you by another way; a new key replaces the old."""
    public_key = checked_public_key(public_key)
    if Neighbour.objects.filter(public_key=public_key).exclude(organization=organization).exists():
        raise ValidationError(_("This key is registered for another organization."))
    neighbour, _is_new = Neighbour.objects.update_or_create(
        organization=organization,
        defaults={
            "public_key": public_key,
            "registered_at": at,
            "registered_by": by if isinstance(by, Person) else None,
        },
    )
    detail = {"organization": organization.name, "public_key": public_key}
    record("register_neighbour", by=by, at=at, subject=neighbour, detail=detail)
    return neighbour


def send_counts(
    *, neighbour: Neighbour, feed: str, indicator: str, first: date, last: date, by: Person, at: datetime
) -> SentCounts:
    """A signed document for a neighbour with the counts of whole months, from that of `first` to that of `last`.

    An agreement in force must let the neighbour's organization read them. What a month was once answered with is
    repeated. Raises Refused, NoSource, and ValidationError for a month that isn't over.
    """
    key = signing_key()
    countable = read_for(neighbour, feed=feed, indicator=indicator, first=first, last=last, by=by, at=at)
    return _send(neighbour, countable, public_key_of(key), by=by, at=at)


@transaction.atomic
def _send(neighbour: Neighbour, countable: Countable, sender: str, *, by: Person, at: datetime) -> SentCounts:
    neighbour = Neighbour.objects.select_for_update().get(pk=neighbour.pk)  # one serial after the other
    before = neighbour.sent.order_by("-serial").first()
    agreement, question = countable.agreement, countable.question
    months = tuple(month_of(answer) for answer in answers(countable.counted, question, by=by, at=at))
    codes = {code for month in months for code in month.places}
    counts = Counts(
        sender=sender,
        sender_name=by.organization.name,
        recipient=neighbour.public_key,
        serial=before.serial + 1 if before else 1,
        previous=before.sha256 if before else GENESIS,
        made_at=at,
        agreement=agreement.title,
        terms=terms_digest(agreement),
        feed=agreement.feed,
        indicator=question.indicator,
        minimum_cell=question.minimum_cell,
        place_names={code: str(place) for code, place in known_places().items() if code in codes},
        months=months,
    )
    unsigned = Sealed(counts.content(), "")
    sealed = Sealed(unsigned.content, sign(unsigned.signed_bytes, signing_key()))
    sent = SentCounts.objects.create(
        neighbour=neighbour, agreement=agreement, serial=counts.serial, text=sealed.text(),
        sha256=sealed.sha256, made_at=at, made_by=by,
    )  # fmt: skip
    record("send_counts", by=by, at=at, subject=sent, detail=_detail(counts, sealed, neighbour, agreement))
    return sent


def receive_counts(*, text: str, by: Person, at: datetime) -> ReceivedCounts:
    """Keep a neighbour's document, if it is what it should be; else raises ValidationError that says what isn't.

    A refusal is in the ledger too.
    """
    try:
        return _receive(text, by=by, at=at)
    except ValidationError as refusal:
        record("refuse_counts", by=by, at=at, detail={"why": " ".join(refusal.messages)[:500]})
        raise


@transaction.atomic
def _receive(text: str, *, by: Person, at: datetime) -> ReceivedCounts:
    sealed = sealed_from(text)
    neighbour = sender_of(sealed)
    counts = checked_counts(sealed, neighbour)
    agreement = checked_agreement(counts, neighbour, on=timezone.localdate(at))
    check_order(counts, neighbour)
    received = ReceivedCounts.objects.create(
        neighbour=neighbour, agreement=agreement, serial=counts.serial, text=sealed.text(),
        sha256=sealed.sha256, received_at=at, received_by=by,
    )  # fmt: skip
    record(
        "receive_counts", by=by, at=at, subject=received, detail=_detail(counts, sealed, neighbour, agreement)
    )
    return received


def _detail(counts: Counts, sealed: Sealed, neighbour: Neighbour, agreement: Agreement) -> dict[str, object]:
    """Without any count; both sides' entries name the same hash."""
    return {
        "neighbour": neighbour.organization.name,
        "agreement": str(agreement.pk),
        "feed": counts.feed,
        "counting": counts.indicator,
        "months": [f"{month.first_day:%Y-%m}" for month in counts.months],
        "cells": sum(len(month.cells()) for month in counts.months),
        "serial": counts.serial,
        "sha256": sealed.sha256,
    }
