"""Draws what a finding rests on: a chart of the days, a map and a table of the places."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from throughline.members.places.models import Place
from throughline.signals.models import Signal
from throughline.ui.charts import MISSING, Chart, Mark, Series, line_chart
from throughline.ui.maps import PlaceMap, PlaceShape


@dataclass(frozen=True)
class PlaceLine:
    place: Place
    observed: int | None
    expected: float | None


@dataclass(frozen=True)
class Evidence:
    """What the page shows of `signal.evidence`; a part that the finding doesn't have is None or empty."""

    chart: Chart | None
    map: PlaceMap | None
    lines: list[PlaceLine]
    facts: list[tuple[str, Any]]
    minimum_cell: int | None

    @property
    def has_figures(self) -> bool:
        return any(line.observed is not None for line in self.lines)


def evidence_of(
    signal: Signal, places: Iterable[Place], neighbours: Iterable[Place] = (), *, with_figures: bool
) -> Evidence:
    """The finding of a signal about `places`; `neighbours` are drawn around them on the map.

    Without figures the places are left: nothing that counts, nor anything that was worked out from counts.
    """
    found = signal.evidence if with_figures else {}
    lines = _lines(places, found.get("places", []))
    as_of = parse_datetime(found.get("as_of") or "")
    return Evidence(
        chart=_chart(signal, found["series"], as_of) if found.get("series") else None,
        map=_map(lines, neighbours, as_of) if lines else None,
        lines=lines,
        facts=_facts(found),
        minimum_cell=found.get("minimum_cell"),
    )


def _lines(places: Iterable[Place], counted: list[dict[str, Any]]) -> list[PlaceLine]:
    """The places of the signal with their figures, most events first."""
    figures = {line["code"]: line for line in counted}
    lines = [
        PlaceLine(
            place, figures.get(place.code, {}).get("observed"), figures.get(place.code, {}).get("expected")
        )
        for place in places
    ]
    return sorted(lines, key=lambda line: -(line.observed or 0))


def _chart(signal: Signal, series: dict[str, list[Any]], as_of: datetime | None) -> Chart:
    labels = [date.fromisoformat(day) for day in series["labels"]]
    drawn = [
        Series(_("Observed"), _values(series["observed"]), tone="main"),
        *(
            Series(name, _values(series[key]), tone=tone)
            for key, name, tone in [
                ("expected", _("Expected"), "second"),
                ("threshold", _("Threshold"), "bad"),
            ]
            if series.get(key)
        ),
    ]
    began = [Mark(_("The finding begins"), at=signal.begins_on)] if signal.begins_on else []
    return line_chart(title=_("Events per day"), series=drawn, labels=labels, as_of=as_of, marks=began)


def _values(values: list[float | None]) -> list[float]:
    """JSON's null is a day without a figure; in charts None would say that it was withheld."""
    return [MISSING if value is None else value for value in values]


def _map(lines: list[PlaceLine], neighbours: Iterable[Place], as_of: datetime | None) -> PlaceMap:
    """Colours compare places, so a single one is only marked."""
    several = len(lines) > 1
    found = [_shape(line.place, line.observed if several else None, highlighted=True) for line in lines]
    around = [_shape(place, None) for place in neighbours]
    return PlaceMap(
        title=_("Where"),
        shapes=[*around, *found],
        unit=_("events") if several else "",
        as_of=as_of,
        missing=_("not part of the finding"),
    )


def _shape(place: Place, observed: int | None, *, highlighted: bool = False) -> PlaceShape:
    return PlaceShape(
        code=place.code,
        name=place.name,
        latitude=place.latitude,
        longitude=place.longitude,
        boundary=place.boundary,
        value=MISSING if observed is None else observed,
        highlighted=highlighted,
        url=reverse("place", args=[place.code]),
    )


def _facts(found: dict[str, Any]) -> list[tuple[str, Any]]:
    """Label and value of each figure that the finding holds."""
    named = [
        ("observed", _("Observed")),
        ("expected", _("Expected")),
        ("recurrence_interval_days", _interval_name(found)),
        ("p_value", _("p-value")),
        ("looks", _("Nights that the p-value accounts for")),
    ]
    return [(name, _rounded(found[key])) for key, name in named if found.get(key) is not None]


def _interval_name(found: dict[str, Any]) -> str:
    """Where no simulated data set showed as much, the interval is only known to be longer."""
    return (
        _("By chance alone less than once in so many days")
        if found.get("is_bound")
        else _("By chance alone once in so many days")
    )


def _rounded(figure: float) -> float | int:
    rounded = float(f"{figure:.3g}")
    return figure if isinstance(figure, int) else int(rounded) if rounded.is_integer() else rounded
