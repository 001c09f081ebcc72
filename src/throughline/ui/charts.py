"""Charts drawn on the server as SVG, each with its table, its "as of" and its "withheld" marks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter
from string import ascii_uppercase
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext

from throughline.ui import plots, scales

MISSING = math.nan  # a value that never came; None is a value that is withheld for privacy


@dataclass(frozen=True)
class Series:
    """Values in the order of the chart's labels; `tone` (main, second, third, bad) sets colour and dash."""

    label: Any
    values: Sequence[float | None]
    tone: str = "main"


@dataclass(frozen=True)
class Band:
    """The expected range, shaded behind the lines."""

    label: Any
    low: Sequence[float | None]
    high: Sequence[float | None]


@dataclass(frozen=True)
class Mark:
    """A named line: upright at one of the labels (`at`), or level at a `value` such as a threshold.

    A mark at a label that the chart does not show is left out.
    """

    label: Any
    at: Any = None
    value: float | None = None


@dataclass(frozen=True)
class Drawn:
    """One series with its parts on the page."""

    series: Series
    path: str = ""
    dots: Sequence[plots.Dot] = ()
    boxes: Sequence[plots.Box] = ()


@dataclass(frozen=True)
class DrawnMark:
    """Upright marks carry a letter, which the key explains; level marks have no letter."""

    label: Any
    letter: str = ""
    x: str = ""
    y: float = 0


@dataclass(frozen=True)
class Chart:
    """What is to be shown, and where each part of it lies."""

    title: Any
    labels: Sequence[Any]
    series: Sequence[Series]
    as_of: datetime | date | None = None
    marks: Sequence[Mark] = ()
    band: Band | None = None
    unit: Any = ""
    template = "ui/chart.html"
    has_bars = False
    width, height = plots.WIDTH, plots.HEIGHT

    def __post_init__(self) -> None:
        ends = [("low", self.band.low), ("high", self.band.high)] if self.band else []
        for label, values in [*((series.label, series.values) for series in self.series), *ends]:
            if len(values) != len(self.labels):
                raise ValueError(f"{label!s}: {len(values)} values for {len(self.labels)} labels")

    @cached_property
    def axes(self) -> plots.Axes:
        band = [self.band.low, self.band.high] if self.band else []
        levels = [mark.value for mark in self.marks]
        return plots.axes_for(self.labels, *(series.values for series in self.series), *band, levels)

    @property
    def value_ticks(self) -> list[plots.Tick]:
        return plots.value_ticks(self.axes)

    @property
    def label_ticks(self) -> list[plots.Tick]:
        return plots.label_ticks(self.axes)

    @property
    def band_path(self) -> str:
        return plots.band_path(self.axes, self.band.low, self.band.high) if self.band else ""

    @cached_property
    def drawn_marks(self) -> list[DrawnMark]:
        level = [
            DrawnMark(mark.label, y=self.axes.y(mark.value)) for mark in self.marks if mark.value is not None
        ]
        upright = [mark for mark in self.marks if mark.value is None and mark.at in self.labels]
        return level + [
            DrawnMark(mark.label, letter, x=self.axes.x(self.labels.index(mark.at)))
            for letter, mark in zip(ascii_uppercase, upright, strict=False)
        ]

    @property
    def has_withheld(self) -> bool:
        return any(value is None for series in self.series for value in series.values)

    @property
    def has_key(self) -> bool:
        return bool(len(self.series) > 1 or self.band or self.marks or self.has_withheld)

    @property
    def description(self) -> str:
        """What a reader who does not see the drawing should know of it."""
        return " ".join(_sentence(series, self.labels) for series in self.series)

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """The table: each label with the value of each series, and the expected range at the end."""
        columns = [[scales.value_text(value) for value in series.values] for series in self.series]
        if self.band:
            columns.append([_range_text(*ends) for ends in zip(self.band.low, self.band.high, strict=True)])
        labels = [scales.full_label(label) for label in self.labels]
        return [(label, list(cells)) for label, *cells in zip(labels, *columns, strict=True)]


class LineChart(Chart):
    @property
    def drawn(self) -> list[Drawn]:
        return [
            Drawn(
                series,
                path=plots.line_path(self.axes, series.values),
                dots=plots.dots(self.axes, series.values),
                boxes=plots.frames(self.axes, series.values),
            )
            for series in self.series
        ]


class StandingBars(Chart):
    has_bars = True

    @property
    def drawn(self) -> list[Drawn]:
        return [
            Drawn(series, boxes=plots.bars(self.axes, series.values, turn=turn, of=len(self.series)))
            for turn, series in enumerate(self.series)
        ]


class LyingBars(Chart):
    """A table whose rows hold bars, for labels that are names."""

    template = "ui/lying_bars.html"
    has_bars = True

    @property
    def bars(self) -> list[tuple[str, list[tuple[Series, str, tuple[str, str] | None]]]]:
        """For each label the series with its value in words and its bar, none where nothing can be shown."""
        axes = plots.axes_for(self.labels, *(series.values for series in self.series))
        return [
            (
                scales.full_label(label),
                [
                    (series, scales.value_text(series.values[index]), axes.lying(series.values[index]))
                    for series in self.series
                ],
            )
            for index, label in enumerate(self.labels)
        ]


@dataclass(frozen=True)
class Sparkline:
    """A line as high as a word, for table cells; the title says in words what it shows."""

    title: Any
    values: Sequence[float | None]
    template = "ui/sparkline.html"
    width, height = plots.WIDTH, plots.HEIGHT

    @property
    def path(self) -> str:
        return plots.line_path(plots.axes_for(self.values, self.values), self.values)


def line_chart(
    *,
    title: Any,
    series: Sequence[Series],
    labels: Sequence[Any],
    as_of: datetime | date | None = None,
    marks: Sequence[Mark] = (),
    band: Band | None = None,
    unit: Any = "",
) -> Chart:
    """Values over time. Raises ValueError where a series has not one value per label."""
    return LineChart(title, labels, series, as_of, marks, band, unit)


def bar_chart(
    *,
    title: Any,
    series: Sequence[Series],
    labels: Sequence[Any],
    as_of: datetime | date | None = None,
    marks: Sequence[Mark] = (),
    unit: Any = "",
) -> Chart:
    """Standing bars where the labels are days, lying bars with written values where they are names."""
    over_time = all(isinstance(label, date) for label in labels)
    kind = StandingBars if over_time else LyingBars
    return kind(title, labels, series, as_of, marks, unit=unit)


def sparkline(*, title: Any, values: Sequence[float | None]) -> Sparkline:
    return Sparkline(title, values)


def _sentence(series: Series, labels: Sequence[Any]) -> str:
    pairs = [
        (value, label) for value, label in zip(series.values, labels, strict=True) if scales.is_known(value)
    ]
    if not pairs:
        return gettext("%(name)s: no value can be shown.") % {"name": series.label}
    (low, low_at), (high, high_at) = min(pairs, key=itemgetter(0)), max(pairs, key=itemgetter(0))
    facts = {
        "name": series.label,
        "low": plots.value_title(low_at, low),
        "high": plots.value_title(high_at, high),
        "last": plots.value_title(pairs[-1][1], pairs[-1][0]),
    }
    return gettext("%(name)s. Lowest at %(low)s. Highest at %(high)s. Last at %(last)s.") % facts


def _range_text(low: float | None, high: float | None) -> str:
    return f"{scales.value_text(low)}–{scales.value_text(high)}"
