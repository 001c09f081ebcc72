"""How definitions come in through pages."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from throughline.evidence.feeds.models import Feed


class DefinitionForm(forms.Form):
    document = forms.CharField(
        label=_("Definition"),
        help_text=_(
            "A JSON document; the reference describes each setting. The version's number is given on adoption."
        ),
        widget=forms.Textarea(attrs={"rows": 28, "spellcheck": "false"}),
    )
    note = forms.CharField(
        label=_("Why"),
        help_text=_("Needed to adopt it; it stays with the version."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean_document(self) -> dict[str, Any]:
        try:
            document = json.loads(self.cleaned_data["document"])
        except (json.JSONDecodeError, RecursionError) as fault:
            line, column = getattr(fault, "lineno", 1), getattr(fault, "colno", 1)
            raise forms.ValidationError(
                _("Line %(line)d, column %(column)d: expected a JSON document."),
                params={"line": line, "column": column},
            ) from fault
        if not isinstance(document, dict):
            raise forms.ValidationError(_("Expected an object in braces."))
        return document


class ChoiceForm(forms.Form):
    """Feeds that a definition counts."""

    feed = forms.ModelChoiceField(Feed.objects.all(), label=_("Feed"), to_field_name="key")
