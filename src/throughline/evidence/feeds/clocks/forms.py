"""How the promised rhythm of a feed is set."""

from django import forms
from django.utils.translation import gettext_lazy as _

from throughline.evidence.feeds.forms import LONGEST_PROMISE


class PromiseForm(forms.Form):
    days = forms.IntegerField(
        label=_("Promised rhythm, in days"),
        help_text=_("From file to file. Leave it empty to go by what was learned."),
        min_value=1,
        max_value=LONGEST_PROMISE,
        required=False,
    )
