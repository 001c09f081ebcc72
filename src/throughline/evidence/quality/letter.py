"""The letter to the agency: what came, what was good, what we ask, with examples that hold no value."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar

from django.utils import timezone

from throughline.evidence.feeds.actions import read_quarantine
from throughline.evidence.quality.lines import Line
from throughline.evidence.quality.receipts import ReasonLine, files_of
from throughline.evidence.quality.scorecard import Scorecard
from throughline.evidence.quality.verdicts import Verdict
from throughline.members.accounts.models import Person
from throughline.policy.sharing import Refused

ANSWER_WITHIN = timedelta(days=14)
ROWS_LOOKED_AT = 50
# A letter that is read to its end: what is beyond these counts stands on the scorecard.
PRAISED, ASKED, REASONS, EXAMPLES = 6, 8, 6, 8

T = TypeVar("T")


@dataclass(frozen=True)
class Some(Generic[T]):
    """The first of a list, and how many more there are."""

    shown: Sequence[T]
    more: int

    @classmethod
    def of(cls, listed: Sequence[T], most: int) -> "Some[T]":
        """One more than `most` is shown rather than counted."""
        most += len(listed) == most + 1
        return cls(listed[:most], max(len(listed) - most, 0))


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
    def praised(self) -> list[tuple[Any, Some[Line]]]:
        """What was good, part by part; only what can be better or worse."""
        good = [
            (part.praise, [line for line in part.lines if line.verdict is Verdict.GOOD and line.limits])
            for part in self.scorecard.parts
            if part.praise
        ]
        return [(praise, Some.of(lines, PRAISED)) for praise, lines in good if lines]

    @property
    def asked(self) -> Some[Line]:
        """What we ask, the most pressing first."""
        lines = [*self.scorecard.to_ask, *self.scorecard.to_look_at]
        return Some.of([line for line in lines if line.request], ASKED)

    @property
    def reasons(self) -> Some[ReasonLine]:
        return Some.of(self.scorecard.reasons, REASONS)


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
