"""What a promise, its moves, its proofs and its closing must hold."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from throughline.decisions.commitments.models import Commitment, Outcome, Proof
from throughline.indicators import INDICATORS
from throughline.members.accounts.models import Person
from throughline.signals.models import Signal


def check_promise(
    what: str, owner: Person, deputy: Person, due_on: date, signal: Signal | None, *, on: date
) -> None:
    left = _("%(name)s has left. Choose somebody else.")
    _refuse(
        (not what, _("Say what will be done.")),
        (owner.pk == deputy.pk, _("The deputy must be somebody else than the owner.")),
        (not owner.is_active, left % {"name": owner}),
        (not deputy.is_active, left % {"name": deputy}),
        (
            due_on < on,
            _("The due date %(due)s is past. Choose today or a later day.") % {"due": date_format(due_on)},
        ),
        (signal is not None and not signal.is_open, _("This signal is closed already.")),
    )


def check_measure(measure: str) -> None:
    unknown = bool(measure) and measure not in INDICATORS
    _refuse((unknown, _("There is no measure “%(measure)s”.") % {"measure": measure}))


def check_move(commitment: Commitment, to_on: date, reason: str, *, on: date) -> None:
    present = {"due": date_format(commitment.due_on)}
    _refuse(
        (to_on <= commitment.due_on, _("Choose a day after %(due)s, the present due date.") % present),
        (
            to_on < on,
            _("The day %(day)s is past. Choose today or a later day.") % {"day": date_format(to_on)},
        ),
        (not reason.strip(), _("Say why it needs longer.")),
    )


def check_proof(proof: Proof) -> None:
    proof.clean_fields(exclude=["commitment", "given_by"])
    held = {"link": bool(proof.link), "number": proof.number is not None, "file": bool(proof.file)}
    missing = {
        "link": _("Give the link that proves it."),
        "number": _("Give the number that proves it."),
        "file": _("Choose the file that proves it."),
    }
    _refuse(*((not held[kind], missing[kind]) for kind in held if kind == proof.kind))


def check_closing(commitment: Commitment, outcome: str, note: str) -> None:
    unproved = outcome == Outcome.DONE and not commitment.proofs.exists()
    _refuse(
        (outcome not in Outcome.values, _("Choose whether it was done or dropped.")),
        (unproved, _("Done needs a proof: give one first.")),
        (outcome == Outcome.DROPPED and not note.strip(), _("Say why it is dropped.")),
    )


def _refuse(*faults: tuple[bool, str]) -> None:
    if found := [sentence for is_fault, sentence in faults if is_fault]:
        raise ValidationError(found)
