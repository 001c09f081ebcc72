"""The kinds of signal that surveillance raises."""

from django.utils.translation import gettext_lazy as _

from throughline.signals.kinds import SignalKind, register

register(SignalKind(key="spike", name=_("Spike"), hours_to_answer=4, owner_role="analyst"))
register(SignalKind(key="hotspot", name=_("Hotspot"), hours_to_answer=24, owner_role="analyst"))
