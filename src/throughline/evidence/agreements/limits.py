"""Checks that what an agreement limits can be kept, and isn't undone by what else it shares."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

from throughline.evidence.agreements.models import Agreement
from throughline.formats.selection import Filter
from throughline.policy.precision import coarseness
from throughline.policy.sharing import Purpose

PRECISION_NAMES = {
    "day": _("to the day"),
    "month": _("to the month"),
    "zip3": _("to the first three characters of its code"),
    "hundredth": _("to a hundredth of a degree"),
    "band": _("to ten years"),
}
COORDINATES = frozenset({"latitude", "longitude"})


def check_limits(agreement: Agreement) -> None:
    """Raises ValidationError with what is wrong, each with the term's name."""
    _check_purposes(agreement)
    _check_precision(agreement)
    _check_rows(agreement)


def _check_purposes(agreement: Agreement) -> None:
    if unknown := set(agreement.forbidden_purposes) - set(Purpose):
        words = ", ".join(sorted(unknown))
        raise ValidationError({"forbidden_purposes": text("Unknown purposes: %(words)s.") % {"words": words}})
    if both := set(agreement.forbidden_purposes) & set(agreement.purposes):
        words = ", ".join(sorted(both))
        raise ValidationError(
            {
                "forbidden_purposes": text("The same agreement allows and forbids: %(words)s.")
                % {"words": words}
            }
        )
    if Purpose.LAW_ENFORCEMENT in agreement.purposes and not agreement.clauses.get("law_enforcement"):
        raise ValidationError(
            {"clauses": text("Law enforcement needs a sentence of its own that says what it may do.")}
        )


def _check_precision(agreement: Agreement) -> None:
    try:
        for field, precision in agreement.precision.items():
            coarseness(field, precision)
    except ValueError as fault:
        raise ValidationError({"precision": str(fault)}) from fault
    if unshared := set(agreement.precision) - set(agreement.fields):
        raise ValidationError(
            {
                "precision": text("Told roughly, but not shared: %(fields)s.")
                % {"fields": ", ".join(sorted(unshared))}
            }
        )
    if "place" in agreement.precision and COORDINATES & set(agreement.fields):
        raise ValidationError(
            {"precision": text("A place can't be told roughly where its latitude and longitude are shared.")}
        )


def _check_rows(agreement: Agreement) -> None:
    try:
        Filter.where(**agreement.rows)
    except ValueError as fault:
        raise ValidationError({"rows": str(fault)}) from fault
    if empty := sorted(name for name, values in agreement.rows.items() if not values):
        raise ValidationError(
            {
                "rows": text("No value is named that records must have in: %(fields)s.")
                % {"fields": ", ".join(empty)}
            }
        )
