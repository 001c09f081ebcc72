"""Reads boundaries from a GeoJSON file (RFC 7946), listing every fault."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely
from django.utils.translation import gettext as _

from throughline.formats.faults import UnreadableFile, shown
from throughline.formats.limits import MEBIBYTE
from throughline.members.tables import Fault

MOST_BYTES = 256 * MEBIBYTE
SHAPES = {"Polygon", "MultiPolygon"}


@dataclass
class BoundaryFile:
    """The geometries of one file by place code, and the number of the feature that each came from."""

    name: str
    shapes: dict[str, dict[str, Any]] = field(default_factory=dict)
    features: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, feature: int, column: str, value: object, expected: str) -> None:
        self.faults.append(Fault(self.name, feature, column, shown(str(value)), expected))


def read_boundaries(path: Path, code_property: str, *, name: str = "") -> BoundaryFile:
    """Read the FeatureCollection's polygons, known by the property that holds the place's code.

    A fault's row is the number of its feature, from 1. Raises UnreadableFile if it is no FeatureCollection.
    """
    file = BoundaryFile(name or path.name)
    for number, feature in enumerate(_features(path, file.name), start=1):
        _read_feature(file, number, feature, code_property)
    return file


def _features(path: Path, name: str) -> Iterator[Any]:
    expected = _("a GeoJSON FeatureCollection")
    if path.stat().st_size > MOST_BYTES:
        limit = _("at most %s MB") % (MOST_BYTES // MEBIBYTE)
        raise UnreadableFile(name, _("the file is too large"), limit)
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as fault:
        raise UnreadableFile(name, _("the file is not JSON (%s)") % fault, expected) from fault
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise UnreadableFile(name, _("there is no list of features"), expected)
    return iter(features)


def _read_feature(file: BoundaryFile, number: int, feature: Any, code_property: str) -> None:
    feature = feature if isinstance(feature, Mapping) else {}
    properties = feature.get("properties") or {}
    code = str(properties.get(code_property, "") if isinstance(properties, Mapping) else "").strip()
    shape = feature.get("geometry")
    if not code:
        file.fault(number, code_property, "", _("the place's code in this property"))
    elif code in file.shapes:
        expected = _("one feature for each place; the first is feature %s") % file.features[code]
        file.fault(number, code_property, code, expected)
    elif expected := _fault_of_shape(shape):
        file.fault(number, "geometry", code, expected)
    else:
        file.shapes[code] = {"type": shape["type"], "coordinates": shape["coordinates"]}
        file.features[code] = number


def _fault_of_shape(shape: Any) -> str:
    """What was expected instead of the geometry, or nothing if it is good."""
    if not isinstance(shape, Mapping) or shape.get("type") not in SHAPES:
        return _("a Polygon or MultiPolygon")
    try:
        polygon = shapely.from_geojson(json.dumps(shape))
    except (shapely.GEOSException, ValueError) as fault:
        return _("coordinates of a polygon (%s)") % fault
    if polygon.is_empty:
        return _("a polygon that isn't empty")
    west, south, east, north = polygon.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return _("longitude and latitude in degrees (WGS 84), not projected coordinates")
    return ""


def point_inside(shape: Mapping[str, Any]) -> tuple[float, float]:
    """Latitude and longitude of a point that lies inside the shape."""
    point = shapely.from_geojson(json.dumps(shape)).representative_point()
    return point.y, point.x
