"""The kind of signal that agreements raise."""

from django.utils.translation import gettext_lazy as _

from throughline.signals.kinds import SignalKind, register

register(
    SignalKind(
        key="agreement_ending", name=_("Agreement ends"), hours_to_answer=168, owner_role="privacy_officer"
    )
)
