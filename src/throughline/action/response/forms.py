"""Forms of the steps of an answer."""

from django import forms
from django.utils.translation import gettext_lazy as _

from throughline.decisions.commitments.fields import PersonField
from throughline.signals.models import Verdict

SHORT = {"rows": 3}


class AssignForm(forms.Form):
    owner = PersonField(label=_("Who answers"))


class PlanForm(forms.Form):
    plan = forms.CharField(
        label=_("Plan"), widget=forms.Textarea(SHORT), help_text=_("Who goes where, when, with what.")
    )


class MovementForm(forms.Form):
    movement = forms.CharField(label=_("What help went where"), widget=forms.Textarea(SHORT))


class ClosingForm(forms.Form):
    verdict = forms.ChoiceField(label=_("What came of it"), choices=Verdict, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Note"),
        widget=forms.Textarea(SHORT),
        required=False,
        help_text=_("Needed for a false alarm, and where no commitment was done."),
    )
