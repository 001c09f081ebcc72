"""The forms of people."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from throughline.members.organizations.models import Organization


class PersonForm(forms.Form):
    full_name = forms.CharField(label=_("Full name"), max_length=200)
    email = forms.EmailField(
        label=_("E-mail"), required=False, help_text=_("Needed to sign in and to be asked for an answer.")
    )
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    organization = forms.ModelChoiceField(
        label=_("Organization"), queryset=Organization.objects.all(), required=False, empty_label=_("None")
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, initial="en")


class PersonChangeForm(PersonForm):
    is_active = forms.BooleanField(
        label=_("Takes part"), required=False, help_text=_("Someone who has left can't sign in any more.")
    )
