"""What may be told of a month: protected once, when it is first told, and repeated ever after."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

import numpy as np
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from throughline.evidence.exchange.documents import Month
from throughline.evidence.exchange.models import Answer
from throughline.evidence.surveillance.queries import PlaceDays
from throughline.members.accounts.models import Person
from throughline.policy.suppression import exposed, protect


def months_between(first: date, last: date) -> list[date]:
    """The first days of the months from that of `first` to that of `last`."""
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


def last_day_of(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Question:
    """What the counts are of, and how an agreement lets them be told: `rows` are its conditions on records."""

    indicator: str
    minimum_cell: int
    rows: Mapping[str, list[str]]


def answers(counted: PlaceDays, question: Question, *, by: Person, at: datetime) -> Iterator[Answer]:
    """The answer to each month counted, as it was given before, or made and kept now. Of one feed's counts.

    Raises ValidationError where the month was answered in another way than this agreement lets it be.
    """
    [feed] = counted.feeds
    for month in months_between(counted.first_day, counted.last_day):
        given = Answer.objects.filter(feed=feed, month=month).first() or _keep(
            feed, _protected(counted, month, question.minimum_cell), question, by, at
        )
        _refuse_another_table(given, question)
        yield given


def would_tell(counted: PlaceDays, question: Question) -> list[Month]:
    """What `answers` would tell, with nothing kept. Raises ValidationError as it does."""
    [feed] = counted.feeds
    given = {answer.month: answer for answer in Answer.objects.filter(feed=feed)}
    months = months_between(counted.first_day, counted.last_day)
    for answer in (given[month] for month in months if month in given):
        _refuse_another_table(answer, question)
    return [
        month_of(given[month]) if month in given else _protected(counted, month, question.minimum_cell)
        for month in months
    ]


def _keep(feed: str, told: Month, question: Question, by: Person, at: datetime) -> Answer:
    """Or what another process kept just before."""
    facts = {
        **asdict(question), "places": dict(told.places), "unplaced": told.unplaced, "total": told.total,
        "answered_at": at, "answered_by": by,
    }  # fmt: skip
    answer, _is_new = Answer.objects.get_or_create(feed=feed, month=told.first_day, defaults=facts)
    return answer


def month_of(answer: Answer) -> Month:
    return Month(answer.month, answer.places, answer.unplaced, answer.total)


def _protected(counted: PlaceDays, month: date, minimum_cell: int) -> Month:
    """Counts by place, of what has no place, and of all, without the small ones and what gives them away."""
    days = slice((month - counted.first_day).days, (last_day_of(month) - counted.first_day).days + 1)
    column = np.append(counted.counts[:, days].sum(axis=1), counted.unplaced[days].sum())
    table = protect(column, minimum_cell=minimum_cell)
    if exposed(table).any():
        raise ValidationError(_("These counts can't be given away safely, even with some of them withheld."))
    *placed, unplaced, total = table.released.tolist()
    return Month(month, dict(zip(counted.places, placed, strict=True)), unplaced, total)


def _refuse_another_table(given: Answer, question: Question) -> None:
    facts = {"month": f"{given.month:%Y-%m}", "feed": given.feed}
    if given.indicator != question.indicator:
        told = _(
            "%(month)s of %(feed)s was answered as “%(indicator)s”; a second indicator could be subtracted from it."
        )
        raise ValidationError(told % (facts | {"indicator": given.indicator}))
    if given.rows != question.rows:
        told = _("%(month)s of %(feed)s was answered about other records than this agreement shares.")
        raise ValidationError(told % facts)
    if given.minimum_cell < question.minimum_cell:
        told = _(
            "%(month)s of %(feed)s was answered with counts from %(given)d on; this agreement asks for %(asked)d."
        )
        raise ValidationError(told % (facts | {"given": given.minimum_cell, "asked": question.minimum_cell}))
