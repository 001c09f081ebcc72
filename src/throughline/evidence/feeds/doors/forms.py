"""What people fill in to let programs in."""

from django import forms
from django.utils.translation import gettext_lazy as _


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), help_text=_("The program or server that will hold it."), max_length=100
    )
