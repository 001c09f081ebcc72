"""Choosing one person among hundreds, by typing or by arrow keys."""

from typing import Any

from django import forms

from throughline.members.accounts.models import Person


class ComboBox(forms.Select):
    """A select that USWDS turns into a combo box; without JavaScript it stays a select."""

    template_name = "commitments/combo_box.html"


class PersonField(forms.ModelChoiceField):
    """Active people with their organizations, since names repeat."""

    widget = ComboBox

    def __init__(self, **kwargs: Any) -> None:
        everyone = Person.objects.filter(is_active=True).select_related("organization")
        super().__init__(everyone.order_by("full_name", "pk"), **kwargs)

    def label_from_instance(self, person: Person) -> str:
        return f"{person.full_name}, {person.organization}" if person.organization else person.full_name
