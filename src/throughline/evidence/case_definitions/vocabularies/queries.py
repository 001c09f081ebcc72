"""Which version of each code list is in force at an instant, and whether a newer one can replace it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from throughline.definitions import DefinitionError, parse_definition, shipped_documents
from throughline.definitions.parsing import Vocabularies
from throughline.definitions.vocabulary import Vocabulary, known_vocabularies, read_vocabulary
from throughline.definitions.vocabulary_table import VocabularyError
from throughline.evidence.case_definitions.models import AdoptedVersion, AdoptedVocabulary

_MOST_FAULTS = 50


@dataclass(frozen=True)
class VocabularyEdition:
    """One version of a code list; `adopted` is None where it is the shipped one."""

    vocabulary: Vocabulary
    adopted: AdoptedVocabulary | None = None

    @property
    def dated_on(self) -> date:
        return self.adopted.dated_on if self.adopted else date.fromisoformat(self.vocabulary.dated)

    @property
    def source(self) -> str:
        if self.adopted:
            return self.adopted.source
        return "; ".join(dict.fromkeys(row["source"] for row in self.vocabulary.rows))


def vocabulary_editions(key: str, *, at: datetime) -> list[VocabularyEdition]:
    """Every version of a list by then, the newest first; none where no such list is shipped."""
    if key not in known_vocabularies():
        return []
    adopted = AdoptedVocabulary.objects.filter(key=key, adopted_at__lte=at).select_related("adopted_by")
    return [*map(_adopted, adopted.order_by("-version")), VocabularyEdition(known_vocabularies()[key])]


def vocabulary_editions_in_force(*, at: datetime) -> dict[str, VocabularyEdition]:
    """By key the version that counts at an instant: the last one adopted, else the shipped one."""
    shipped = {key: VocabularyEdition(vocabulary) for key, vocabulary in known_vocabularies().items()}
    return shipped | {one.key: _adopted(one) for one in AdoptedVocabulary.objects.in_force(at)}


def vocabularies_in_force(*, at: datetime) -> Vocabularies:
    """The lists that definitions are resolved against at an instant."""
    return {key: edition.vocabulary for key, edition in vocabulary_editions_in_force(at=at).items()}


def proposed_vocabulary(key: str, text: str, *, file: str, at: datetime) -> Vocabulary:
    """A newer list from CSV with the next version's number, its columns those of the list that it replaces.

    ValidationError with every fault of the file, where nothing changed, or where a definition could no longer be
    resolved: one that chooses rows by a value that no row has.
    """
    lists = vocabularies_in_force(at=at)
    if (known := lists.get(key)) is None:
        raise ValidationError(_("There is no code list “%(key)s”.") % {"key": key})
    try:
        proposed = read_vocabulary(key, text, columns=known.columns, version=known.version + 1, file=file)
    except VocabularyError as error:
        raise ValidationError(_first(error.faults)) from error
    if _as_set(proposed) == _as_set(known):
        raise ValidationError(
            _("Nothing was changed: version %(version)d has the same rows.") % {"version": known.version}
        )
    if faults := list(_unresolved({**lists, key: proposed})):
        raise ValidationError(_first(faults))
    return proposed


def _adopted(one: AdoptedVocabulary) -> VocabularyEdition:
    return VocabularyEdition(one.vocabulary, one)


def _as_set(vocabulary: Vocabulary) -> set[tuple[tuple[str, str], ...]]:
    return {tuple(sorted(row.items())) for row in vocabulary.rows}


def _unresolved(lists: Vocabularies) -> Iterator[str]:
    """Earlier versions count too: pages as of an earlier day and the definition's own page show them."""
    adopted = AdoptedVersion.objects.values_list("document", flat=True)
    for document in [*shipped_documents().values(), *adopted]:
        try:
            parse_definition(document, lists)
        except DefinitionError as error:
            for fault in error.faults:
                yield f"{document['id']}, {document['version']}: {fault}"


def _first(faults: list[str] | tuple[str, ...]) -> list[str]:
    shown, more = list(faults[:_MOST_FAULTS]), len(faults) - _MOST_FAULTS
    return [*shown, _("And %(count)d more.") % {"count": more}] if more > 0 else shown
