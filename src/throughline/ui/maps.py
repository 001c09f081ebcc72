"""Maps drawn on the server as SVG: places coloured by value, with a table of the same facts."""

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property
from typing import Any
from zlib import crc32

import numpy as np
import shapely
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from shapely.geometry import shape as geometry_of

from throughline.ui import map_markup, scales

# A unit of the drawing is about 0.4 CSS pixels on a wide page, so whole coordinates are fine enough.
WIDTH = 2000
MARGIN = 40
MOST_HEIGHT = 2400
TOLERANCE = 1.5
MOST_CLASSES = 5


@dataclass(frozen=True)
class PlaceShape:
    """A place with its GeoJSON boundary (WGS 84) or, without one, its centroid; value None is withheld."""

    code: str
    name: Any
    latitude: float | None = None
    longitude: float | None = None
    boundary: dict[str, Any] | None = None
    value: float | None = None
    highlighted: bool = False
    url: str = ""

    @property
    def is_located(self) -> bool:
        return bool(self.boundary) or None not in {self.latitude, self.longitude}


@dataclass(frozen=True)
class DrawnPlace:
    """A place on the page: a path, or where the path is empty a dot at x, y."""

    place: PlaceShape
    path: str = ""
    x: int = 0
    y: int = 0


@dataclass(frozen=True)
class PlaceMap:
    """What is to be shown, and where it lies on the page.

    Colours are at most five classes that hold about equally many places (quantiles), with rounded ends.
    """

    title: Any
    shapes: Sequence[PlaceShape]
    unit: Any = ""
    as_of: datetime | date | None = None
    missing: Any = ""  # what it means that a place has no value, where that can be said better than "no data"
    width = WIDTH

    @property
    def key(self) -> str:
        """Tells this map's pattern from those of other maps on the page."""
        return f"{crc32(str(self.title).encode()):x}"

    @cached_property
    def located(self) -> list[PlaceShape]:
        return [place for place in self.shapes if place.is_located]

    @cached_property
    def upper_ends(self) -> list[float]:
        return upper_ends(scales.known(place.value for place in self.shapes))

    @property
    def legend(self) -> list[tuple[str, str]]:
        """Tone and words of each class, the special ones at the end."""
        classes = [
            (str(turn), gettext("up to %(end)s") % {"end": scales.value_text(end)})
            for turn, end in enumerate(self.upper_ends, start=1)
        ]
        special = [
            ("withheld", gettext("withheld to protect privacy")),
            ("missing", self.missing or gettext("no data")),
        ]
        used = {self.tone(place) for place in self.shapes}
        return classes + [(tone, text) for tone, text in special if tone in used]

    @property
    def highlighted(self) -> list[PlaceShape]:
        return [place for place in self.shapes if place.highlighted]

    @cached_property
    def geometries(self) -> Any:
        """An array of shapely geometries in units of the drawing, in the order of `located`."""
        return project(np.array([_geometry(place) for place in self.located], dtype=object))

    @property
    def height(self) -> int:
        return round(shapely.total_bounds(self.geometries)[3]) + MARGIN

    @property
    def dot_radius(self) -> int:
        """Large where places are few, small where they are many."""
        return max(9, min(24, round(500 / math.sqrt(len(self.located)))))

    @cached_property
    def drawn(self) -> list[DrawnPlace]:
        return [
            _drawn(place, geometry) for place, geometry in zip(self.located, self.geometries, strict=True)
        ]

    @property
    def groups(self) -> list[tuple[str, SafeString]]:
        """The shapes by tone, so that the page names each tone once."""
        by_tone = defaultdict(list)
        for drawn in self.drawn:
            by_tone[self.tone(drawn.place)].append(drawn)
        return [
            (tone, map_markup.linked_shapes(drawn, self.dot_radius, self.words))
            for tone, drawn in sorted(by_tone.items())
        ]

    @property
    def outlines(self) -> SafeString:
        return map_markup.outlines(
            [drawn for drawn in self.drawn if drawn.place.highlighted], self.dot_radius
        )

    @property
    def table_rows(self) -> SafeString:
        """Highlighted places first, then by value."""
        ordered = sorted(
            self.shapes, key=lambda place: (not place.highlighted, -_rank(place.value), str(place.name))
        )
        return map_markup.table_rows(ordered, self.words)

    @cached_property
    def words(self) -> Callable[[float | None], str] | None:
        """Values in words, each value worded once; none where the map only says where places are."""
        return cache(scales.value_text) if self.upper_ends else None

    def tone(self, place: PlaceShape) -> str:
        """The number of the place's class, from 1; else plain, withheld or missing."""
        if not self.upper_ends:
            return "plain"
        if place.value is None:
            return "withheld"
        if math.isnan(place.value):
            return "missing"
        return str(1 + min(bisect_left(self.upper_ends, place.value), len(self.upper_ends) - 1))


def upper_ends(values: Sequence[float]) -> list[float]:
    """Ends of at most five classes by quantiles of the values above zero, rounded up to two digits."""
    above = sorted(value for value in values if value > 0)
    if not values:
        return []
    cuts = (
        [above[math.ceil(len(above) * turn / MOST_CLASSES) - 1] for turn in range(1, MOST_CLASSES + 1)]
        if above
        else [0.0]
    )
    return sorted({_rounded_up(cut) for cut in cuts})


def project(geometries: Any) -> Any:
    """Equirectangular around the middle latitude, which keeps shapes true for a county or a state."""
    if not len(geometries):
        return geometries
    west, south, east, north = shapely.total_bounds(geometries)
    shrink = math.cos(math.radians((south + north) / 2))
    across, down = max((east - west) * shrink, 1e-6), max(north - south, 1e-6)
    scale = min((WIDTH - 2 * MARGIN) / across, (MOST_HEIGHT - 2 * MARGIN) / down)
    left = (WIDTH - across * scale) / 2

    def place(points: Any) -> Any:
        return np.column_stack(
            [left + (points[:, 0] - west) * shrink * scale, MARGIN + (north - points[:, 1]) * scale]
        )

    return shapely.simplify(shapely.transform(geometries, place), TOLERANCE)


def _geometry(place: PlaceShape) -> Any:
    return geometry_of(place.boundary) if place.boundary else shapely.Point(place.longitude, place.latitude)


def _drawn(place: PlaceShape, geometry: Any) -> DrawnPlace:
    if geometry.geom_type == "Point":
        return DrawnPlace(place, x=round(geometry.x), y=round(geometry.y))
    return DrawnPlace(place, path="".join(_ring_path(ring) for ring in shapely.get_rings(geometry)))


def _ring_path(ring: Any) -> str:
    """The ring as steps from corner to corner, which take fewer characters than places."""
    corners = np.rint(shapely.get_coordinates(ring)[:-1]).astype(int)
    steps = " ".join(f"{x} {y}" for x, y in np.diff(corners, axis=0).tolist())
    return f"M{corners[0, 0]} {corners[0, 1]}l{steps}z"


def _rounded_up(value: float) -> float:
    if value == 0:
        return 0.0
    power = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.ceil(value / power - 1e-9) * power:.6g}")


def _rank(value: float | None) -> float:
    return -math.inf if value is None or math.isnan(value) else value
