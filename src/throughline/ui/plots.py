"""Where the parts of a chart lie on the page.

Places along the axis of labels are percentages and text keeps its size, so one drawing serves a phone and
a wall; only the paths are stretched, from a box of WIDTH by HEIGHT.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from throughline.ui import scales

Values = Sequence[float | None]

WIDTH, HEIGHT = 1000, 200
MOST_TICKS = 8
MOST_DOTS = 62  # two months of days; beyond that dots hide the line
STUB = 14  # height of the empty frame that stands for a withheld value
SLOT_FILLED = 0.76  # of the width that belongs to a label, what its bars take


@dataclass(frozen=True)
class Tick:
    text: str
    at: str | float
    is_minor: bool = False  # left out where the chart is narrow


@dataclass(frozen=True)
class Dot:
    x: str
    y: float
    title: str


@dataclass(frozen=True)
class Box:
    """A bar, or the empty frame of a withheld value."""

    x: str
    width: str
    y: float
    height: float
    title: str
    is_withheld: bool = False


@dataclass(frozen=True)
class Axes:
    """`labels` in equal slots from left to right, `values` (round, ascending) from the bottom to the top."""

    labels: Sequence[Any]
    values: Sequence[float]

    def share(self, index: float) -> float:
        """Where the middle of a slot stands between left 0 and right 1."""
        return (index + 0.5) / len(self.labels)

    def x(self, index: float) -> str:
        return percent(self.share(index))

    def y(self, value: float) -> float:
        lowest, highest = self.values[0], self.values[-1]
        return round(HEIGHT * (highest - value) / (highest - lowest), 1)

    def lying(self, value: float | None) -> tuple[str, str] | None:
        """Start and length of a bar that lies from zero to the value; none where the value is not known."""
        if not scales.is_known(value):
            return None
        lowest, span = self.values[0], self.values[-1] - self.values[0]
        return percent((min(0, value) - lowest) / span), percent(abs(value) / span)

    def point(self, index: int, value: float) -> str:
        return f"{self.share(index) * WIDTH:.1f} {self.y(value):g}"


def axes_for(labels: Sequence[Any], *columns: Values) -> Axes:
    """Axes that hold zero and every known value."""
    seen = [0.0, *(value for column in columns for value in scales.known(column))]
    return Axes(labels, scales.ticks(min(seen), max(seen)))


def percent(share: float) -> str:
    return f"{share * 100:.6g}%"


def value_ticks(axes: Axes) -> list[Tick]:
    return [
        Tick(text, axes.y(value))
        for text, value in zip(scales.tick_texts(axes.values), axes.values, strict=True)
    ]


def label_ticks(axes: Axes) -> list[Tick]:
    """At most MOST_TICKS labels, every other one of them minor."""
    stride = max(1, -(-len(axes.labels) // MOST_TICKS))
    texts = scales.short_labels(axes.labels)
    return [
        Tick(texts[index], axes.x(index), is_minor=bool(turn % 2))
        for turn, index in enumerate(range(0, len(texts), stride))
    ]


def unbroken(values: Values) -> Iterator[list[tuple[int, float]]]:
    """The stretches of known values, each as (index, value) pairs."""
    for is_known, stretch in groupby(enumerate(values), key=lambda pair: scales.is_known(pair[1])):
        if is_known:
            yield list(stretch)


def line_path(axes: Axes, values: Values) -> str:
    """A line that breaks where a value is withheld or missing; a lone value becomes a point."""
    return "".join(
        "M" + "L".join(axes.point(*pair) for pair in stretch) + ("h.1" if len(stretch) == 1 else "")
        for stretch in unbroken(values)
    )


def band_path(axes: Axes, low: Values, high: Values) -> str:
    """Each unbroken stretch of the band, out along its top and back along its bottom."""
    tops = [top if scales.is_known(bottom) else None for bottom, top in zip(low, high, strict=True)]
    return "".join(
        "M"
        + "L".join(axes.point(*pair) for pair in stretch)
        + "L"
        + "L".join(axes.point(index, low[index]) for index, _top in reversed(stretch))
        + "Z"
        for stretch in unbroken(tops)
    )


def dots(axes: Axes, values: Values) -> list[Dot]:
    """A dot for each known value that tells it to the pointer, unless there are too many to tell apart."""
    if len(values) > MOST_DOTS:
        return []
    return [
        Dot(axes.x(index), axes.y(value), value_title(axes.labels[index], value))
        for stretch in unbroken(values)
        for index, value in stretch
    ]


def frames(axes: Axes, values: Values) -> list[Box]:
    """The frames of withheld values under a line, each as wide as its slot."""
    width, level = 1 / len(axes.labels), axes.y(0)
    return [
        Box(
            percent(index * width),
            percent(width),
            level - STUB,
            STUB,
            value_title(axes.labels[index], None),
            True,
        )
        for index, value in enumerate(values)
        if value is None
    ]


def bars(axes: Axes, values: Values, *, turn: int, of: int) -> list[Box]:
    """The standing bars of series number `turn` of `of`, side by side within each slot."""
    return [
        _bar(axes, index, value, turn, of)
        for index, value in enumerate(values)
        if value is None or scales.is_known(value)
    ]


def _bar(axes: Axes, index: int, value: float | None, turn: int, of: int) -> Box:
    width = SLOT_FILLED / of / len(axes.labels)
    left = axes.share(index) - SLOT_FILLED / 2 / len(axes.labels) + turn * width
    level = axes.y(0)
    top = level - STUB if value is None else axes.y(value)
    title = value_title(axes.labels[index], value)
    return Box(
        percent(left), percent(width), min(level, top), round(abs(level - top), 1), title, value is None
    )


def value_title(label: Any, value: float | None) -> str:
    return f"{scales.full_label(label)}: {scales.value_text(value)}"
