"""The forms of groups and seats."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from throughline.members.access import ROLES
from throughline.members.accounts.models import Person
from throughline.members.groups.models import GroupKind
from throughline.members.organizations.models import Organization


class GroupForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=GroupKind.choices)
    purpose = forms.CharField(
        label=_("Purpose"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What will be different when the group has done its work."),
    )


class PersonField(forms.ModelChoiceField):
    """Anyone who takes part; two people of one name are told apart by their organizations."""

    def __init__(self, **options: Any) -> None:
        people = Person.objects.filter(is_active=True).select_related("organization")
        super().__init__(queryset=people, required=False, empty_label=_("Nobody yet"), **options)

    def label_from_instance(self, person: Person) -> str:
        return f"{person.full_name} ({person.organization})" if person.organization else person.full_name


class FillSeatForm(forms.Form):
    holder = PersonField(label=_("Holder"))
    deputy = PersonField(
        label=_("Deputy"), help_text=_("Has the same rights, and answers when the holder can't.")
    )


class SeatForm(FillSeatForm):
    title = forms.CharField(
        label=_("Title"), max_length=200, help_text=_("What the seat is for, such as “Jail re-entry”.")
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=lambda: [(key, f"{role.name}: {role.description}") for key, role in ROLES.items()],
    )
    organization = forms.ModelChoiceField(
        label=_("Kept for the organization"),
        queryset=Organization.objects.all(),
        required=False,
        empty_label=_("None"),
    )
    starts_on = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    ends_on = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    field_order = ("title", "role", "organization", "holder", "deputy", "starts_on", "ends_on")
