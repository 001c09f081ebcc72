"""The kinds of signal that feeds raise."""

from django.utils.translation import gettext_lazy as _

from throughline.signals.kinds import SignalKind, register

register(SignalKind(key="late_feed", name=_("Late feed"), hours_to_answer=72, owner_role="analyst"))
register(SignalKind(key="silent_feed", name=_("Silent feed"), hours_to_answer=24, owner_role="analyst"))
register(
    SignalKind(key="half_empty_feed", name=_("Half-empty feed"), hours_to_answer=48, owner_role="analyst")
)
register(SignalKind(key="gap_in_feed", name=_("Gap in a feed"), hours_to_answer=48, owner_role="analyst"))
register(
    SignalKind(key="drying_up_feed", name=_("Feed drying up"), hours_to_answer=168, owner_role="analyst")
)
