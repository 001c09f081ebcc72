"""Whose access is asked about, to which feed, for what, on which day."""

from datetime import date

from django import forms
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

from throughline.evidence.agreements.queries import access_to
from throughline.evidence.feeds.models import Feed
from throughline.members.organizations.models import Organization
from throughline.policy.sharing import Access, Purpose


class AccessForm(forms.Form):
    organization = forms.ModelChoiceField(Organization.objects.all(), label=_("Who would read"))
    feed = forms.ModelChoiceField(
        Feed.objects.select_related("provider").order_by("name"), to_field_name="key", label=_("Which feed")
    )
    purpose = forms.ChoiceField(
        label=_("For what"),
        choices=lambda: [(purpose.value, text(purpose.label)) for purpose in Purpose],
    )
    on = forms.DateField(
        label=_("On which day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Today, unless you say another."),
    )

    def access(self, *, today: date) -> Access:
        """The answer to a valid form."""
        asked = self.cleaned_data
        return access_to(
            asked["feed"].key,
            provider=asked["feed"].provider,
            reader=asked["organization"],
            purpose=Purpose(asked["purpose"]),
            on=asked["on"] or today,
        )
