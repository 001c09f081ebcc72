"""Signals about promises that are not being kept."""

from django.utils.translation import gettext_lazy as _

from throughline.signals.kinds import SignalKind, register

SLIPPING_PROMISE = register(
    SignalKind(
        key="slipping_promise",
        name=_("Slipping promise"),
        hours_to_answer=72,
        owner_role="project_manager",
        evidence_template="commitments/promise_evidence.html",
    )
)
OVERDUE_PROMISE = register(
    SignalKind(
        key="overdue_promise",
        name=_("Overdue promise"),
        hours_to_answer=72,
        owner_role="project_manager",
        evidence_template="commitments/promise_evidence.html",
    )
)
