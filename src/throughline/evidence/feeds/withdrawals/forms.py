"""How a withdrawal is explained and confirmed."""

from django import forms
from django.utils.translation import gettext_lazy as _


class WithdrawalForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"),
        help_text=_("Kept with the receipt and in the ledger. Name no person."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    confirmed = forms.BooleanField(label=_("Its events shall not count any more."))
