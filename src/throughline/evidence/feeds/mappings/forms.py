"""How a mapping, or a file to try one out on, comes in through pages."""

import json
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from throughline.evidence.feeds.forms import UploadForm


@cache
def time_zones() -> list[tuple[str, str]]:
    """All that the machine knows; they are looked for in hundreds of files."""
    return [(zone, zone) for zone in sorted(available_timezones())]


class TryOutForm(UploadForm):
    """A file whose columns are looked at; nothing of it is stored."""

    time_zone = forms.ChoiceField(
        label=_("Time zone of its clocks"),
        help_text=_("Tables seldom say it themselves."),
        choices=time_zones,
        initial=lambda: settings.TIME_ZONE,
    )


class MappingForm(forms.Form):
    definition = forms.CharField(
        label=_("Mapping"),
        help_text=_("A JSON document; the guide to mappings describes each setting."),
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false"}),
    )

    def clean_definition(self) -> dict[str, Any]:
        try:
            return json.loads(self.cleaned_data["definition"])
        except json.JSONDecodeError as fault:
            raise forms.ValidationError(
                _("Line %(line)d, column %(column)d: %(message)s. Expected a JSON document."),
                params={"line": fault.lineno, "column": fault.colno, "message": fault.msg},
            ) from fault
        except RecursionError as fault:
            raise forms.ValidationError(_("The document is nested too deeply.")) from fault
