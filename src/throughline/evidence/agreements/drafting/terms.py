"""Sets the terms of a draft, and writes the text that states them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from throughline.evidence.agreements.clauses.library import library, newest
from throughline.evidence.agreements.clauses.writing import digest_of, write_text
from throughline.evidence.agreements.drafting.tiers import check_tier
from throughline.evidence.agreements.limits import check_limits
from throughline.evidence.agreements.models import Agreement, Version
from throughline.formats.event import EVENT_FIELDS
from throughline.members.accounts.models import Person
from throughline.policy.sharing import Purpose

TERMS = (
    "title", "tier", "parent", "feed", "provider", "purposes", "fields", "starts_on", "ends_on", "minimum_cell",
    "forbidden_purposes", "precision", "rows", "linkages", "breach_hours", "destruction_days", "clauses",
)  # fmt: skip
"""What a draft is made of, besides those who receive; named as `draft_agreement` names them."""
_KEPT = ("tier", "feed", "provider", "starts_on")  # by amendments: the days before stay what they were


def terms_of(agreement: Agreement) -> dict[str, Any]:
    return {name: getattr(agreement, name) for name in TERMS} | {
        "recipients": list(agreement.recipients.all()),
        "onward_recipients": list(agreement.onward_recipients.all()),
    }


def set_terms(agreement: Agreement, terms: Mapping[str, Any]) -> None:
    """Save the draft with these terms. Raises ValidationError for what an agreement can't say."""
    plain = _checked(terms)
    for name in TERMS:
        setattr(agreement, name, plain[name])
    check_limits(agreement)
    check_tier(agreement, [*terms["recipients"]])
    agreement.full_clean()
    if agreement.amends:
        _require_kept(agreement, agreement.amends)
    if not terms["recipients"]:
        raise ValidationError({"recipients": _("An agreement names at least one recipient.")})
    agreement.save()
    agreement.recipients.set(terms["recipients"])
    agreement.onward_recipients.set(terms["onward_recipients"])


def write_version(agreement: Agreement, *, by: object, at: datetime) -> Version:
    """Add the text that the terms make now. Its number stands in it, so no two versions have one hash."""
    number, in_words_of = agreement.versions.count() + 1, newest()
    text = write_text(agreement, number=number, version=in_words_of)
    return agreement.versions.create(
        number=number,
        library=in_words_of,
        text=text,
        text_hash=digest_of(text),
        written_at=at,
        written_by=by if isinstance(by, Person) else None,
    )


def _require_kept(amendment: Agreement, amended: Agreement) -> None:
    if any(getattr(amendment, name) != getattr(amended, name) for name in _KEPT):
        raise ValidationError(
            _("An amendment keeps the feed, the provider and the first day. Draft a new agreement.")
        )


def _checked(terms: Mapping[str, Any]) -> dict[str, Any]:
    """The terms as they are stored: sets in order. Raises ValidationError for words outside a vocabulary."""
    clauses = dict(terms["clauses"])
    _require_known(clauses, {clause.term for clause in library(newest())}, _("clause"))
    return {
        **terms,
        "purposes": _chosen(terms["purposes"], set(Purpose), _("purpose")),
        "fields": _chosen(terms["fields"], set(EVENT_FIELDS), _("field")) if terms["feed"] else [],
        "forbidden_purposes": sorted(set(terms["forbidden_purposes"])),
        "precision": dict(terms["precision"]),
        "rows": {name: sorted(set(values)) for name, values in terms["rows"].items()},
        "linkages": sorted(set(terms["linkages"])),
        "clauses": clauses,
    }


def _chosen(values: Iterable[str], vocabulary: set[str], noun: str) -> list[str]:
    """The values sorted, if they are at least one and all in the vocabulary."""
    chosen = sorted(set(values))
    _require_known(chosen or ["–"], vocabulary, noun)
    return chosen


def _require_known(values: Iterable[str], vocabulary: set[str], noun: str) -> None:
    if unknown := [value for value in values if value not in vocabulary]:
        raise ValidationError(
            _("Unknown %(noun)s: %(unknown)s. Expected one or more of: %(known)s.")
            % {
                "noun": noun,
                "unknown": ", ".join(unknown),
                "known": ", ".join(sorted(str(known) for known in vocabulary)),
            }
        )
