"""Reads what could be told to a neighbour: under its agreement, of whole months, in its organization's name."""

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from throughline.evidence.agreements.models import Agreement
from throughline.evidence.exchange.answers import Question, last_day_of
from throughline.evidence.exchange.models import Neighbour
from throughline.evidence.surveillance.queries import PlaceDays, daily_counts
from throughline.ledger.actions import name_of
from throughline.members.accounts.models import Person
from throughline.policy.sharing import Purpose


@dataclass(frozen=True, slots=True)
class Countable:
    """Counts as they are, which nobody is told; how the agreement lets them be told."""

    counted: PlaceDays
    question: Question
    agreement: Agreement


def read_for(
    neighbour: Neighbour, *, feed: str, indicator: str, first: date, last: date, by: Person, at: datetime
) -> Countable:
    """Counts of the months from that of `first` to that of `last`. The read is in the ledger.

    Raises Refused, NoSource, and ValidationError for a month that isn't over, and where somebody else than the
    backbone's people asks.
    """
    if by.organization is None or not by.organization.is_backbone:
        raise ValidationError(_("Counts are sent in the backbone's name, by its own people only."))
    start, end = first.replace(day=1), last_day_of(last.replace(day=1))
    if not start <= end < timezone.localdate(at):
        raise ValidationError(_("Only months that are over can be sent, the first one first."))
    counted = daily_counts(
        indicator=indicator, start=start, end=end, purpose=Purpose.SURVEILLANCE, reader=neighbour.organization,
        by=name_of(by),  # the reader's own people have no seat here
        at=at, only=feed,
    )  # fmt: skip
    agreement = Agreement.objects.get(pk=counted.agreements[0])
    question = Question(indicator, counted.minimum_cell, agreement.rows)
    return Countable(_where_shared(counted, agreement), question, agreement)


def _where_shared(counted: PlaceDays, agreement: Agreement) -> PlaceDays:
    """A place whose records aren't shared has no zero."""
    places = agreement.terms().rows.get("place")
    return counted if places is None else counted.within(places)
