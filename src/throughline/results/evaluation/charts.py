"""Draws an effect: before and after, here and elsewhere."""

from datetime import datetime

from django.utils.translation import gettext as _

from throughline.results.evaluation.wording import Facts
from throughline.ui.charts import Chart, Series, bar_chart


def effect_chart(facts: Facts, *, as_of: datetime) -> Chart:
    """Events a week, since the two windows need not be equally long; withheld counts stay withheld."""
    here = [_weekly(facts.before, facts.before_days), _weekly(facts.after, facts.after_days)]
    elsewhere = [
        _weekly(facts.comparison_before, facts.before_days),
        _weekly(facts.comparison_after, facts.after_days),
    ]
    return bar_chart(
        title=_("Events a week, before and after"),
        labels=[_("Before"), _("After")],
        series=[
            Series(_("Here: places that help went to"), here, "main"),
            Series(_("Elsewhere: comparison places"), elsewhere, "second"),
        ],
        unit=_("a week"),
        as_of=as_of,
    )


def _weekly(count: int | None, days: int) -> float | None:
    return None if count is None else round(7 * count / days, 1)
