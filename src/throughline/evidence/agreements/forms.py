"""How an agreement is written down on a page."""

from typing import Any

from django import forms
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

from throughline.formats.event import EVENT_FIELDS
from throughline.members.organizations.models import Organization
from throughline.policy.sharing import Purpose

CLAUSED_TERMS = ("purposes", "fields", "recipients", "dates")
SHORT = {"rows": 3}


class AgreementForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=200)
    feed = forms.SlugField(
        label=_("Feed"), help_text=_("The key of the feed, such as county-ems."), max_length=60
    )
    provider = forms.ModelChoiceField(Organization.objects.all(), label=_("Who provides the data"))
    recipients = forms.ModelMultipleChoiceField(
        Organization.objects.all(),
        label=_("Who may read it"),
        help_text=_("Hold Ctrl or Command to choose several."),
    )
    purposes = forms.MultipleChoiceField(
        label=_("For what"),
        choices=lambda: [(purpose.value, text(purpose.label)) for purpose in Purpose],
        widget=forms.CheckboxSelectMultiple,
    )
    fields = forms.MultipleChoiceField(
        label=_("Which fields"),
        choices=lambda: [
            (name, f"{name}: {text(field.description)}") for name, field in EVENT_FIELDS.items()
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    minimum_cell = forms.IntegerField(
        label=_("Smallest count that may be shown outside"),
        help_text=_("Counts from 1 to one less than this are withheld."),
        min_value=2,
        initial=10,
    )
    starts_on = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    ends_on = forms.DateField(
        label=_("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    purposes_clause = forms.CharField(
        label=_("The sentence on purposes"), required=False, widget=forms.Textarea(SHORT)
    )
    fields_clause = forms.CharField(
        label=_("The sentence on fields"), required=False, widget=forms.Textarea(SHORT)
    )
    recipients_clause = forms.CharField(
        label=_("The sentence on recipients"), required=False, widget=forms.Textarea(SHORT)
    )
    dates_clause = forms.CharField(label=_("The sentence on dates"), required=False, widget=forms.Textarea)

    def facts(self) -> dict[str, Any]:
        """The arguments of `draft_agreement`."""
        cleaned = self.cleaned_data
        clauses = {term: cleaned[f"{term}_clause"] for term in CLAUSED_TERMS if cleaned[f"{term}_clause"]}
        facts = {name: value for name, value in cleaned.items() if not name.endswith("_clause")}
        return facts | {"clauses": clauses}


class TerminationForm(forms.Form):
    reason = forms.CharField(label=_("Why it ends"), widget=forms.Textarea(SHORT))
