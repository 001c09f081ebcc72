"""The kinds of signal that feeds raise."""

from django.utils.translation import gettext_lazy as _

from throughline.signals.kinds import SignalKind, register

register(SignalKind(key="silent_feed", name=_("Silent feed"), hours_to_answer=24, owner_role="analyst"))
