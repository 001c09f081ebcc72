"""Lays out a city that exists nowhere: neighbourhoods that tile it, their wards, and who lives there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from throughline.city.chance import apportion, stream
from throughline.city.names import neighbourhood_names
from throughline.city.residents import Strata, strata_of, sum_of

CITY_NAME = "Halvern"
CITY_CODE = "HALVERN"
TIME_ZONE = "America/New_York"
LATITUDE, LONGITUDE = 41.45, -78.55
"""The middle of the city, which in the real world is forest."""

RESIDENTS = 400_000
NEIGHBOURHOODS = 48
WARDS = 8
KM2_PER_NEIGHBOURHOOD = 4.2
KM_PER_DEGREE = 111.2
_DECIMALS = 6  # of a degree: a tenth of a metre

Points = NDArray[np.float64]


@dataclass(frozen=True)
class CityPlace:
    """The city, a ward or a neighbourhood; `boundary` is a shapely polygon in degrees, WGS 84."""

    code: str
    name: str
    kind: str
    parent: str
    boundary: Any
    population: int
    strata: Strata

    @property
    def longitude(self) -> float:
        return round(float(self.boundary.representative_point().x), _DECIMALS)

    @property
    def latitude(self) -> float:
        return round(float(self.boundary.representative_point().y), _DECIMALS)


@dataclass(frozen=True)
class Geography:
    """All places of the city, larger ones first."""

    city: CityPlace
    wards: tuple[CityPlace, ...]
    neighbourhoods: tuple[CityPlace, ...]

    @property
    def places(self) -> tuple[CityPlace, ...]:
        return (self.city, *self.wards, *self.neighbourhoods)

    def within(self, ward: str) -> tuple[str, ...]:
        return tuple(place.code for place in self.neighbourhoods if place.parent == ward)


def lay_out(*, seed: int, scale: float = 1.0) -> Geography:
    """A city of 48 neighbourhoods in 8 wards and 400,000 residents, each figure times `scale`."""
    rng = stream(seed, "geography")
    count, wards = max(12, round(NEIGHBOURHOODS * scale)), max(2, round(WARDS * scale))
    cells = _cells(count, rng)
    ward_of = _wards(np.array([(cell.centroid.x, cell.centroid.y) for cell in cells]), wards)
    order = np.lexsort((np.arange(count), ward_of))
    populations = apportion(round(RESIDENTS * scale), _crowding(cells, rng))
    codes = _codes(ward_of[order])
    neighbourhoods = tuple(
        CityPlace(
            code=code,
            name=name,
            kind="neighborhood",
            parent=code[:2],
            boundary=_in_degrees(cells[cell]),
            population=int(populations[cell]),
            strata=strata_of(int(populations[cell]), rng),
        )
        for code, name, cell in zip(codes, neighbourhood_names(count, rng), order, strict=True)
    )
    wards_made = tuple(_ward(code, neighbourhoods) for code in sorted({code[:2] for code in codes}))
    return Geography(_union(CITY_CODE, CITY_NAME, "city", "", wards_made), wards_made, neighbourhoods)


def _ward(code: str, neighbourhoods: Sequence[CityPlace]) -> CityPlace:
    parts = [place for place in neighbourhoods if place.parent == code]
    return _union(code, f"Ward {int(code)}", "district", CITY_CODE, parts)


def _union(code: str, name: str, kind: str, parent: str, parts: Sequence[CityPlace]) -> CityPlace:
    return CityPlace(
        code=code,
        name=name,
        kind=kind,
        parent=parent,
        boundary=shapely.union_all([part.boundary for part in parts]),
        population=sum(part.population for part in parts),
        strata=sum_of([part.strata for part in parts]),
    )


def _codes(ward_of: NDArray[np.int64]) -> list[str]:
    """Ward 3's second neighbourhood is 0302; the leading zero is a trap that real codes have too."""
    within = [int((ward_of[:n] == ward).sum()) + 1 for n, ward in enumerate(ward_of)]
    return [f"{ward + 1:02d}{number:02d}" for ward, number in zip(ward_of, within, strict=True)]


def _cells(count: int, rng: np.random.Generator) -> list[Any]:
    """Voronoi cells in kilometres, clipped to the outline; Lloyd's relaxation (1982) evens them out."""
    outline = _outline(count * KM2_PER_NEIGHBOURHOOD, rng)
    points = _points_inside(outline, count, rng)
    for _ in range(2):
        points = np.array([(cell.centroid.x, cell.centroid.y) for cell in _voronoi(points, outline)])
    return _voronoi(points, outline)


def _voronoi(points: Points, outline: Any) -> list[Any]:
    cells = shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=outline, ordered=True)
    return [cell.intersection(outline) for cell in shapely.get_parts(cells)]


def _outline(area: float, rng: np.random.Generator) -> Any:
    """An uneven oval of that area in square kilometres around the origin."""
    angle = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    waves = ((2, 0.10), (3, 0.07), (5, 0.04), (9, 0.02))
    radius = 1 + sum(size * np.cos(n * angle + rng.uniform(0, 2 * np.pi)) for n, size in waves)
    shape = shapely.Polygon(np.column_stack([1.25 * radius * np.cos(angle), radius * np.sin(angle)]))
    return shapely.transform(shape, lambda xy: xy * np.sqrt(area / shape.area))


def _points_inside(shape: Any, count: int, rng: np.random.Generator) -> Points:
    west, south, east, north = shape.bounds
    found = np.empty((0, 2))
    while len(found) < count:
        tried = rng.uniform((west, south), (east, north), size=(4 * count, 2))
        found = np.vstack([found, tried[shapely.contains_xy(shape, tried)]])
    return found[:count]


def points_in(place: CityPlace, count: int, rng: np.random.Generator) -> Points:
    """(count, 2) longitudes and latitudes well inside a place, so that rounding moves none out of it."""
    return _points_inside(place.boundary.buffer(-0.0004), count, rng).round(5)


def _wards(centres: Points, count: int) -> NDArray[np.int64]:
    """Cut the city in two across its longer side, and each part again, into `count` compact wards."""
    if count == 1:
        return np.zeros(len(centres), dtype=np.int64)
    longer = int(np.argmax(np.ptp(centres, axis=0)))
    order = np.argsort(centres[:, longer], kind="stable")
    first = count // 2
    cut = round(len(centres) * first / count)
    wards = np.empty(len(centres), dtype=np.int64)
    wards[order[:cut]] = _wards(centres[order[:cut]], first)
    wards[order[cut:]] = first + _wards(centres[order[cut:]], count - first)
    return wards


def _crowding(cells: Sequence[Any], rng: np.random.Generator) -> NDArray[np.float64]:
    """Residents in proportion: denser towards the middle, and by chance."""
    distance = np.array([np.hypot(cell.centroid.x, cell.centroid.y) for cell in cells])
    area = np.array([cell.area for cell in cells])
    reach = np.sqrt(area.sum() / np.pi)
    return np.asarray(area * np.exp(-distance / reach) * rng.lognormal(0, 0.3, len(cells)))


def _in_degrees(cell: Any) -> Any:
    """Rounding moves a corner that two cells share in the same way for both, so the tiling stays whole."""
    east = KM_PER_DEGREE * np.cos(np.radians(LATITUDE))
    return shapely.transform(
        cell, lambda xy: (xy / (east, KM_PER_DEGREE) + (LONGITUDE, LATITUDE)).round(_DECIMALS)
    )
