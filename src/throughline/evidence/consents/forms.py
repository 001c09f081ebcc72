"""How a consent and an emergency are written down on a page."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from throughline.evidence.consents.models import is_patient_key, is_sha256
from throughline.evidence.consents.wording import INFORMATION, USES
from throughline.members.organizations.models import Organization

SHORT = {"rows": 3}
DAY = {"type": "date"}


def patient_field() -> forms.CharField:
    return forms.CharField(
        label=_("Key of the patient"),
        help_text=_(
            "The discloser's own key, never a name. A record belongs to it up to the first stroke: P-1/7."
        ),
        validators=[is_patient_key],
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class ConsentForm(forms.Form):
    patient = patient_field()
    discloser = forms.ModelChoiceField(Organization.objects.all(), label=_("Who may disclose"))
    recipients = forms.ModelMultipleChoiceField(
        Organization.objects.all(),
        label=_("To whom"),
        help_text=_("Hold Ctrl or Command to choose several."),
        required=False,
    )
    for_treating_providers = forms.BooleanField(label=_("Also to all who treat the patient"), required=False)
    intermediary = forms.ModelChoiceField(
        Organization.objects.all(), label=_("Through an intermediary"), required=False
    )
    uses = forms.MultipleChoiceField(
        label=_("For what"),
        help_text=_("Proceedings need a consent of their own."),
        choices=lambda: list(USES.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    scope = forms.MultipleChoiceField(
        label=_("Which information"),
        help_text=_("Counseling notes need a consent of their own."),
        choices=lambda: list(INFORMATION.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    signed_on = forms.DateField(label=_("Signed on"), widget=forms.DateInput(attrs=DAY))
    signature_sha256 = forms.CharField(
        label=_("SHA-256 of the signed paper"),
        help_text=_("The paper itself stays with the discloser."),
        validators=[is_sha256],
        max_length=64,
    )
    expires_on = forms.DateField(
        label=_("Last day"),
        help_text=_(
            "May be left empty for treatment, payment and operations together, or where an event ends it."
        ),
        required=False,
        widget=forms.DateInput(attrs=DAY),
    )
    expires_with = forms.CharField(
        label=_("Or the event or condition that ends it"),
        help_text=_("When it comes, revoke the consent."),
        required=False,
        max_length=200,
    )

    def facts(self) -> dict[str, Any]:
        """The arguments of `record_consent`."""
        facts = dict(self.cleaned_data)
        last, signed = facts.pop("expires_on"), facts.pop("signed_on")
        ends = _midnight(last + timedelta(days=1)) if last else None
        return facts | {"signed_at": _midnight(signed), "expires_at": ends}


class RevocationForm(forms.Form):
    reason = forms.CharField(label=_("Why it is revoked"), widget=forms.Textarea(SHORT))


class EmergencyForm(forms.Form):
    patient = patient_field()
    discloser = forms.ModelChoiceField(Organization.objects.all(), label=_("Whose records"))
    reason = forms.CharField(label=_("What the emergency is"), widget=forms.Textarea(SHORT))


class ReviewForm(forms.Form):
    was_justified = forms.TypedChoiceField(
        label=_("Was it a medical emergency?"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda answer: answer == "yes",
        widget=forms.RadioSelect,
    )
    finding = forms.CharField(label=_("What you found"), widget=forms.Textarea(SHORT))


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
