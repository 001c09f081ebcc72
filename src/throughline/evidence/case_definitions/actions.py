"""Adopts versions of definitions and of code lists, and chooses the definition that counts a feed."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from throughline.evidence.case_definitions.models import AdoptedVersion, AdoptedVocabulary, FeedDefinition
from throughline.evidence.case_definitions.queries import chosen_keys, in_use, numbered_document
from throughline.evidence.case_definitions.vocabularies.queries import proposed_vocabulary
from throughline.evidence.feeds.models import Feed
from throughline.ledger.actions import record
from throughline.members.accounts.models import Person


@transaction.atomic
def adopt_definition(*, document: Mapping[str, Any], note: str, by: Person, at: datetime) -> AdoptedVersion:
    """Add the next version of a definition, from now on the one in use; its number is given here.

    Raises ValidationError with every fault of the document, or where nothing changed.
    """
    numbered = numbered_document(document, at=at)
    known = in_use(numbered["id"], at=at)
    if known and {**known.document, "version": 0} == {**numbered, "version": 0}:
        raise ValidationError(
            _("Nothing was changed: version %(version)d says the same.")
            % {"version": known.definition.version}
        )
    adopted = AdoptedVersion.objects.create(
        key=numbered["id"],
        version=numbered["version"],
        document=numbered,
        note=note,
        adopted_at=at,
        adopted_by=by,
    )
    detail = {"key": adopted.key, "version": adopted.version}
    record("adopt_definition", by=by, at=at, subject=adopted, detail=detail)
    return adopted


@transaction.atomic
def adopt_vocabulary(
    *, key: str, text: str, file: str, dated_on: date, source: str, by: Person, at: datetime
) -> AdoptedVocabulary:
    """Add the next version of a code list, read from CSV; definitions that name it use it from now on.

    Raises ValidationError with every fault of the file, or where nothing changed; nothing is saved then.
    """
    proposed = proposed_vocabulary(key, text, file=file, at=at)
    adopted = AdoptedVocabulary.objects.create(
        key=key,
        version=proposed.version,
        dated_on=dated_on,
        source=source,
        columns=list(proposed.columns),
        rows=[dict(row) for row in proposed.rows],
        adopted_at=at,
        adopted_by=by,
    )
    detail = {
        "key": key,
        "version": adopted.version,
        "codes": len(proposed.rows),
        "dated_on": dated_on.isoformat(),
    }
    record("adopt_vocabulary", by=by, at=at, subject=adopted, detail=detail)
    return adopted


@transaction.atomic
def choose_definition(*, feed: Feed, key: str, by: object, at: datetime) -> None:
    """Say which definition makes a case of a feed's records from now on; an empty key: every record is one."""
    if key and in_use(key, at=at) is None:
        raise ValidationError(_("There is no definition “%(key)s”.") % {"key": key})
    if chosen_keys([feed], at=at).get(feed.pk, "") == key:
        return
    FeedDefinition.objects.create(
        feed=feed, key=key, chosen_at=at, chosen_by=by if isinstance(by, Person) else None
    )
    record("choose_definition", by=by, at=at, subject=feed, detail={"definition": key})
