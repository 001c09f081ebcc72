"""Finds which known place a code or a point belongs to, and says how it was found."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import asin, cos, radians, sin
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the earth (IUGG)."""

Method = Literal["boundary", "nearest_centroid", "unknown"]


@dataclass(frozen=True, slots=True)
class Place:
    """A place as the installation knows it; `boundary` is a GeoJSON geometry in WGS 84, where there is one."""

    code: str
    latitude: float
    longitude: float
    boundary: Mapping[str, Any] | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Located:
    """The place of a point; `km` is the great-circle distance to the centroid, or 0 inside a boundary.

    `code` is None where nobody knows the places, so that a point is neither inside nor outside of them.
    """

    code: str | None
    method: Method
    km: float


class Gazetteer:
    """All known places.

    Where a place has a boundary, a point belongs to it only if it lies inside (or on the line; the first in
    order of the places then wins). Places without a boundary take the points nearest to their centroid, up to
    a distance.
    """

    def __init__(self, places: Iterable[Place]) -> None:
        self.places = tuple(places)
        self._codes = _codes(self.places)
        self._bounded = [place for place in self.places if place.boundary is not None]
        self._centred = [place for place in self.places if place.boundary is None]
        self._boundaries = (
            shapely.STRtree([_geometry(place) for place in self._bounded]) if self._bounded else None
        )
        self._centroids = KDTree(_unit_vectors(self._centred)) if self._centred else None
        self._cached_by_point = lru_cache(maxsize=100_000)(self._by_point)

    def by_code(self, text: str) -> str | None:
        """The code that a text means: a code or an alias, in upper or lower case; None if there is none."""
        return self._codes.get(text) or self._codes.get(text.strip().casefold())

    def by_point(self, latitude: float, longitude: float, *, within_km: float = 10.0) -> Located | None:
        """The place of a point in degrees; None outside all boundaries and farther than `within_km` from centroids."""
        located = self._cached_by_point(latitude, longitude)
        return located if located and located.km <= within_km else None

    def _by_point(self, latitude: float, longitude: float) -> Located | None:
        return self._inside(latitude, longitude) or self._nearest(latitude, longitude)

    def _inside(self, latitude: float, longitude: float) -> Located | None:
        if self._boundaries is None:
            return None
        hits = self._boundaries.query(shapely.Point(longitude, latitude), predicate="intersects")
        return Located(self._bounded[int(hits.min())].code, "boundary", 0.0) if len(hits) else None

    def _nearest(self, latitude: float, longitude: float) -> Located | None:
        if self._centroids is None:
            return None
        chord, index = self._centroids.query(_unit_vector(latitude, longitude))
        km = 2 * EARTH_RADIUS_KM * asin(min(float(chord) / 2, 1.0))
        return Located(self._centred[int(index)].code, "nearest_centroid", km)


class AnyPlace(Gazetteer):
    """For reading without a list of places: every code is taken as it stands, and points have no place."""

    def __init__(self) -> None:
        super().__init__(())

    def by_code(self, text: str) -> str | None:
        return text.strip() or None

    def by_point(self, latitude: float, longitude: float, *, within_km: float = 10.0) -> Located:
        return Located(None, "unknown", 0.0)


def _codes(places: Sequence[Place]) -> dict[str, str]:
    """Exact codes first, so that an alias never hides another place's code."""
    codes = {alias.strip().casefold(): place.code for place in places for alias in place.aliases}
    codes |= {place.code.casefold(): place.code for place in places}
    return codes | {place.code: place.code for place in places}


def _geometry(place: Place) -> Any:
    try:
        geometry = shapely.from_geojson(json.dumps(place.boundary))
    except (shapely.GEOSException, TypeError, ValueError) as fault:
        raise ValueError(f"The boundary of place {place.code} is not a GeoJSON geometry: {fault}") from fault
    # Hand-drawn boundaries cross themselves; made valid they still have an inside.
    return shapely.make_valid(geometry)


def _unit_vectors(places: Sequence[Place]) -> NDArray[np.float64]:
    """(places, 3): points on the unit sphere, where straight distance orders as great-circle distance does."""
    return np.array([_unit_vector(place.latitude, place.longitude) for place in places])


def _unit_vector(latitude: float, longitude: float) -> tuple[float, float, float]:
    phi, lam = radians(latitude), radians(longitude)
    return cos(phi) * cos(lam), cos(phi) * sin(lam), sin(phi)
