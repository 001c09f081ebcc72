"""Asking for a look at a day."""

from django import forms
from django.utils.translation import gettext_lazy as _


class DetectionForm(forms.Form):
    on = forms.DateField(label=_("Last day to look at"), widget=forms.DateInput(attrs={"type": "date"}))
