"""What the address of a list of records must say."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from throughline.evidence.feeds.models import Feed
from throughline.evidence.surveillance.provenance.questions import (
    IDENTIFYING,
    PURPOSES,
    CountBehind,
    Reason,
    known_identifying,
)
from throughline.indicators import INDICATORS
from throughline.members.places.models import Place
from throughline.members.places.queries import codes_inside
from throughline.policy.sharing import Purpose


class ReasonForm(forms.Form):
    purpose = forms.ChoiceField(
        label=_("What for"),
        help_text=_("The agreement decides by this, and the ledger keeps it."),
        initial=Purpose.RESPONSE.value,
    )
    identifying = forms.MultipleChoiceField(
        label=_("Identifying fields besides"),
        help_text=_("Only what the question needs."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].choices = [(one.value, gettext(one.label)) for one in PURPOSES]
        self.fields["identifying"].choices = [(name, name.replace("_", " ")) for name in sorted(IDENTIFYING)]

    def reason(self) -> Reason:
        chosen = self.cleaned_data
        return Reason(Purpose(chosen["purpose"]), known_identifying(chosen["identifying"]))


class RecordsForm(ReasonForm):
    indicator = forms.ChoiceField(label=_("Which count"))
    feed = forms.ModelChoiceField(Feed.objects.all(), label=_("Of which feed"), to_field_name="key")
    start = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    end = forms.DateField(label=_("To"), widget=forms.DateInput(attrs={"type": "date"}))
    place = forms.ModelMultipleChoiceField(
        Place.objects.defer("boundary"), label=_("Where"), to_field_name="code", required=False
    )
    known_at = forms.DateTimeField(required=False, widget=forms.HiddenInput)  # the instant of a finding

    field_order = ["indicator", "feed", "start", "end", "place", "purpose", "identifying"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(key, gettext(indicator.name)) for key, indicator in INDICATORS.items()]
        self.fields["indicator"].choices = named

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or {}
        start, end = chosen.get("start"), chosen.get("end")
        if start and end and start > end:
            self.add_error("end", _("It ends on %(end)s, before it starts.") % {"end": end})
        return chosen

    def count(self, as_of: datetime | None = None) -> CountBehind:
        """`as_of` is the page's own; the instant in the address goes before it."""
        chosen = self.cleaned_data
        return CountBehind(
            feed=chosen["feed"],
            indicator=INDICATORS[chosen["indicator"]],
            start=chosen["start"],
            end=chosen["end"],
            places=codes_inside(chosen["place"]),
            as_of=chosen["known_at"] or as_of,
        )
