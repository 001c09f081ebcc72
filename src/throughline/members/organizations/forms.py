"""The form of an organization."""

from django import forms
from django.utils.translation import gettext_lazy as _

from throughline.members.organizations.models import Sector
from throughline.members.places.models import Place


class OrganizationForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)
    sector = forms.ChoiceField(label=_("Sector"), choices=[("", _("Choose one")), *Sector.choices])
    jurisdiction = forms.CharField(
        label=_("Jurisdiction"),
        required=False,
        help_text=_("The code of the place that the organization answers for, such as 17031."),
    )

    def clean_jurisdiction(self) -> Place | None:
        code = self.cleaned_data["jurisdiction"].strip()
        place = Place.objects.filter(code=code).first()
        if code and place is None:
            raise forms.ValidationError(_("No place has the code “%(code)s”."), params={"code": code})
        return place
