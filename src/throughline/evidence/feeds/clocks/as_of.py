"""Shows a page as it was on an earlier day: reads `?as_of=2026-03-08`, refuses what can't be, and keeps it in links."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

INSTANT = timedelta(microseconds=1)


class DayField(forms.DateField):
    """A day; what is none is quoted."""

    def to_python(self, value: object) -> date | None:
        try:
            return super().to_python(value)
        except forms.ValidationError as fault:
            message = _("“%(value)s” is not a day. Write it like 2026-03-08.")
            raise forms.ValidationError(message, params={"value": str(value)[:40]}) from fault


class AsOfForm(forms.Form):
    """The day to go back to; `today` is the last one that can be asked for."""

    as_of = DayField(
        label=gettext_lazy("As of"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        required=False,
    )

    def __init__(self, *args: object, today: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["as_of"].widget.attrs["max"] = today.isoformat()

    def clean_as_of(self) -> date | None:
        chosen = self.cleaned_data["as_of"]
        if chosen and chosen > self.today:
            raise forms.ValidationError(
                _("%(day)s has not come yet. Choose a day up to today, %(today)s."),
                params={"day": date_format(chosen), "today": date_format(self.today)},
            )
        return chosen


@dataclass(frozen=True)
class AsOf:
    """The instant that a page speaks of: now, or the end of the earlier day `on`.

    A page counts what was usable by `at`. Where the address holds no day that can be shown, it speaks of now and
    `form` says why.
    """

    at: datetime
    on: date | None
    form: AsOfForm

    @classmethod
    def of(cls, request: HttpRequest, *, now: datetime) -> "AsOf":
        today = timezone.localdate(now)
        form = AsOfForm({"as_of": request.GET.get("as_of", "")}, today=today)
        chosen = form.cleaned_data["as_of"] if form.is_valid() else None
        if chosen is None or chosen == today:
            return cls(now, None, form)
        return cls(end_of(chosen), chosen, form)

    @property
    def is_earlier(self) -> bool:
        return self.on is not None

    @property
    def query(self) -> str:
        """What links to other pages end with, so that they speak of the same day."""
        return f"?as_of={self.on.isoformat()}" if self.on else ""


def end_of(day: date) -> datetime:
    """The last instant of a local day."""
    midnight = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
    return midnight - INSTANT
