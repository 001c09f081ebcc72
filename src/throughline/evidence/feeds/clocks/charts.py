"""Draws what a feed brought, day by day, beside what was usual then."""

from django.utils.translation import gettext as _

from throughline.evidence.feeds.clocks.queries import Clock
from throughline.ui.charts import MISSING, Band, Chart, Series, line_chart

SHOWN = 62


def size_chart(clock: Clock) -> Chart:
    """Accepted rows of the last days with a file, in the range that was usual by then."""
    shown = clock.arrivals[-SHOWN:]
    sizes = [clock.usual_size(arrival) for arrival in shown]
    return line_chart(
        title=_("Rows accepted on each day with a file"),
        series=[Series(_("Rows"), [arrival.rows for arrival in shown])],
        labels=[arrival.on for arrival in shown],
        band=Band(
            _("Usual range"),
            [size.low if size else MISSING for size in sizes],
            [size.high if size else MISSING for size in sizes],
        ),
        unit=_("rows"),
        as_of=clock.at,
    )
