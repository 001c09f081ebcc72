"""What neighbours told us, as tables, for whom the agreements name."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from throughline.evidence.agreements.models import Agreement
from throughline.evidence.exchange.answers import would_tell
from throughline.evidence.exchange.documents import Count, Counts, Month, counts_in, sealed_from
from throughline.evidence.exchange.models import Neighbour
from throughline.evidence.exchange.sending import Countable
from throughline.evidence.surveillance.queries import known_places
from throughline.indicators import INDICATORS
from throughline.members.accounts.models import Person

MONTHS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class NeighbourTable:
    """One feed's months, the newest last; a row for each place, one for what has none, and one of all."""

    agreement: Agreement
    feed: str
    indicator_name: str
    minimum_cell: int
    months: list[date]
    rows: list[tuple[str, list[Count]]]

    @property
    def withheld(self) -> int:
        return sum(count is None for _name, counts in self.rows for count in counts)

    @property
    def cells(self) -> int:
        return len(self.rows) * len(self.months)


def tables_for(person: Person, neighbour: Neighbour, *, on: date) -> list[NeighbourTable]:
    """Of the feeds whose agreement is in force on that day and names the person's organization."""
    open_to = Agreement.objects.in_force(on).filter(recipients=person.organization_id)
    received = neighbour.received.filter(agreement__in=open_to).select_related("agreement").order_by("serial")
    told = defaultdict(list)
    for document in received:
        counts = counts_in(sealed_from(document.text).content)
        told[counts.feed].append((document.agreement, counts))
    return [_table(documents) for _feed, documents in sorted(told.items())]


def preview(countable: Countable) -> NeighbourTable:
    """The table that would be sent; nothing is answered by looking at it. Raises ValidationError."""
    question, names = countable.question, known_places()
    months = would_tell(countable.counted, question)
    return _of_months(
        months, {code: str(place) for code, place in names.items()}, countable.agreement, question.indicator,
        question.minimum_cell,
    )  # fmt: skip


def missing_serials(neighbour: Neighbour) -> list[int]:
    """Documents that were made for us before the last one that came, and never came."""
    came = set(neighbour.received.values_list("serial", flat=True))
    return sorted(set(range(1, max(came, default=0))) - came)


def _table(documents: list[tuple[Agreement, Counts]]) -> NeighbourTable:
    agreement, newest = documents[-1]
    by_day = {month.first_day: month for _agreement, counts in documents for month in counts.months}
    months = [by_day[day] for day in sorted(by_day)[-MONTHS_SHOWN:]]
    names = {code: name for _agreement, counts in documents for code, name in counts.place_names.items()}
    return _of_months(months, names, agreement, newest.indicator, newest.minimum_cell)


def _of_months(
    months: list[Month], names: Mapping[str, str], agreement: Agreement, indicator: str, minimum_cell: int
) -> NeighbourTable:
    codes = dict.fromkeys(code for month in months for code in month.places)
    known = INDICATORS.get(indicator)
    return NeighbourTable(
        agreement=agreement,
        feed=agreement.feed,
        indicator_name=_(known.name) if known else indicator,
        minimum_cell=minimum_cell,
        months=[month.first_day for month in months],
        rows=[(names.get(code, code), [month.places.get(code) for month in months]) for code in codes]
        + _sums(months),
    )


def _sums(months: list[Month]) -> list[tuple[str, list[Count]]]:
    return [
        (_("Without a place"), [month.unplaced for month in months]),
        (_("Everywhere"), [month.total for month in months]),
    ]
