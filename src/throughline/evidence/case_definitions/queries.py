"""Which definitions there are, in which version they were in use at an instant, and for which feeds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

from throughline.definitions import Definition, DefinitionError, parse_definition, shipped_documents
from throughline.evidence.case_definitions.models import AdoptedVersion, FeedDefinition
from throughline.evidence.feeds.models import Feed


@dataclass(frozen=True)
class Edition:
    """One version of a definition; `adopted` is None where it is the shipped one."""

    definition: Definition
    document: Mapping[str, Any]
    adopted: AdoptedVersion | None = None


@dataclass(frozen=True)
class DefinitionLine:
    """A definition in use, and the feeds that it counts."""

    edition: Edition
    feeds: tuple[Feed, ...]


def editions(key: str, *, at: datetime) -> list[Edition]:
    """Every version of a definition by then, the newest first; a shipped one is in use until another is adopted."""
    adopted = AdoptedVersion.objects.filter(key=key, adopted_at__lte=at)
    found = [Edition(parse_definition(one.document), one.document, one) for one in adopted]
    shipped = [document for (id, _version), document in shipped_documents().items() if id == key]
    found += [Edition(parse_definition(document), document) for document in shipped]
    return sorted(
        found, key=lambda edition: (edition.adopted is not None, edition.definition.version), reverse=True
    )


def in_use(key: str, *, at: datetime) -> Edition | None:
    """The version that counts at an instant: the last one adopted, else the newest shipped."""
    return next(iter(editions(key, at=at)), None)


def known_keys(*, at: datetime) -> list[str]:
    adopted = AdoptedVersion.objects.filter(adopted_at__lte=at).values_list("key", flat=True)
    return sorted({*adopted, *(id for id, _version in shipped_documents())})


def definition_lines(*, at: datetime) -> list[DefinitionLine]:
    """Every definition by its name, as it is in use."""
    chosen = chosen_keys(Feed.objects.all(), at=at)
    feeds = {feed.pk: feed for feed in Feed.objects.all()}
    lines = [
        DefinitionLine(edition, tuple(feeds[pk] for pk, chosen_key in chosen.items() if chosen_key == key))
        for key in known_keys(at=at)
        if (edition := in_use(key, at=at))
    ]
    return sorted(lines, key=lambda line: line.edition.definition.name)


def chosen_keys(feeds: Iterable[Feed], *, at: datetime) -> dict[int, str]:
    """The definition's key by the feed's primary key, as chosen at an instant; feeds without one are left out."""
    choices = FeedDefinition.objects.as_of(at).filter(feed__in=list(feeds))
    newest = {choice.feed_id: choice.key for choice in reversed(choices)}
    return {feed: key for feed, key in newest.items() if key}


def definition_of(feed: Feed, *, at: datetime) -> Definition | None:
    """The definition that a feed's records must meet to count at an instant; None where every record counts."""
    key = chosen_keys([feed], at=at).get(feed.pk, "")
    edition = in_use(key, at=at) if key else None
    return edition.definition if edition else None


def numbered_document(document: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
    """The document with the next version's number; ValidationError with every fault it has."""
    numbered = {**document, "version": 1}
    try:
        key = parse_definition(numbered).id
    except DefinitionError as error:
        raise ValidationError([*error.faults]) from error
    known = [edition.definition.version for edition in editions(key, at=at)]
    return numbered | {"version": max(known, default=0) + 1}
