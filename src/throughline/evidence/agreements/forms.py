"""How an agreement is written down on a page."""

from typing import Any

from django import forms
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

from throughline.evidence.agreements.limits import PRECISION_NAMES
from throughline.formats.event import EVENT_FIELDS
from throughline.members.organizations.models import Organization
from throughline.members.places.models import Place
from throughline.policy.precision import PRECISIONS, coarsest
from throughline.policy.sharing import Purpose

CLAUSED_TERMS = (
    *("purposes", "fields", "recipients", "dates", "precision", "rows"),
    *("forbidden_purposes", "law_enforcement", "onward"),
)
SHORT = {"rows": 3}
_OWN_FORM = {"precision", "only_measures", "only_places"}


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
    forbidden_purposes = forms.MultipleChoiceField(
        label=_("Forbidden to everyone"),
        help_text=_("Closes the feed for these, whatever other agreements allow."),
        required=False,
        choices=lambda: [(purpose.value, text(purpose.label)) for purpose in Purpose],
        widget=forms.CheckboxSelectMultiple,
    )
    precision = forms.MultipleChoiceField(
        label=_("Told roughly"),
        help_text=_("Of two for one field, the coarser holds."),
        required=False,
        choices=lambda: [
            (f"{name}:{how}", f"{name}: {PRECISION_NAMES[how]}")
            for name, ways in PRECISIONS.items()
            for how in ways
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    only_measures = forms.CharField(
        label=_("Only records of these measures"),
        help_text=_("Such as overdose; several with commas between them. All, where empty."),
        required=False,
    )
    only_places = forms.ModelMultipleChoiceField(
        Place.objects.filter(children__isnull=False).distinct().defer("boundary"),
        label=_("Only records within these areas"),
        help_text=_("Everywhere, where none is chosen."),
        required=False,
    )
    onward_recipients = forms.ModelMultipleChoiceField(
        Organization.objects.all(),
        label=_("Whom recipients may pass it on to"),
        help_text=_("Nobody, where none is chosen."),
        required=False,
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
    dates_clause = forms.CharField(
        label=_("The sentence on dates"), required=False, widget=forms.Textarea(SHORT)
    )
    precision_clause = forms.CharField(
        label=_("The sentence on precision"), required=False, widget=forms.Textarea(SHORT)
    )
    rows_clause = forms.CharField(
        label=_("The sentence on which records"), required=False, widget=forms.Textarea(SHORT)
    )
    forbidden_purposes_clause = forms.CharField(
        label=_("The sentence on what is forbidden"), required=False, widget=forms.Textarea(SHORT)
    )
    law_enforcement_clause = forms.CharField(
        label=_("The sentence on law enforcement"),
        help_text=_("Needed where law enforcement may read."),
        required=False,
        widget=forms.Textarea(SHORT),
    )
    onward_clause = forms.CharField(
        label=_("The sentence on passing on"), required=False, widget=forms.Textarea(SHORT)
    )

    def facts(self) -> dict[str, Any]:
        """The arguments of `draft_agreement`."""
        cleaned = self.cleaned_data
        clauses = {term: cleaned[f"{term}_clause"] for term in CLAUSED_TERMS if cleaned[f"{term}_clause"]}
        facts = {
            name: value
            for name, value in cleaned.items()
            if not name.endswith("_clause") and name not in _OWN_FORM
        }
        precision = coarsest(*({name: how} for name, how in (one.split(":") for one in cleaned["precision"])))
        return facts | {"clauses": clauses, "precision": precision, "rows": self._rows()}

    def _rows(self) -> dict[str, list[str]]:
        measures = [word.strip() for word in self.cleaned_data["only_measures"].split(",") if word.strip()]
        places = [place.code for place in self.cleaned_data["only_places"]]
        return {name: values for name, values in (("measure", measures), ("place", places)) if values}


class TerminationForm(forms.Form):
    reason = forms.CharField(label=_("Why it ends"), widget=forms.Textarea(SHORT))
