"""What may be told of a month: protected once, when it is first told, and repeated ever after."""

from collections.abc import Iterator
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


def answers(
    counted: PlaceDays, *, indicator: str, minimum_cell: int, by: Person, at: datetime
) -> Iterator[Answer]:
    """The answer to each month counted, as it was given before, or made and kept now. Of one feed's counts.

    Raises ValidationError where the month was answered in another way than this agreement lets it be.
    """
    [feed] = counted.feeds
    for month in months_between(counted.first_day, counted.last_day):
        given = Answer.objects.filter(feed=feed, month=month).first()
        if given is None:
            given = Answer(
                feed=feed, indicator=indicator, minimum_cell=minimum_cell, answered_at=at, answered_by=by,
                **_told(_protected(counted, month, minimum_cell)),
            )  # fmt: skip
            given.save()
        _refuse_another_table(given, indicator, minimum_cell)
        yield given


def month_of(answer: Answer) -> Month:
    return Month(answer.month, answer.places, answer.unplaced, answer.total)


def _told(month: Month) -> dict[str, object]:
    return {
        "month": month.first_day,
        "places": dict(month.places),
        "unplaced": month.unplaced,
        "total": month.total,
    }


def _protected(counted: PlaceDays, month: date, minimum_cell: int) -> Month:
    """Counts by place, of what has no place, and of all, without the small ones and what gives them away."""
    days = slice((month - counted.first_day).days, (last_day_of(month) - counted.first_day).days + 1)
    column = np.append(counted.counts[:, days].sum(axis=1), counted.unplaced[days].sum())
    table = protect(column, minimum_cell=minimum_cell)
    if exposed(table).any():
        raise ValidationError(_("These counts can't be given away safely, even with some of them withheld."))
    *placed, unplaced, total = table.released.tolist()
    return Month(month, dict(zip(counted.places, placed, strict=True)), unplaced, total)


def _refuse_another_table(given: Answer, indicator: str, minimum_cell: int) -> None:
    facts = {"month": f"{given.month:%Y-%m}", "feed": given.feed, "indicator": given.indicator}
    if given.indicator != indicator:
        raise ValidationError(
            _(
                "%(month)s of %(feed)s was answered as “%(indicator)s”; a second indicator could be subtracted from it."
            )
            % facts
        )
    if given.minimum_cell < minimum_cell:
        raise ValidationError(
            _(
                "%(month)s of %(feed)s was answered with counts from %(given)d on; this agreement asks for %(asked)d."
            )
            % {**facts, "given": given.minimum_cell, "asked": minimum_cell}
        )
