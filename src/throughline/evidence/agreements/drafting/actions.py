"""What is done with a draft: begun, reviewed by counsel, commented, answered, edited, sent for signature."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from throughline.evidence.agreements.clauses.library import library, newest
from throughline.evidence.agreements.clauses.writing import write_text
from throughline.evidence.agreements.drafting.terms import set_terms, terms_of, write_version
from throughline.evidence.agreements.models import Agreement, Comment, Stage, Version
from throughline.ledger.actions import record
from throughline.members.accounts.models import Person


@transaction.atomic
def amend_agreement(*, agreement: Agreement, by: Person, at: datetime) -> Agreement:
    """Draft what shall take the place of an agreement in force, with the same terms to begin with.

    The old one stays in force until every party has signed the new one; then the new one is, at once.
    """
    amended = Agreement.objects.select_for_update().get(pk=agreement.pk)
    _refuse_strangers(amended, by)
    if amended.stage(timezone.localdate(at)) not in (Stage.SIGNED, Stage.IN_FORCE):
        raise ValidationError(
            _("Only an agreement that all have signed, and that has not ended, is amended.")
        )
    if amended.amendment():
        raise ValidationError(_("An amendment is drafted already."))
    draft = Agreement(amends=amended, drafted_at=at, drafted_by=by)
    set_terms(draft, terms_of(amended))
    write_version(draft, by=by, at=at)
    record("amend_agreement", by=by, at=at, subject=amended, detail={"draft": draft.pk})
    return draft


@transaction.atomic
def send_to_review(*, agreement: Agreement, by: object, at: datetime) -> None:
    """Ask counsel of the parties for comments. While one is open, the draft can't be sent for signature."""
    agreement = _locked_draft(agreement, by, at)
    if agreement.review_began_at:
        raise ValidationError(_("Counsel has this draft already."))
    version = agreement.version or write_version(agreement, by=by, at=at)
    agreement.review_began_at, agreement.offered_at = at, None
    agreement.save(update_fields=["review_began_at", "offered_at"])
    record("send_to_review", by=by, at=at, subject=agreement, detail={"text": version.text_hash})


@transaction.atomic
def comment_on_clause(*, agreement: Agreement, term: str, text: str, by: Person, at: datetime) -> Comment:
    """Say what is wrong with a clause, or missing from it, for a party or the backbone."""
    agreement = _locked_draft(agreement, by, at)
    if agreement.stage(timezone.localdate(at)) != Stage.REVIEW or agreement.version is None:
        raise ValidationError(_("Comments are made while counsel has the draft."))
    if term not in {clause.term for clause in library(agreement.version.library)}:
        raise ValidationError(_("There is no clause “%(term)s”.") % {"term": term})
    comment = agreement.comments.create(
        version=agreement.version, term=term, text=_said(text), made_at=at, made_by=by
    )
    record("comment_on_clause", by=by, at=at, subject=agreement, detail={"clause": term})
    return comment


@transaction.atomic
def answer_comment(*, comment: Comment, answer: str, by: Person, at: datetime) -> Comment:
    """Say what was changed, or why nothing was. Once."""
    comment = Comment.objects.select_for_update(of=("self",)).select_related("agreement").get(pk=comment.pk)
    _refuse_strangers(comment.agreement, by)
    if comment.answered_at:
        raise ValidationError(_("This comment was answered already."))
    comment.answer, comment.answered_at, comment.answered_by = _said(answer), at, by
    comment.save()
    record("answer_comment", by=by, at=at, subject=comment.agreement, detail={"clause": comment.term})
    return comment


@transaction.atomic
def revise_agreement(
    *, agreement: Agreement, terms: Mapping[str, Any], by: object, at: datetime
) -> Version | None:
    """Give the draft new terms, named as `draft_agreement` names them; None where they say what they said.

    Its text becomes another version. Signatures under earlier ones stay, and don't count: the draft is sent for
    signature anew.
    """
    agreement = _locked_draft(agreement, by, at)
    before = agreement.version
    set_terms(agreement, terms)
    if before and write_text(agreement, number=before.number, version=newest()) == before.text:
        return None
    version = write_version(agreement, by=by, at=at)
    lapsed = agreement.signatures.of_text(before.text_hash).count() if before else 0
    agreement.offered_at = None
    agreement.save(update_fields=["offered_at"])
    detail = {"version": version.number, "text": version.text_hash, "lapsed": lapsed}
    record("revise_agreement", by=by, at=at, subject=agreement, detail=detail)
    return version


@transaction.atomic
def send_for_signature(*, agreement: Agreement, by: object, at: datetime) -> None:
    """Ask every party to sign the text as it is. Raises ValidationError while a comment is open."""
    agreement = _locked_draft(agreement, by, at)
    if agreement.offered_at:
        raise ValidationError(_("This text was sent for signature already."))
    if agreement.comments.open().exists():
        raise ValidationError(_("Answer counsel's comments first."))
    version = agreement.version or write_version(agreement, by=by, at=at)
    agreement.offered_at = at
    agreement.save(update_fields=["offered_at"])
    record("send_for_signature", by=by, at=at, subject=agreement, detail={"text": version.text_hash})


def _locked_draft(agreement: Agreement, by: object, at: datetime) -> Agreement:
    """The row, held. Raises ValidationError for what all have signed, for what has ended, and for strangers to it."""
    draft = Agreement.objects.select_for_update().get(pk=agreement.pk)
    _refuse_strangers(draft, by)
    if draft.stage(timezone.localdate(at)) not in Stage.before_signing():
        raise ValidationError(_("This is no draft any more: its text stands as it is."))
    return draft


def _refuse_strangers(agreement: Agreement, by: object) -> None:
    if isinstance(by, Person) and not agreement.concerns(by):
        raise ValidationError(_("Only a party to this agreement can work on it, or the backbone."))


def _said(words: str) -> str:
    if not words.strip():
        raise ValidationError(_("Say what you mean in a sentence or two."))
    return words.strip()
