"""How a destruction is confirmed."""

from django import forms
from django.utils.translation import gettext_lazy as _


class DestructionForm(forms.Form):
    confirmed = forms.BooleanField(
        label=_("Destroy it for good."), error_messages={"required": _("Tick that it shall be destroyed.")}
    )
