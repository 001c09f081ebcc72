"""The words that go with a publication."""

from django import forms
from django.utils.translation import gettext_lazy as _


class PublicationForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=200)
    summary = forms.CharField(
        label=_("In your own words: what happened, what was done, what comes next"),
        help_text=_(
            "Without figures: the page adds those that may be published. Months such as March 2026 are fine."
        ),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=4000,
    )
