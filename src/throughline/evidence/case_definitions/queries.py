"""Which definitions there are, in which version they were in use at an instant, and for which feeds."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

from throughline.definitions import (
    Definition,
    DefinitionError,
    library,
    parse_definition,
    shipped_documents,
)
from throughline.definitions.library import shipped_definitions
from throughline.definitions.parsing import Vocabularies
from throughline.evidence.case_definitions.models import AdoptedVersion, FeedDefinition
from throughline.evidence.case_definitions.vocabularies.queries import (
    VocabularyEdition,
    vocabularies_in_force,
    vocabulary_editions_in_force,
)
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


@dataclass(frozen=True)
class VocabularyLine:
    """A code list in force, and the definitions in use that name it."""

    edition: VocabularyEdition
    definitions: tuple[Definition, ...]


def editions(key: str, *, at: datetime) -> list[Edition]:
    """Every version of a definition by then, the newest first; a shipped one is in use until another is adopted."""
    lists = vocabularies_in_force(at=at)
    adopted = AdoptedVersion.objects.filter(key=key, adopted_at__lte=at).order_by("-version")
    versions = sorted((version for id, version in shipped_documents() if id == key), reverse=True)
    return [
        *(_adopted(one, lists) for one in adopted),
        *(_shipped(key, version, lists) for version in versions),
    ]


def in_use(key: str, *, at: datetime) -> Edition | None:
    """The version that counts at an instant: the last one adopted, else the newest shipped."""
    return next(iter(editions(key, at=at)), None)


def all_in_use(*, at: datetime) -> dict[str, Edition]:
    """`in_use` of every definition that there is, by key and in the order of the keys."""
    lists = vocabularies_in_force(at=at)
    shipped = {key: _shipped(key, definition.version, lists) for key, definition in library().items()}
    newest = {one.key: one for one in AdoptedVersion.objects.filter(adopted_at__lte=at).order_by("version")}
    return dict(sorted((shipped | {key: _adopted(one, lists) for key, one in newest.items()}).items()))


def _adopted(version: AdoptedVersion, lists: Vocabularies) -> Edition:
    return Edition(parse_definition(version.document, lists), version.document, version)


def _shipped(key: str, version: int, lists: Vocabularies) -> Edition:
    """Read anew only where it isn't resolved against the lists in force: reading takes time."""
    definition, document = shipped_definitions()[key, version], shipped_documents()[key, version]
    if any(lists[id].version != used for id, used in definition.vocabularies):
        definition = parse_definition(document, lists)
    return Edition(definition, document)


def definitions_with(vocabulary: str, *, at: datetime) -> list[Edition]:
    """The definitions in use that name a code list."""
    return [one for one in all_in_use(at=at).values() if _names(one.definition, vocabulary)]


def _names(definition: Definition, vocabulary: str) -> bool:
    return any(id == vocabulary for id, _version in definition.vocabularies)


def vocabulary_lines(*, at: datetime) -> list[VocabularyLine]:
    """Every code list by its key, as it is in force."""
    definitions = [edition.definition for edition in all_in_use(at=at).values()]
    return [
        VocabularyLine(edition, tuple(one for one in definitions if _names(one, key)))
        for key, edition in sorted(vocabulary_editions_in_force(at=at).items())
    ]


def definition_lines(*, at: datetime) -> list[DefinitionLine]:
    """Every definition by its name, as it is in use."""
    feeds = list(Feed.objects.all())
    chosen = chosen_keys(feeds, at=at)
    lines = [
        DefinitionLine(edition, tuple(feed for feed in feeds if chosen.get(feed.pk) == key))
        for key, edition in all_in_use(at=at).items()
    ]
    return sorted(lines, key=lambda line: line.edition.definition.name)


def chosen_keys(feeds: Iterable[Feed], *, at: datetime) -> dict[int, str]:
    """The definition's key by the feed's primary key, as chosen at an instant; feeds without one are left out."""
    choices = FeedDefinition.objects.as_of(at).filter(feed__in=list(feeds))
    newest = {choice.feed_id: choice.key for choice in reversed(choices)}
    return {feed: key for feed, key in newest.items() if key}


def definitions_of(feeds: Collection[Feed], *, at: datetime) -> dict[int, Definition | None]:
    """By a feed's primary key the definition that its records must meet to count at an instant; None: all count."""
    chosen = chosen_keys(feeds, at=at)
    known = all_in_use(at=at) if chosen else {}
    editions = {feed.pk: known.get(chosen.get(feed.pk, "")) for feed in feeds}
    return {feed: edition and edition.definition for feed, edition in editions.items()}


def definition_of(feed: Feed, *, at: datetime) -> Definition | None:
    """`definitions_of` one feed."""
    return definitions_of([feed], at=at)[feed.pk]


def numbered_document(document: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
    """The document with the next version's number; ValidationError with every fault it has."""
    key = proposed_definition({**document, "version": 1}, at=at).id
    known = [edition.definition.version for edition in editions(key, at=at)]
    return {**document, "version": max(known, default=0) + 1}


def proposed_definition(document: Mapping[str, Any], *, at: datetime) -> Definition:
    """The document read with the code lists in force; ValidationError with every fault it has."""
    try:
        return parse_definition(document, vocabularies_in_force(at=at))
    except DefinitionError as error:
        raise ValidationError([*error.faults]) from error
