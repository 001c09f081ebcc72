"""Counts what a change of a definition would do to a feed's past events, under the agreements in force."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from throughline.definitions import Definition, parse_definition
from throughline.definitions.vocabulary import Vocabulary
from throughline.evidence.agreements.actions import ask_grant
from throughline.evidence.agreements.counting import Counting
from throughline.evidence.case_definitions.queries import chosen_keys, definitions_with
from throughline.evidence.case_definitions.vocabularies.queries import vocabularies_in_force
from throughline.evidence.feeds.models import Feed
from throughline.evidence.feeds.queries import committed_deliveries, warehouse
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization
from throughline.policy.sharing import Grant, Purpose
from throughline.warehouse import open_events

DAYS = 365


@dataclass(frozen=True)
class Change:
    """Events of one feed that both versions count, that only the new one counts, and that only the old one does.

    Numbers above 0 and under the agreement's smallest cell are None. `refusal` says why nothing could be counted.
    """

    feed: Feed
    kept: int | None = 0
    added: int | None = 0
    dropped: int | None = 0
    minimum_cell: int = 1
    refusal: str = ""


def changes(
    old: Definition | None, new: Definition, *, by: Person, at: datetime
) -> tuple[list[Change], date, date]:
    """What `new` in place of `old` would do in each feed that the definition counts, in the last 365 days.

    A definition that counts no feed yet is tried on all feeds. Every read is asked for and in the ledger.
    """
    feeds = list(Feed.objects.select_related("provider").order_by("name"))
    counted = chosen_keys(feeds, at=at)
    own = [feed for feed in feeds if counted.get(feed.pk) == new.id]
    end = timezone.localdate(at)
    start = end - timedelta(days=DAYS - 1)
    found = [_change(feed, old, new, start, end, by=by, at=at) for feed in own or feeds]
    return found, start, end


@dataclass(frozen=True)
class VocabularyChange:
    """What a list in place of the one in force would do through one definition that names it."""

    definition: Definition
    changes: list[Change]
    start: date
    end: date


def vocabulary_changes(proposed: Vocabulary, *, by: Person, at: datetime) -> list[VocabularyChange]:
    """`changes` of every definition in use that names the list."""
    lists = {**vocabularies_in_force(at=at), proposed.id: proposed}
    pairs = [
        (edition.definition, parse_definition(edition.document, lists))
        for edition in definitions_with(proposed.id, at=at)
    ]
    return [VocabularyChange(new, *changes(old, new, by=by, at=at)) for old, new in pairs]


def _change(
    feed: Feed, old: Definition | None, new: Definition, start: date, end: date, *, by: Person, at: datetime
) -> Change:
    definitions = [new] if old is None else [new, old]
    fields = frozenset({"occurred_at"}).union(*(definition.needs for definition in definitions))
    grant = ask_grant(
        feed=feed.key,
        provider=feed.provider,
        reader=by.organization or Organization(name="–"),
        purpose=Purpose.QUALITY,
        fields=fields,
        by=by,
        at=at,
        counting=Counting(new.id, start, end, series=2 ** len(definitions), daily=False),
    )
    if not isinstance(grant, Grant):
        return Change(feed, None, None, None, refusal=str(grant))
    with open_events(
        warehouse(), grant, {feed.key: committed_deliveries(feed, as_of=at)}, as_of=at
    ) as events:
        counts = events.counts_by_definition(
            definitions, start=start, end=end, time_zone=timezone.get_default_timezone_name()
        )
    cells = {meets: _shown(count, grant.minimum_cell) for meets, count in counts.items()}
    if old is None:
        return Change(feed, added=cells.get((True,), 0), minimum_cell=grant.minimum_cell)
    return Change(
        feed,
        kept=cells.get((True, True), 0),
        added=cells.get((True, False), 0),
        dropped=cells.get((False, True), 0),
        minimum_cell=grant.minimum_cell,
    )


def _shown(count: int, minimum_cell: int) -> int | None:
    return None if 0 < count < minimum_cell else count
