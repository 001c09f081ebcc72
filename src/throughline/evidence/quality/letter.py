"""The letter to the agency: what came, what was good, what we ask, with examples that hold no value."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from throughline.evidence.feeds.actions import read_quarantine
from throughline.evidence.quality.lines import Line
from throughline.evidence.quality.receipts import files_of
from throughline.evidence.quality.scorecard import Scorecard
from throughline.members.accounts.models import Person
from throughline.policy.sharing import Refused

ANSWER_WITHIN = timedelta(days=14)
ROWS_LOOKED_AT = 50
EXAMPLES = 8


@dataclass(frozen=True)
class Example:
    """Where to look: file, row, column, and what is wrong there; never what stands there."""

    file_name: str
    row: int
    column: str
    reason: str


@dataclass(frozen=True)
class Letter:
    scorecard: Scorecard
    sender: Person
    written_on: date
    examples: Sequence[Example] = ()

    @property
    def answer_by(self) -> date:
        return self.written_on + ANSWER_WITHIN

    @property
    def asked(self) -> list[Line]:
        """What we ask, the most pressing first."""
        return [line for line in [*self.scorecard.to_ask, *self.scorecard.to_look_at] if line.request]


def letter_about(card: Scorecard, *, by: Person, at: datetime, with_rows: bool) -> Letter:
    """Examples need the right to see rows that were set aside; without it the letter does without them."""
    examples = list(_examples(card, by, at))[:EXAMPLES] if with_rows else []
    return Letter(card, by, timezone.localdate(at), examples)


def _examples(card: Scorecard, by: Person, at: datetime) -> Iterator[Example]:
    """One for each column and reason, from the newest file with rows that were set aside."""
    came = files_of(card.feed, card.period.starts_on, card.period.ends_on)
    newest = came.filter(quarantined__gt=0).last()
    if newest is None:
        return
    try:
        rows = read_quarantine(delivery=newest, by=by, at=at, count=ROWS_LOOKED_AT)
    except Refused:
        return
    first = {(row.field, str(row.reason)): row.row for row in reversed(rows)}
    for (column, reason), row in sorted(first.items(), key=lambda one: one[1]):
        yield Example(newest.file_name, row, column, reason)
