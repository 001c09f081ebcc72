"""A form for the gallery, with one field of every kind."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SampleForm(forms.Form):
    text = forms.CharField(
        label=_("What will be done"), help_text=_("One sentence that another person can check.")
    )
    due_on = forms.DateField(label=_("Due on"), widget=forms.DateInput(attrs={"type": "date"}))
    units = forms.IntegerField(label=_("Units"), min_value=1, required=False)
    note = forms.CharField(label=_("Note"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    group = forms.ChoiceField(
        label=_("Group"), choices=[("", "—"), ("1", _("Harm reduction")), ("2", _("Treatment"))]
    )
    verdict = forms.ChoiceField(
        label=_("Is the signal real?"),
        choices=[("real", _("Real")), ("not_real", _("Not real"))],
        widget=forms.RadioSelect,
    )
    channels = forms.MultipleChoiceField(
        label=_("Tell them by"),
        choices=[("email", _("E-mail")), ("text", _("Text message"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    file = forms.FileField(label=_("File"), required=False)
    confirmed = forms.BooleanField(label=_("I have told the owner"))
