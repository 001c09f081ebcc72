"""How form fields are drawn: which USWDS classes and which markup each widget needs."""

from dataclasses import dataclass

from django import forms
from django.forms import BoundField

# The first match counts: a subclass stands before its parent.
WIDGET_CLASSES: list[tuple[type[forms.Widget], str]] = [
    (forms.CheckboxSelectMultiple, "usa-checkbox__input"),
    (forms.RadioSelect, "usa-radio__input"),
    (forms.CheckboxInput, "usa-checkbox__input"),
    (forms.Select, "usa-select"),
    (forms.Textarea, "usa-textarea"),
    (forms.FileInput, "usa-file-input"),
    (forms.Widget, "usa-input"),
]
OPTION_KINDS = {"usa-checkbox__input": "usa-checkbox", "usa-radio__input": "usa-radio"}


@dataclass(frozen=True)
class Control:
    """A bound field with what its template asks: `options` is the class of each choice of a group."""

    field: BoundField
    options: str = ""
    is_tick: bool = False

    @property
    def target(self) -> str:
        """The id that a link in the error summary leads to."""
        return f"{self.field.auto_id}_group" if self.options else self.field.id_for_label


def dress(field: BoundField) -> Control:
    """Give the field's widget its USWDS class, beside classes that the form set."""
    widget = field.field.widget
    added = next(name for kind, name in WIDGET_CLASSES if isinstance(widget, kind))
    if field.errors and added in {"usa-input", "usa-textarea", "usa-select"}:
        added += " usa-input--error"
    known = widget.attrs.get("class", "").split()
    widget.attrs["class"] = " ".join(dict.fromkeys([*known, *added.split()]))
    is_group = isinstance(widget, forms.RadioSelect)  # CheckboxSelectMultiple is one as well
    return Control(
        field=field,
        options=OPTION_KINDS[added.split()[0]] if is_group else "",
        is_tick=isinstance(widget, forms.CheckboxInput),
    )
