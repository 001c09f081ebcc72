"""Tells revisions of a record apart: what each changed, in words, and which case definitions it meets."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from throughline.definitions import Definition, Match
from throughline.evidence.case_definitions.queries import all_in_use
from throughline.evidence.feeds.models import Delivery
from throughline.evidence.quality.lines import field_name
from throughline.warehouse import Record


@dataclass(frozen=True)
class Change:
    name: str
    before: str
    now: str


@dataclass(frozen=True)
class Revision:
    """One version of a record, the receipt of the file that brought it, and what it changed."""

    record: Record
    delivery: Delivery
    changes: Sequence[Change]
    is_first: bool

    @property
    def mapping_document(self) -> str:
        """The version of the mapping by which this revision was read, whatever is in use since."""
        return json.dumps(self.delivery.mapping.definition, indent=2, ensure_ascii=False)


@dataclass(frozen=True)
class Judgement:
    """Whether a record meets a definition, and why; `lacks` names fields without which nobody can tell."""

    definition: Definition
    matches: Sequence[Match]
    lacks: Sequence[str]


def told_apart(records: Sequence[Record]) -> list[Revision]:
    """The revisions with their receipts, in the order given: the oldest first."""
    receipts = Delivery.objects.select_related("mapping", "received_by").in_bulk(
        [record.delivery for record in records], field_name="pk"
    )
    by_key = {str(key): receipt for key, receipt in receipts.items()}
    changes = [[], *(_changes(before, now) for before, now in pairwise(records))]
    return [
        Revision(record, by_key[record.delivery], changed, is_first=turn == 0)
        for turn, (record, changed) in enumerate(zip(records, changes, strict=True))
    ]


def definitions_in_use(*, at: datetime) -> list[Definition]:
    return [edition.definition for edition in all_in_use(at=at).values()]


def judged(record: Record, definitions: Iterable[Definition]) -> list[Judgement]:
    """By the fields that the grant names. Where one is missing that a definition looks at, its answer is open:
    it could hold what rules the record out."""
    event, known = record.event(), record.values.keys() | {"measure"}
    return [
        Judgement(one, () if lacks else one.matches(event), lacks)
        for one in definitions
        for lacks in [sorted(one.fields - known)]
    ]


def untold(judgements: Iterable[Judgement]) -> dict[str, list[Definition]]:
    """The definitions whose answer is open, by the fields that are missing."""
    found: dict[str, list[Definition]] = {}
    for judgement in judgements:
        if judgement.lacks:
            found.setdefault(", ".join(judgement.lacks), []).append(judgement.definition)
    return found


def cells(record: Record) -> list[tuple[str, str]]:
    """The shown fields with their values in words."""
    return [(field_name(name), in_words(value)) for name, value in record.values.items()]


def in_words(value: Any) -> str:
    if value is None or value in ("", ()):
        return "–"
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, float):
        return number_format(value, decimal_pos=5)
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _changes(before: Record, now: Record) -> list[Change]:
    return [
        Change(name, in_words(old), in_words(new))
        for name, old, new in [*_compared(before, now), *_stands(before, now)]
        if old != new
    ]


def _compared(before: Record, now: Record) -> list[tuple[str, Any, Any]]:
    return [(field_name(name), before.values[name], value) for name, value in now.values.items()]


def _stands(before: Record, now: Record) -> list[tuple[str, Any, Any]]:
    return [
        (_("Stands for"), str(before.quantity), str(now.quantity)),
        (_("Taken back"), before.deleted, now.deleted),
    ]
