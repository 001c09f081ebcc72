"""Signals about agreements that end soon, raised once for each warning, and over when they are renewed or gone."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from throughline.evidence.agreements.models import Agreement, Stage
from throughline.signals.actions import end_signal, raise_signal
from throughline.signals.models import Signal

KIND = "agreement_ending"
WARNINGS = (7, 30, 90)
"""Days before the last day in force."""


def watch_renewals(*, by: object, at: datetime) -> list[Signal]:
    """Say which earlier warnings are over, and raise those that are due; the new ones are returned."""
    due = {_fingerprint(agreement, warning): agreement for agreement, warning in _due(at)}
    for signal in Signal.objects.waiting().filter(kind=KIND).exclude(fingerprint__in=due):
        end_signal(signal=signal, because=_why_over(signal, at), by=by, at=at)
    raised = [_warn(fingerprint, agreement, by=by, at=at) for fingerprint, agreement in due.items()]
    return [signal for signal, is_new in raised if is_new]


def _due(at: datetime) -> list[tuple[Agreement, int]]:
    """Agreements in force that end within the longest warning, each with the last warning that is due."""
    on = timezone.localdate(at)
    ending = Agreement.objects.in_force(on).exclude(ends_on=None)
    left = [(agreement, (agreement.ends_on - on).days) for agreement in ending]
    return [
        (agreement, min(warning for warning in WARNINGS if days <= warning))
        for agreement, days in left
        if days <= max(WARNINGS)
    ]


def _fingerprint(agreement: Agreement, warning: int) -> str:
    return f"{KIND}:{agreement.pk}:{agreement.ends_on}:{warning}"


def _warn(fingerprint: str, agreement: Agreement, *, by: object, at: datetime) -> tuple[Signal, bool]:
    return raise_signal(
        kind=KIND,
        fingerprint=fingerprint,
        title=_("Agreement ends: %(title)s") % {"title": agreement.title},
        sentence=_(
            "“%(title)s” is in force up to %(day)s. From the day after, nothing of the feed %(feed)s is read under it. "
            "Amend it with a later last day, and have all parties sign."
        )
        % {"title": agreement.title, "day": agreement.ends_on, "feed": agreement.feed},
        ends_on=agreement.ends_on,
        evidence={"agreement": agreement.pk},
        by=by,
        at=at,
    )


def _why_over(signal: Signal, at: datetime) -> str:
    """What became of the agreement; where it is still in force, a nearer warning has taken this one's place."""
    agreement = Agreement.objects.get(pk=signal.evidence["agreement"])
    reasons = {
        Stage.AMENDED: _("The agreement was renewed."),
        Stage.TERMINATED: _("The agreement was terminated."),
        Stage.EXPIRED: _("The agreement has ended."),
        Stage.SUSPENDED: _("What the agreement stands under is no longer in force."),
    }
    nearer = _("A later warning of the same end has been raised.")
    return reasons.get(agreement.stage(timezone.localdate(at)), nearer)
