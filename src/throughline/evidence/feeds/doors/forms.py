"""What people fill in to let programs in."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_A_YEAR = timedelta(days=365)


class TokenForm(forms.Form):
    """`today` is the first day that may be a token's last; a year from it is suggested."""

    name = forms.CharField(
        label=_("Name"), help_text=_("The program or server that will hold it."), max_length=100
    )
    # Browsers show the day in the reader's order but read and send ISO 8601 only.
    expires_on = forms.DateField(
        label=_("Its last day"),
        help_text=_("After it the program is turned away. Left open, the token works until it is revoked."),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def __init__(self, *arguments: Any, today: date, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._today = today
        self.fields["expires_on"].initial = today + _A_YEAR

    def clean_expires_on(self) -> date | None:
        expires_on: date | None = self.cleaned_data["expires_on"]
        if expires_on and expires_on < self._today:
            raise ValidationError(_("This day is past."))
        return expires_on
