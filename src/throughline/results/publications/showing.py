"""What a page needs to show a publication: inside as a preview, outside for everyone."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from throughline.results.evaluation.charts import effect_chart
from throughline.results.evaluation.wording import sentence
from throughline.results.publications.pages import Page

PROMISE_STATES = {
    "kept": (gettext_lazy("Kept"), "good"),
    "kept_late": (gettext_lazy("Kept, but late"), "warning"),
    "dropped": (gettext_lazy("Not kept: given up"), "bad"),
    "overdue": (gettext_lazy("Not kept yet, and overdue"), "bad"),
    "open": (gettext_lazy("Not due yet"), "neutral"),
}


def page_context(page: Page) -> dict[str, Any]:
    """The page with its sentence, chart, table and promises, in the reader's language."""
    facts = page.facts()
    return {
        "page": page,
        "facts": facts,
        "sentence": sentence(facts),
        "chart": effect_chart(facts, as_of=page.as_of),
        "rows": list(zip(_group_names(), page.table, strict=True)),
        "promises": [(promise, *_state(promise.state)) for promise in page.promises],
    }


def _state(state: str) -> tuple[Any, str]:
    return PROMISE_STATES.get(state, (state, "neutral"))


def _group_names() -> list[str]:
    return [_("Here: places that help went to"), _("Elsewhere: comparison places"), _("All these places")]
