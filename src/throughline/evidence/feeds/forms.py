"""How files, feeds and mappings come in through pages."""

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from throughline.formats.registry import known_formats
from throughline.indicators import INDICATORS
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization

LONGEST_PROMISE = 400  # days: a year and some grace


class UploadForm(forms.Form):
    file = forms.FileField(label=_("File"), help_text=_("As the agency exports it."))

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if file.size > settings.FEED_FILE_MAX_BYTES:
            raise forms.ValidationError(
                _("%(name)s is %(size)s. Files up to %(limit)s are taken; split it by date."),
                params={
                    "name": file.name,
                    "size": filesizeformat(file.size),
                    "limit": filesizeformat(settings.FEED_FILE_MAX_BYTES),
                },
            )
        return file


class FeedForm(forms.Form):
    key = forms.SlugField(
        label=_("Key"), help_text=_("Short and lasting, such as county-ems."), max_length=60
    )
    name = forms.CharField(label=_("Name"), max_length=200)
    format = forms.ChoiceField(
        label=_("What the files are"),
        help_text=_(
            "A standard's format needs no mapping of yours; for a table you say which column is what."
        ),
        choices=lambda: [(key, gettext(known.NAME)) for key, known in known_formats().items()],
        initial="tabular",
    )
    provider = forms.ModelChoiceField(Organization.objects.all(), label=_("Who sends it"))
    steward = forms.ModelChoiceField(
        Person.objects.select_related("organization"), label=_("Who answers for it"), required=False
    )
    expected_every_days = forms.IntegerField(
        label=_("Promised rhythm, in days"),
        help_text=_("Silence for twice as long raises a signal."),
        min_value=1,
        max_value=LONGEST_PROMISE,
        required=False,
    )
    counts_for = forms.MultipleChoiceField(
        label=_("Counts for"),
        help_text=_("Each overdose should be counted from one feed only."),
        choices=lambda: [(key, indicator.name) for key, indicator in INDICATORS.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    is_part2 = forms.BooleanField(
        label=_("Holds records of treatment (42 CFR Part 2)"),
        help_text=_(
            "A record is then shown to others only with the patient's consent. Its key must begin with the "
            "patient's: P-1041/7."
        ),
        required=False,
    )
