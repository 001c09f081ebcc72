"""How an agreement is written down on a page."""

from typing import Any

from django import forms
from django.forms import model_to_dict
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

from throughline.evidence.agreements.clauses.library import library, newest
from throughline.evidence.agreements.limits import PRECISION_NAMES
from throughline.evidence.agreements.models import Agreement, Tier
from throughline.formats.event import EVENT_FIELDS
from throughline.members.organizations.models import Organization
from throughline.members.places.models import Place
from throughline.policy.precision import PRECISIONS, coarsest
from throughline.policy.sharing import Purpose

_CLAUSE = "_clause"
SHORT = {"rows": 3}
_OWN_FORM = {"precision", "linkages", "only_measures", "only_places"}


class AgreementForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=200)
    tier = forms.ChoiceField(label=_("Kind"), choices=Tier.choices, initial=Tier.CONTRIBUTOR)
    parent = forms.ModelChoiceField(
        Agreement.objects.exclude(tier=Tier.LICENCE),
        label=_("Stands under"),
        help_text=_("It is in force only while that is, and may allow no more."),
        required=False,
    )
    feed = forms.SlugField(
        label=_("Feed"),
        help_text=_("The key of the feed, such as county-ems; none in a memorandum."),
        max_length=60,
        required=False,
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
        required=False,
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
    linkages = forms.CharField(
        label=_("Feeds whose records may be linked with these"),
        help_text=_("Their keys, parted by spaces. Empty: with none."),
        required=False,
    )
    breach_hours = forms.IntegerField(
        label=_("Hours until the provider is told of a breach"), min_value=1, initial=72
    )
    destruction_days = forms.IntegerField(
        label=_("Days after the end until all is destroyed"), min_value=1, initial=30
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """With a field for each clause of the library, for what the parties add to it."""
        super().__init__(*args, **kwargs)
        for clause in library(newest()):
            self.fields[f"{clause.term}_clause"] = forms.CharField(
                label=text("What you add to “%(clause)s”") % {"clause": clause.heading},
                required=False,
                widget=forms.Textarea(SHORT),
            )

    def terms(self) -> dict[str, Any]:
        """The terms, named as `draft_agreement` names them."""
        cleaned = self.cleaned_data
        added = {
            name.removesuffix(_CLAUSE): words for name, words in cleaned.items() if name.endswith(_CLAUSE)
        }
        plain = {
            name: value
            for name, value in cleaned.items()
            if not name.endswith(_CLAUSE) and name not in _OWN_FORM
        }
        return plain | {
            "clauses": {term: words for term, words in added.items() if words},
            "linkages": cleaned["linkages"].split(),
            "precision": coarsest(
                *({name: how} for name, how in (one.split(":") for one in cleaned["precision"]))
            ),
            "rows": self._rows(),
        }

    def _rows(self) -> dict[str, list[str]]:
        measures = [word.strip() for word in self.cleaned_data["only_measures"].split(",") if word.strip()]
        places = [place.code for place in self.cleaned_data["only_places"]]
        return {name: values for name, values in (("measure", measures), ("place", places)) if values}


def terms_to_show(agreement: Agreement) -> dict[str, Any]:
    """What the form holds at first where a draft is edited."""
    added = {f"{term}{_CLAUSE}": words for term, words in agreement.clauses.items()}
    shown = model_to_dict(agreement, fields=[*AgreementForm.base_fields])
    return (
        shown
        | added
        | {
            "linkages": " ".join(agreement.linkages),
            "precision": [f"{name}:{how}" for name, how in agreement.precision.items()],
            "only_measures": ", ".join(agreement.rows.get("measure", [])),
            "only_places": Place.objects.filter(code__in=agreement.rows.get("place", [])),
        }
    )


class TerminationForm(forms.Form):
    reason = forms.CharField(label=_("Why it ends"), widget=forms.Textarea(SHORT))


class CommentForm(forms.Form):
    term = forms.ChoiceField(label=_("Clause"))
    text = forms.CharField(
        label=_("What should change"), help_text=_("Name no patient."), widget=forms.Textarea(SHORT)
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["term"].choices = [(clause.term, clause.heading) for clause in library(newest())]


class AnswerForm(forms.Form):
    answer = forms.CharField(label=_("Your answer"), widget=forms.Textarea(SHORT))
