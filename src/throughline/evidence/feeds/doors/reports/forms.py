"""The four questions about an overdose, and those that may stay open."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from throughline.members.places.models import Place

_OUTCOMES = [("nonfatal", _("The person lived")), ("fatal", _("The person died"))]
_DOSES = [
    ("none", _("None")),
    ("single", _("One dose")),
    ("multiple", _("Several doses")),
    ("unknown", _("Not known")),
]
_SEXES = [("", _("Not known")), ("female", _("Female")), ("male", _("Male")), ("other", _("Other"))]
_YES_NO = [("", _("Not known")), ("yes", _("Yes")), ("no", _("No"))]


class ReportForm(forms.Form):
    """`now` bounds when it happened. A report that is sent again under the same `entry_id` replaces the first."""

    occurred_at = forms.DateTimeField(
        label=_("When"), widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    place = forms.ModelChoiceField(
        Place.objects.filter(children=None).order_by("name"),
        label=_("Place"),
        help_text=_("Where it was. Choose the place, or give its coordinates."),
        to_field_name="code",
        required=False,
    )
    latitude = forms.FloatField(label=_("Latitude"), min_value=-90, max_value=90, required=False)
    longitude = forms.FloatField(label=_("Longitude"), min_value=-180, max_value=180, required=False)
    outcome = forms.ChoiceField(label=_("Outcome"), choices=_OUTCOMES, widget=forms.RadioSelect)
    naloxone = forms.ChoiceField(label=_("Naloxone"), choices=_DOSES, widget=forms.RadioSelect)
    primary_drug = forms.CharField(label=_("Drug suspected"), max_length=100, required=False)
    additional_drugs = forms.CharField(label=_("Other drugs suspected"), max_length=200, required=False)
    age = forms.IntegerField(label=_("Age, in years"), min_value=0, max_value=120, required=False)
    sex = forms.ChoiceField(label=_("Sex"), choices=_SEXES, required=False)
    transported = forms.ChoiceField(label=_("Taken to a hospital"), choices=_YES_NO, required=False)
    case_number = forms.CharField(label=_("Case number"), max_length=60, required=False)
    notes = forms.CharField(
        label=_("Notes"),
        help_text=_("Name no person."),
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        required=False,
    )
    # Made with the page: sent twice, by an impatient thumb or a shaky connection, it is one report.
    entry_id = forms.CharField(
        max_length=60, widget=forms.HiddenInput, initial=lambda: uuid4().hex, required=False
    )

    def __init__(self, *arguments: Any, now: datetime, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._now = now
        self.fields["occurred_at"].widget.attrs["max"] = f"{timezone.localtime(now):%Y-%m-%dT%H:%M}"

    def clean_occurred_at(self) -> datetime:
        occurred_at = self.cleaned_data["occurred_at"]
        if occurred_at > self._now:
            raise forms.ValidationError(_("This is in the future."))
        return occurred_at

    def clean(self) -> dict[str, Any]:
        known = self.cleaned_data
        is_point = known.get("latitude") is not None, known.get("longitude") is not None
        if any(is_point) != all(is_point):
            self.add_error("longitude", _("Give both latitude and longitude, or neither."))
        elif not (all(is_point) or known.get("place")) and "place" not in self.errors:
            self.add_error("place", _("Say where it was: a place, or latitude and longitude."))
        return known

    def report(self) -> dict[str, Any]:
        """The answers, by the column that they go into."""
        known = self.cleaned_data
        place = known["place"].code if known["place"] else None
        return known | {"place": place, "entry_id": known["entry_id"] or uuid4().hex}
