"""What may be chosen when an effect is measured."""

from django import forms
from django.utils.translation import gettext_lazy as _

from throughline.results.evaluation.actions import AFTER_DAYS, BASELINE_DAYS


class MeasureForm(forms.Form):
    after_days = forms.IntegerField(
        label=_("Days to look at after help moved"), min_value=7, max_value=365, initial=AFTER_DAYS
    )
    baseline_days = forms.IntegerField(
        label=_("Days to look at before the signal"),
        help_text=_("The signal's own days are left out: they were chosen for being high."),
        min_value=28,
        max_value=730,
        initial=BASELINE_DAYS,
    )
