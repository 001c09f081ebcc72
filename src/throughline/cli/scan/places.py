"""Reads where the places are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from throughline.cli.faults import Fault
from throughline.cli.scan.rows import Row, read_rows

Point = tuple[float, float]


@dataclass(frozen=True)
class Places:
    """Places in the order of their identifiers as text, in which ties between clusters are settled.

    points: latitude and longitude in degrees, or x and y on a plane; shape (places, 2).
    """

    ids: tuple[str, ...]
    points: NDArray[np.float64]
    geographic: bool

    @cached_property
    def index(self) -> Mapping[str, int]:
        return {name: index for index, name in enumerate(self.ids)}

    def coordinates(self) -> dict[str, NDArray[np.float64]]:
        names = ("latitude", "longitude") if self.geographic else ("x", "y")
        return dict(zip(names, self.points.T, strict=True))


def read_places(path: Path, *, geographic: bool) -> Places:
    """A .geo file: identifier, then latitude and longitude, or x and y."""
    columns = "location, latitude, longitude" if geographic else "location, x, y"
    rows = list(read_rows(path))
    for row in rows:
        row.check_width(f"{columns}, as only two dimensions are supported", 3, 3)
    return places_at(
        ((row, row.fields[0], row.fields[1], row.fields[2]) for row in rows), geographic=geographic
    )


def places_at(lines: Iterable[tuple[Row, str, str, str]], *, geographic: bool) -> Places:
    """Places from lines with an identifier and two coordinates; twice the same is one place."""
    found: dict[str, Point] = {}
    for row, name, first, second in lines:
        point = read_point(row, first, second, geographic=geographic)
        if not name:
            raise row.fault("location", name, "an identifier")
        if found.setdefault(name, point) != point:
            raise row.fault("location", name, f"the coordinates given before, {found[name]}")
    ids = tuple(sorted(found))
    if not ids:
        raise Fault("The file of places holds none. Expected two or more.")
    return Places(ids, np.array([found[name] for name in ids]), geographic)


def read_point(row: Row, first: str, second: str, *, geographic: bool) -> Point:
    if not geographic:
        return row.number("x", first), row.number("y", second)
    return _degrees(row, "latitude", first, 90), _degrees(row, "longitude", second, 180)


def _degrees(row: Row, field: str, text: str, limit: int) -> float:
    expected = f"degrees from -{limit} to {limit}"
    value = row.number(field, text, expected)
    if abs(value) > limit:
        raise row.fault(field, text, f"{expected}; projected coordinates are Cartesian")
    return value


def read_grid(path: Path, *, geographic: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A .grd file: the points around which windows are drawn, instead of the places."""
    points = []
    for row in read_rows(path):
        row.check_width("latitude and longitude" if geographic else "x and y", 2, 2)
        points.append(read_point(row, row.fields[0], row.fields[1], geographic=geographic))
    first, second = np.array(points).T
    return first, second
