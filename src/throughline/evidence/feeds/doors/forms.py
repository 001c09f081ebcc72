"""What people fill in to let programs in."""

from datetime import date, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

_A_YEAR = timedelta(days=365)


def _in_a_year() -> date:
    return timezone.localdate() + _A_YEAR


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), help_text=_("The program or server that will hold it."), max_length=100
    )
    # Browsers show the day in the reader's order but read and send ISO 8601 only.
    expires_on = forms.DateField(
        label=_("Its last day"),
        help_text=_("After it the program is turned away. Left open, the token works until it is revoked."),
        initial=_in_a_year,
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def clean_expires_on(self) -> date | None:
        expires_on: date | None = self.cleaned_data["expires_on"]
        if expires_on and expires_on < timezone.localdate():
            raise ValidationError(_("This day is past."))
        return expires_on
