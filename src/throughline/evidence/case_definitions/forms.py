"""How definitions come in through pages."""

import json
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from throughline.evidence.feeds.models import Feed

MOST_BYTES = 1_000_000


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


class VocabularyForm(forms.Form):
    """A newer code list, as a file."""

    file = forms.FileField(label=_("Code list"), help_text=_("A CSV file in UTF-8 of at most 1 MB."))
    dated_on = forms.DateField(
        label=_("As of"),
        help_text=_("The day as of which the list is right."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    source = forms.CharField(
        label=_("Source"), help_text=_("Who publishes it, and in which edition."), max_length=500
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(_("%(name)s is larger than 1 MB."), params={"name": file.name})
        try:
            self.cleaned_data["text"] = file.read().decode("utf-8-sig")
        except UnicodeDecodeError as fault:
            raise forms.ValidationError(
                _("%(name)s, byte %(byte)d: expected text in UTF-8; save it as “CSV UTF-8”."),
                params={"name": file.name, "byte": fault.start + 1},
            ) from fault
        return file


class PreviewedVocabularyForm(forms.Form):
    """The list that was previewed; it travels with the page, so that nothing is kept before it is adopted."""

    file = forms.CharField(widget=forms.HiddenInput, max_length=500)
    text = forms.CharField(widget=forms.HiddenInput, strip=False, max_length=MOST_BYTES)
    dated_on = forms.DateField(widget=forms.HiddenInput)
    source = forms.CharField(widget=forms.HiddenInput, max_length=500)
