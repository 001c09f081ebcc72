"""The components as template tags; `/gallery/` shows each of them."""

from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.http import HttpRequest
from django.template.context import Context
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from throughline.ui.fields import Control, dress
from throughline.ui.panels import Panel
from throughline.ui.rail import entries_for

register = template.Library()

TONES = {"neutral", "good", "warning", "bad"}


@register.simple_tag
def status(label: Any, tone: str = "neutral") -> SafeString:
    """A small tag; the colour repeats what the words say."""
    if tone not in TONES:
        raise template.TemplateSyntaxError(f"status: tone is {tone!r}, expected one of {sorted(TONES)}")
    return format_html('<span class="tl-status tl-status--{}">{}</span>', tone, label)


@register.inclusion_tag("ui/empty_state.html")
def empty_state(text: Any, url: str = "", label: Any = "") -> dict[str, Any]:
    """What to do where a list would be."""
    return {"text": text, "url": url, "label": label}


@register.simple_tag
def when(moment: datetime | date | None) -> SafeString:
    """An instant or a day, in the reader's format; an en dash where there is none."""
    if moment is None:
        return format_html('<span class="tl-none">{}</span>', "–")
    if isinstance(moment, datetime):
        moment = timezone.localtime(moment)
        shown = formats.date_format(moment, "DATETIME_FORMAT")
    else:
        shown = formats.date_format(moment, "DATE_FORMAT")
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), shown)


@register.filter
def number(value: float | None) -> str:
    """A count with its thousands apart, in the reader's format; an en dash where there is none."""
    return "–" if value is None else formats.number_format(value, force_grouping=True)


@register.simple_tag(name="person")
def person_link(person: Any) -> SafeString:
    """A link to the person, or "nobody yet"."""
    if not person:
        return format_html('<span class="tl-none">{}</span>', gettext("nobody yet"))
    return format_html('<a href="{}">{}</a>', reverse("person", args=[person.pk]), person.full_name)


@register.inclusion_tag("ui/progress.html")
def progress(done: float, total: float, label: Any) -> dict[str, Any]:
    """How far long work has come."""
    share = round(100 * done / total) if total else 0
    return {"done": done, "total": total, "label": label, "share": share}


@register.inclusion_tag("ui/pagination.html", takes_context=True)
def pagination(context: Context, page_obj: Any) -> dict[str, Any]:
    """Links to the other pages of a list, keeping the filters of this one."""
    numbers = page_obj.paginator.get_elided_page_range(page_obj.number, on_each_side=1, on_ends=1)
    return {
        "request": context["request"],
        "page": page_obj,
        "numbers": list(numbers),
        "ellipsis": page_obj.paginator.ELLIPSIS,
    }


@register.inclusion_tag("ui/form_field.html")
def form_field(field: BoundField) -> dict[str, Control]:
    """One field with its label, hint and errors."""
    return {"control": dress(field)}


@register.inclusion_tag("ui/form_fields.html")
def form_fields(form: BaseForm) -> dict[str, Any]:
    """All fields of a form after a summary of what has to be mended."""
    return {"form": form, "controls": [dress(field) for field in form.visible_fields()]}


@register.simple_tag(takes_context=True)
def render_panel(context: Context, panel: Panel) -> SafeString:
    """A panel of Today, its context laid over the page's."""
    chosen = context.template.engine.get_template(panel.template)
    with context.push(**panel.context, panel=panel):
        return chosen.render(context)


@register.simple_tag(takes_context=True)
def chart(context: Context, drawn: Any) -> SafeString:
    """A chart made by `throughline.ui.charts`."""
    chosen = context.template.engine.get_template(drawn.template)
    with context.push(chart=drawn):
        return chosen.render(context)


@register.inclusion_tag("ui/place_map.html")
def place_map(drawn: Any) -> dict[str, Any]:
    """A map made by `throughline.ui.maps`."""
    return {"map": drawn}


@register.inclusion_tag("ui/rail.html", takes_context=True)
def rail(context: Context) -> dict[str, Any]:
    """The main sections, without those that would refuse this person."""
    request: HttpRequest = context["request"]
    return {"entries": entries_for(request)}


@register.filter
def alert_tone(level_tag: str) -> str:
    """The USWDS name of a message's level."""
    return level_tag if level_tag in {"success", "warning", "error"} else "info"
