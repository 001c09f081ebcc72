"""How promises are made, moved, proved and closed, and how slipping ones go up."""

from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from throughline.decisions.commitments import rules
from throughline.decisions.commitments.escalation import escalate_silence, escalate_slips
from throughline.decisions.commitments.models import Commitment, Proof, Slip
from throughline.evidence.agreements.models import Agreement
from throughline.ledger.actions import name_of, record
from throughline.members.accounts.models import Person
from throughline.members.groups.models import Group
from throughline.policy.deadlines import is_overdue
from throughline.signals.models import Signal

SILENT_DAYS = 7  # an overdue promise that nobody moves goes to the deputy after a week


@transaction.atomic
def make_commitment(
    *,
    what: str,
    owner: Person,
    deputy: Person,
    due_on: date,
    by: Person,
    at: datetime,
    group: Group | None = None,
    signal: Signal | None = None,
    measure: str = "",
    paid_from: str = "",
    agreement: Agreement | None = None,
) -> Commitment:
    """Write a promise down. The same open promise made again is that promise, not a second one.

    Raises ValidationError where the deputy is the owner, one of them has left, the day is past, the signal is
    closed, or nobody defines the measure.
    """
    # The owner's row is held, so that of two clicks the second finds the promise of the first.
    owner = Person.objects.select_for_update(no_key=True).get(pk=owner.pk)
    what = what.strip()
    known = Commitment.objects.open().filter(
        what=what, owner=owner, due_on=due_on, signal=signal, group=group
    )
    if first := known.first():
        return first
    rules.check_promise(what, owner, deputy, due_on, signal, on=timezone.localdate(at))
    rules.check_measure(measure)
    commitment = Commitment(
        what=what, owner=owner, deputy=deputy, due_on=due_on, first_due_on=due_on, group=group, signal=signal,
        measure=measure, paid_from=paid_from, agreement=agreement, made_at=at, made_by=by,
    )  # fmt: skip
    commitment.clean_fields(exclude=["owner", "deputy", "made_by", "group", "signal", "agreement"])
    commitment.save()
    detail = {"signal": name_of(signal)} if signal else {}
    record("make_commitment", by=by, at=at, subject=commitment, detail=detail)
    return commitment


@transaction.atomic
def move_due_date(*, commitment: Commitment, to_on: date, reason: str, by: Person, at: datetime) -> Slip:
    """Move the day to a later one. Up to the due date that is a renegotiation; afterwards it is a slip.

    From the third slip on, each raises a signal for the group's chair.
    """
    _lock_open(commitment)
    last = commitment.slips.last()
    if last and (last.to_on, last.asked_by_id, last.reason) == (to_on, by.pk, reason.strip()):
        return last  # the same click twice
    on = timezone.localdate(at)
    rules.check_move(commitment, to_on, reason, on=on)
    slip = Slip.objects.create(
        commitment=commitment, from_on=commitment.due_on, to_on=to_on, reason=reason.strip(),
        counts=is_overdue(commitment.due_on, on), asked_at=at, asked_by=by,
    )  # fmt: skip
    commitment.due_on = to_on
    commitment.save(update_fields=["due_on"])
    detail = {"from": str(slip.from_on), "to": str(slip.to_on), "counts": slip.counts}
    record("move_due_date", by=by, at=at, subject=commitment, detail=detail)
    if slip.counts:
        escalate_slips(commitment, by=by, at=at)
    return slip


@transaction.atomic
def give_proof(
    *,
    commitment: Commitment,
    kind: str,
    statement: str,
    by: Person,
    at: datetime,
    link: str = "",
    number: Any = None,
    file: File | None = None,
) -> Proof:
    """Add a reason to believe it: a link, a number, a file, or a named person's word."""
    _lock_open(commitment)
    proof = Proof(
        commitment=commitment, kind=kind, statement=statement.strip(), link=link, number=number,
        file=file or "", given_at=at, given_by=by,
    )  # fmt: skip
    rules.check_proof(proof)
    if first := _same_proof(proof):
        return first
    proof.save()
    record("give_proof", by=by, at=at, subject=commitment, detail={"kind": str(kind)})
    return proof


@transaction.atomic
def close_commitment(
    *,
    commitment: Commitment,
    outcome: str,
    note: str = "",
    proof: dict[str, Any] | None = None,
    by: Person,
    at: datetime,
) -> Commitment:
    """Close it, once: done with at least one proof, or dropped with a reason.

    `proof` holds the arguments of `give_proof`, for a proof that comes with the closing.
    """
    _lock_open(commitment)
    if proof:
        give_proof(commitment=commitment, by=by, at=at, **proof)
    rules.check_closing(commitment, outcome, note)
    commitment.outcome, commitment.closing_note = outcome, note.strip()
    commitment.closed_by, commitment.closed_at = by, at
    commitment.save()
    record("close_commitment", by=by, at=at, subject=commitment, detail={"outcome": str(outcome)})
    return commitment


def escalate_overdue(*, on: date, by: object, at: datetime) -> list[Signal]:
    """Raise a signal for the deputy of each promise overdue by a week; returns those that are new.

    Once per due date: a promise that is moved and forgotten again goes up again.
    """
    silent = Commitment.objects.overdue(on - timedelta(days=SILENT_DAYS - 1)).select_related(
        "deputy", "group"
    )
    raised = [escalate_silence(commitment, on=on, by=by, at=at) for commitment in silent]
    return [signal for signal, is_new in raised if is_new]


def _lock_open(commitment: Commitment) -> None:
    """Read the row anew and hold it, so that of two clicks the second sees what the first has done."""
    commitment.refresh_from_db(from_queryset=Commitment.objects.select_for_update())
    if commitment.closed_at:
        raise ValidationError(_("This commitment is closed already."), code="closed")


def _same_proof(proof: Proof) -> Proof | None:
    """What this person has given already, word for word and byte for byte."""
    facts = {name: getattr(proof, name) for name in ("kind", "statement", "link", "number", "given_by")}
    alike = proof.commitment.proofs.filter(**facts)
    return next((other for other in alike if _same_file(proof, other)), None)


def _same_file(new: Proof, stored: Proof) -> bool:
    if not (new.file and stored.file):
        return bool(new.file) == bool(stored.file)
    with stored.file.open("rb") as kept:
        same = new.file.read() == kept.read()
    new.file.seek(0)
    return same
