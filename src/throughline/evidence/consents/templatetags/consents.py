"""Purposes and kinds of information in words."""

from collections.abc import Iterable

from django import template

from throughline.evidence.consents.wording import INFORMATION, USES

register = template.Library()


@register.filter
def in_words(codes: Iterable[str]) -> str:
    return "; ".join(str(USES.get(code) or INFORMATION.get(code, code)) for code in codes)
