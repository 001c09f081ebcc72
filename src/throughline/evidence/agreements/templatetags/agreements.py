"""Purposes and fields of agreements in words."""

from collections.abc import Iterable

from django import template
from django.utils.translation import gettext

from throughline.evidence.agreements.limits import PRECISION_NAMES
from throughline.policy.sharing import Purpose

register = template.Library()


@register.filter
def purpose(code: str) -> str:
    return gettext(Purpose(code).label) if code in set(Purpose) else code


@register.filter
def precision(how: str) -> str:
    return str(PRECISION_NAMES.get(how, how))


@register.filter
def field_name(name: str) -> str:
    return name.replace("_", " ")


@register.filter
def field_names(names: Iterable[str]) -> str:
    """The names as agreements on paper write them: "age group, occurred at"."""
    return ", ".join(name.replace("_", " ") for name in sorted(names))
