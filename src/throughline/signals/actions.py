"""How signals are raised, handed on, acknowledged and closed."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from throughline.ledger.actions import name_of, record
from throughline.members.accounts.models import Person
from throughline.members.places.models import Place
from throughline.signals.kinds import kind_of
from throughline.signals.models import Signal, Verdict
from throughline.signals.queries import backbone_holder


@transaction.atomic
def raise_signal(
    *,
    kind: str,
    fingerprint: str,
    title: str,
    sentence: str = "",
    places: Iterable[Place] = (),
    begins_on: date | None = None,
    ends_on: date | None = None,
    evidence: dict[str, Any] | None = None,
    owner: Person | None = None,
    by: object,
    at: datetime,
) -> tuple[Signal, bool]:
    """The signal with this fingerprint, and whether it is new; one that is known stays as it is.

    Its clock runs for the kind's hours. Without an owner it goes to the backbone's seat of the kind's role,
    or to nobody where that seat is empty. A long title is cut, since a finding must not be lost for a name.
    Raises KeyError for a kind that no app has registered.
    """
    of_kind = kind_of(kind)
    signal, is_new = Signal.objects.get_or_create(
        fingerprint=fingerprint,
        defaults={
            "kind": kind,
            "title": Truncator(title).chars(Signal._meta.get_field("title").max_length),
            "sentence": sentence,
            "begins_on": begins_on,
            "ends_on": ends_on,
            "evidence": evidence or {},
            "owner": owner or partial(backbone_holder, of_kind.owner_role, on=timezone.localdate(at)),
            "raised_at": at,
            "due_at": at + timedelta(hours=of_kind.hours_to_answer),
        },
    )
    if is_new:
        signal.places.set(places)
        record(
            "raise_signal", by=by, at=at, subject=signal, detail={"kind": kind, "fingerprint": fingerprint}
        )
    return signal, is_new


@transaction.atomic
def assign_signal(*, signal: Signal, owner: Person, by: Person, at: datetime) -> Signal:
    """Name who answers. Assigning to the present owner changes nothing."""
    _lock_open(signal)
    if not owner.is_active:
        raise ValidationError(_("%(name)s has left. Choose somebody else.") % {"name": owner})
    if signal.owner_id == owner.pk:
        return signal
    signal.owner = owner
    signal.save(update_fields=["owner"])
    record("assign_signal", by=by, at=at, subject=signal, detail={"owner": name_of(owner)})
    return signal


@transaction.atomic
def acknowledge_signal(*, signal: Signal, by: Person, at: datetime) -> Signal:
    """Stop the clock: somebody is on it. Whoever acknowledges an unowned signal owns it from then on.

    Only the first acknowledgement counts; a second one changes nothing.
    """
    _lock_open(signal)
    if signal.acknowledged_at:
        return signal
    _mark_acknowledged(signal, by=by, at=at)
    signal.save()
    record("acknowledge_signal", by=by, at=at, subject=signal)
    return signal


@transaction.atomic
def end_signal(*, signal: Signal, because: str, by: object, at: datetime) -> bool:
    """Say that what it tells of has ended by itself, so that nobody need answer any more; whether this is news.

    An end is told once, and not of a signal that somebody has closed.
    """
    signal.refresh_from_db(from_queryset=Signal.objects.select_for_update())
    if signal.closed_at or signal.over_at:
        return False
    signal.over_at, signal.over_because = at, because
    signal.save(update_fields=["over_at", "over_because"])
    record("end_signal", by=by, at=at, subject=signal, detail={"because": because})
    return True


@transaction.atomic
def close_signal(*, signal: Signal, verdict: str, note: str = "", by: Person, at: datetime) -> Signal:
    """Close it with a verdict, once. Closing acknowledges what nobody had acknowledged."""
    _lock_open(signal)
    if verdict not in Verdict.values:
        raise ValidationError(_("Choose what came of it."))
    if verdict == Verdict.FALSE_ALARM and not note.strip():
        raise ValidationError(_("Say why it is a false alarm: the next one like it will be judged by this."))
    if not signal.acknowledged_at:
        _mark_acknowledged(signal, by=by, at=at)
    signal.verdict, signal.closing_note = verdict, note.strip()
    signal.closed_by, signal.closed_at = by, at
    signal.save()
    record("close_signal", by=by, at=at, subject=signal, detail={"verdict": str(verdict)})
    return signal


def _lock_open(signal: Signal) -> None:
    """Read the row anew and hold it, so that of two clicks the second sees what the first has done."""
    signal.refresh_from_db(from_queryset=Signal.objects.select_for_update())
    if signal.closed_at:
        raise ValidationError(_("This signal is closed already."), code="closed")


def _mark_acknowledged(signal: Signal, *, by: Person, at: datetime) -> None:
    signal.acknowledged_at, signal.acknowledged_by = at, by
    signal.owner = signal.owner or by
