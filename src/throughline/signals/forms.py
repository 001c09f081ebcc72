"""Which signals the list shows."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from throughline.members.accounts.models import Person
from throughline.signals.kinds import all_kinds
from throughline.signals.models import SignalQuerySet
from throughline.signals.queries import signals_late_first


class SignalFilter(forms.Form):
    """Read from the address; whatever it doesn't understand, it ignores."""

    SHOW = [("open", _("Open")), ("mine", _("Mine")), ("unowned", _("Nobody's")), ("all", _("All"))]

    show = forms.ChoiceField(label=_("Show"), choices=SHOW, required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("All kinds")), *((kind.key, kind.name) for kind in all_kinds())]
        self.is_valid()

    @property
    def shown(self) -> str:
        return self.cleaned_data.get("show") or "open"

    @property
    def is_narrowed(self) -> bool:
        return self.shown != "open" or bool(self.cleaned_data.get("kind"))

    def signals(self, person: Person, at: datetime) -> SignalQuerySet:
        found = signals_late_first(at)
        if self.shown != "all":
            found = found.waiting()
        if self.shown == "mine":
            found = found.owned_by(person)
        if self.shown == "unowned":
            found = found.filter(owner__isnull=True)
        kind = self.cleaned_data.get("kind")
        return found.filter(kind=kind) if kind else found
