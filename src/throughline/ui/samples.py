"""Made-up content for the gallery."""

import math
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.utils.translation import gettext as _

from throughline.ui import charts, maps
from throughline.ui.forms import SampleForm

FIRST_DAY = date(2025, 3, 1)
AS_OF = datetime(2025, 4, 11, 6, 30, tzinfo=UTC)
DAYS = [FIRST_DAY + timedelta(days=day) for day in range(42)]
# A quiet month, a cluster, and three days of small counts that are withheld.
COUNTS = [3, 2, 4, 3, 5, 2, None, None, 3, 4, 2, 3, 5, 4, 3, 2, 4, 6, 3, 4, 2,
          3, 4, 5, 3, 4, 9, 14, 17, 12, 10, 8, 7, 5, 6, 4, 3, None, 4, 3, 5, 4]  # fmt: skip
AGE_GROUPS = ["15–24", "25–34", "35–44", "45–54", "55–64", "65+"]


def everything() -> dict[str, Any]:
    return {
        "tones": [
            (_("closed with proof"), "good"), (_("planned"), "neutral"),
            (_("due tomorrow"), "warning"), (_("3 days overdue"), "bad"),
        ],
        "message_tones": ["info", "success", "warning", "error"],
        "failed_form": SampleForm({"text": "", "due_on": "soon", "units": "0", "group": ""}),
        "page": Paginator(range(480), 50).page(4),
        "now": AS_OF,
        "line": line(), "bars": bars(), "ages": ages(), "spark": spark(),
        "boundaries": boundaries(), "dots": dots(),
    }  # fmt: skip


def line() -> charts.Chart:
    expected = [3.4 + math.sin(day / 5) / 2 for day in range(len(DAYS))]
    return charts.line_chart(
        title=_("Suspected overdoses per day, Riverside"),
        labels=DAYS,
        series=[charts.Series(_("Observed"), COUNTS)],
        band=charts.Band(
            _("Expected range"), [value - 2 for value in expected], [value + 3.5 for value in expected]
        ),
        marks=[charts.Mark(_("Alert threshold"), value=8), charts.Mark(_("Response began"), at=DAYS[28])],
        unit=_("events"),
        as_of=AS_OF,
    )


def bars() -> charts.Chart:
    return charts.bar_chart(
        title=_("Visits and naloxone kits per day"),
        labels=DAYS[:14],
        series=[
            charts.Series(_("Visits"), [12, 15, 9, 14, 18, 21, 8, 7, 16, 15, 19, 22, 20, 9]),
            charts.Series(_("Kits"), [8, 9, 5, None, 12, 15, 4, 4, 11, 9, 13, 16, 15, 6], tone="second"),
        ],
        as_of=AS_OF,
    )


def ages() -> charts.Chart:
    return charts.bar_chart(
        title=_("Deaths per 100,000 residents by age"),
        labels=AGE_GROUPS,
        series=[charts.Series(_("Rate"), [11.2, 34.8, 52.1, 47.9, 38.4, None])],
    )


def spark() -> charts.Sparkline:
    return charts.sparkline(title=_("Last six weeks: rose from 3 to 17, then back to 4"), values=COUNTS)


def boundaries() -> maps.PlaceMap:
    return maps.PlaceMap(
        title=_("Overdoses by tract, last 28 days"),
        shapes=[_tract(row, column) for row in range(6) for column in range(9)],
        unit=_("per 10,000 residents"),
        as_of=AS_OF,
    )


def dots() -> maps.PlaceMap:
    shapes = [_tract(row, column) for row in range(6) for column in range(9)]
    return maps.PlaceMap(
        title=_("The same places by their centres"),
        shapes=[maps.PlaceShape(**{**vars(shape), "boundary": None}) for shape in shapes],
        unit=_("per 10,000 residents"),
    )


def _tract(row: int, column: int) -> maps.PlaceShape:
    corners = [
        _corner(row + down, column + across) for down, across in [(0, 0), (0, 1), (1, 1), (1, 0), (0, 0)]
    ]
    longitude, latitude = _corner(row + 0.5, column + 0.5)
    near = math.hypot(row - 3, column - 6)
    return maps.PlaceShape(
        code=f"{row}{column}",
        name=_("Tract %(number)s") % {"number": f"{row + 1}.0{column + 1}"},
        latitude=latitude,
        longitude=longitude,
        boundary={"type": "Polygon", "coordinates": [corners]},
        value=None if (row, column) == (0, 8) else round(14 * math.exp(-near / 2), 1),
        highlighted=near < 1.2,
        url=f"#tract-{row}{column}",
    )


def _corner(row: float, column: float) -> tuple[float, float]:
    """A corner of a street grid that is not quite square, shared by the tracts that meet there."""
    return (
        -78.9 + 0.012 * (column + 0.3 * math.sin(2.1 * row + column)),
        42.86 + 0.009 * (row + 0.3 * math.sin(1.7 * column + 2 * row)),
    )
