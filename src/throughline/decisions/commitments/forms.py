"""Forms of promises: make, move, prove, close, and choose which to list."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from throughline.decisions.commitments.fields import PersonField
from throughline.decisions.commitments.models import Commitment, Proof
from throughline.decisions.commitments.queries import commitments_with_people
from throughline.evidence.agreements.models import Agreement
from throughline.indicators import INDICATORS
from throughline.members.accounts.models import Person
from throughline.members.groups.models import Group
from throughline.signals.models import Signal

PROOF_MAX_BYTES = 20_000_000  # a scan or a photograph; records about people don't belong here
SHORT = {"rows": 3}


def day_input() -> forms.DateInput:
    # Browsers show the day in the reader's order but read and send ISO 8601 only.
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class CommitmentForm(forms.Form):
    what = forms.CharField(
        label=_("What will be done"),
        max_length=300,
        help_text=_("One sentence that another person can check."),
    )
    owner = PersonField(label=_("Who does it"))
    deputy = PersonField(label=_("Who steps in"), help_text=_("The deputy: somebody else than the owner."))
    due_on = forms.DateField(label=_("Due on"), widget=day_input())
    group = forms.ModelChoiceField(
        Group.objects.all(), label=_("For which group"), required=False, empty_label=_("None")
    )
    measure = forms.ChoiceField(label=_("To move which measure"), required=False)
    paid_from = forms.CharField(label=_("Paid from"), max_length=200, required=False)
    agreement = forms.ModelChoiceField(
        Agreement.objects.none(), label=_("Under which agreement"), required=False, empty_label=_("None")
    )
    signal = forms.ModelChoiceField(
        Signal.objects.open(), label=_("Signal"), required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, sees_agreements: bool, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(key, gettext(indicator.name)) for key, indicator in INDICATORS.items()]
        self.fields["measure"].choices = [("", gettext("None")), *named]
        if sees_agreements:
            self.fields["agreement"].queryset = Agreement.objects.in_force(on)
        else:
            del self.fields["agreement"]


class MoveForm(forms.Form):
    to_on = forms.DateField(label=_("New day"), widget=day_input())
    reason = forms.CharField(label=_("Why it needs longer"), widget=forms.Textarea(SHORT))


class ProofForm(forms.Form):
    kind = forms.ChoiceField(label=_("What proves it"), choices=Proof.Kind, initial=Proof.Kind.ATTESTATION)
    statement = forms.CharField(label=_("What was done"), widget=forms.Textarea(SHORT))
    link = forms.URLField(label=_("Link"), required=False, assume_scheme="https")
    number = forms.DecimalField(label=_("Number"), max_digits=14, decimal_places=2, required=False)
    file = forms.FileField(label=_("File"), required=False, help_text=_("At most 20 MB."))

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and file.size > PROOF_MAX_BYTES:
            raise forms.ValidationError(
                _("%(name)s has %(megabytes)d MB, expected at most 20 MB.")
                % {"name": file.name, "megabytes": file.size // 1_000_000}
            )
        return file


class DropForm(forms.Form):
    note = forms.CharField(label=_("Why it is dropped"), widget=forms.Textarea(SHORT))


class CommitmentFilter(forms.Form):
    """Read from the address; whatever it doesn't understand, it ignores."""

    SHOW = [("open", _("Open")), ("overdue", _("Overdue")), ("mine", _("Mine")), ("all", _("All"))]

    show = forms.ChoiceField(choices=SHOW, required=False)

    @property
    def shown(self) -> str:
        return (self.is_valid() and self.cleaned_data["show"]) or "open"

    def commitments(self, person: Person, on: date) -> QuerySet[Commitment]:
        found = commitments_with_people()
        chosen = {
            "open": found.open(),
            "overdue": found.overdue(on),
            "mine": found.of(person).open(),
            "all": found.order_by("-closed_at", "due_on", "pk"),
        }
        return chosen[self.shown]
