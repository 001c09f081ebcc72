"""Sends promises that slip or go silent up to somebody who can help."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from throughline.decisions.commitments.models import Commitment
from throughline.decisions.commitments.queries import chair_of
from throughline.members.accounts.models import Person
from throughline.policy.deadlines import escalates
from throughline.signals.actions import raise_signal
from throughline.signals.models import Signal


def escalate_silence(commitment: Commitment, *, on: date, by: object, at: datetime) -> tuple[Signal, bool]:
    deputy = commitment.deputy if commitment.deputy.is_active else chair_of(commitment.group, on=on)
    return raise_signal(
        kind="overdue_promise",
        fingerprint=f"overdue_promise:{commitment.pk}:{commitment.due_on}",
        title=_("Overdue: %(what)s") % {"what": commitment.what},
        sentence=_("Due on %(due)s, and neither done nor moved. Its deputy is asked to step in.")
        % {"due": date_format(commitment.due_on)},
        evidence=_evidence(commitment),
        owner=deputy,
        by=by,
        at=at,
    )


def escalate_slips(commitment: Commitment, *, by: Person, at: datetime) -> None:
    slips = commitment.slips.filter(counts=True).count()
    if not escalates(slips):
        return
    raise_signal(
        kind="slipping_promise",
        fingerprint=f"slipping_promise:{commitment.pk}:{slips}",
        title=_("Slipping: %(what)s") % {"what": commitment.what},
        sentence=_("Its due date passed and was moved %(slips)d times. Is it still the right promise?")
        % {"slips": slips},
        evidence=_evidence(commitment) | {"slips": slips},
        owner=chair_of(commitment.group, on=timezone.localdate(at)),
        by=by,
        at=at,
    )


def _evidence(commitment: Commitment) -> dict[str, Any]:
    return {
        "commitment": commitment.pk,
        "what": commitment.what,
        "due_on": str(commitment.due_on),
    }
