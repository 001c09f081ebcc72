"""How a neighbour is registered, months are chosen to be sent, and a document comes in."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

from throughline.evidence.feeds.models import Feed
from throughline.indicators import INDICATORS
from throughline.members.organizations.models import Organization

LARGEST = 5_000_000  # bytes: a decade of a state's counties
MONTH = {"type": "month"}


class NeighbourForm(forms.Form):
    organization = forms.ModelChoiceField(
        Organization.objects.filter(is_backbone=False), label=_("Who runs the other installation")
    )
    public_key = forms.CharField(
        label=_("Its public key"),
        help_text=_(
            "The 64 digits on its page of exchange. Have them read to you by somebody whom you know."
        ),
        max_length=100,
    )


class MonthField(forms.Field):
    """A month such as 2026-03; its first day."""

    widget = forms.TextInput(attrs=MONTH)

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        try:
            return datetime.strptime(f"{value}-01", "%Y-%m-%d").date()  # noqa: DTZ007 a day has no zone
        except ValueError as fault:
            raise forms.ValidationError(text("Enter a month such as 2026-03.")) from fault


class SendForm(forms.Form):
    feed = forms.ModelChoiceField(Feed.objects.order_by("name"), to_field_name="key", label=_("Which feed"))
    indicator = forms.ChoiceField(
        label=_("Of what"),
        choices=lambda: [(key, text(indicator.name)) for key, indicator in INDICATORS.items()],
    )
    first = MonthField(label=_("First month"))
    last = MonthField(label=_("Last month"))

    def facts(self) -> dict[str, Any]:
        """The arguments of `send_counts`."""
        return self.cleaned_data | {"feed": self.cleaned_data["feed"].key}


class DocumentForm(forms.Form):
    file = forms.FileField(label=_("Document"), help_text=_("The file as the other installation made it."))

    def text(self) -> str:
        """What a valid form brought; what is no UTF-8 is no document either, and read as such."""
        return str(self.cleaned_data["file"].read().decode("utf-8", errors="replace"))

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(text("The file is too large for a document of counts."))
        return file
