"""Where places are, and which circles and ellipses lie around a centre."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from throughline.science.distance import EARTH_RADIUS_KM, check_coordinates

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]
Compactness = Literal["none", "medium", "strong"]

TIE_KM = 1e-7  # places of a lattice are equally far except for rounding; they enter a circle together
PENALTY_POWER: dict[Compactness, float] = {"none": 0.0, "medium": 0.5, "strong": 1.0}


@dataclass(frozen=True)
class Ellipses:
    """Ellipses tried besides circles: longest by shortest axis, and how many directions of each.

    The statistic of an ellipse is multiplied by (4s / (s+1)^2)^a for its shape s, a being 0, 1/2 or 1 for no,
    medium and strong preference of compact clusters (Kulldorff et al. 2006, Stat Med 25, 3929).
    """

    shapes: tuple[float, ...] = (1.5, 2.0, 3.0, 4.0, 5.0)
    angles: tuple[int, ...] = (4, 6, 9, 12, 15)
    compactness: Compactness = "medium"

    def __post_init__(self) -> None:
        if len(self.shapes) != len(self.angles) or not self.shapes:
            raise ValueError("ellipses need one number of angles for each shape.")
        if min(self.shapes) <= 1 or min(self.angles) < 1:
            raise ValueError(f"shapes must be above 1 and angles at least 1: {self.shapes}, {self.angles}.")
        if self.compactness not in PENALTY_POWER:
            raise ValueError(f"compactness must be none, medium or strong, got {self.compactness!r}.")


class Window(NamedTuple):
    """The form of a spatial window: a circle has shape 1; the angle, in degrees, is the longer axis's to x."""

    shape: float
    angle: float
    penalty: float


CIRCLE = Window(1.0, 0.0, 1.0)


@dataclass(frozen=True)
class Geography:
    """Places and centres as points: on a plane (n, 2), or on the unit sphere (n, 3).

    given: (centres, 2), the centres as they were given: latitude and longitude, or x and y.
    """

    places: Floats
    centres: Floats
    given: Floats
    on_earth: bool
    centres_are_places: bool

    @property
    def tie(self) -> float:
        return TIE_KM if self.on_earth else 1e-9 * float(np.ptp(self.places, axis=0).max(initial=0.0))

    def distances(self, centre: int, window: Window = CIRCLE) -> Floats:
        """Kilometres from a centre to each place; on a plane its units, along the ellipse's shorter half-axis."""
        apart = self.places - self.centres[centre]
        if window.shape == 1.0:
            straight = np.sqrt(np.einsum("ij,ij->i", apart, apart))
            arc = (
                2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(straight / 2, 1.0)) if self.on_earth else straight
            )
            return np.asarray(arc)
        angle = np.radians(window.angle)
        along = apart @ np.array([np.cos(angle), np.sin(angle)])
        across = apart @ np.array([-np.sin(angle), np.cos(angle)])
        return np.asarray(np.sqrt((along / window.shape) ** 2 + across**2))

    def members(self, centre: int, radius: float, window: Window = CIRCLE) -> NDArray[np.int64]:
        """Places within the radius, nearest first; a centre that is a place is its own nearest."""
        distances = self.distances(centre, window)
        if self.centres_are_places:
            distances[centre] = -1.0
        inside = np.flatnonzero(distances <= radius + self.tie)
        return inside[np.argsort(distances[inside], kind="stable")]


class Circles(NamedTuple):
    """The circles around one centre, smallest first.

    order: places by distance, as far as circles may reach. circle: the circle at which each of them enters.
    radius: of each circle.
    """

    order: Integers
    circle: Integers
    radius: Floats


def circles_around(
    distances: Floats, size: Floats, *, largest: float, farthest: float, tie: float
) -> Circles:
    """Grows the circle place by place; tied places enter together, and the limits hold for whole circles.

    size: what a circle's size is measured by, up to `largest`. Places without size change no window.
    """
    reachable = np.flatnonzero((size > 0) & (distances <= farthest + tie))
    order = reachable[np.argsort(distances[reachable])]
    reach = distances[order]
    complete = np.append(np.diff(reach) > tie, True)[: len(reach)]
    ends = np.flatnonzero(complete & (np.cumsum(size[order]) <= largest * (1 + 1e-12)))
    inside = order[: ends[-1] + 1] if len(ends) else order[:0]
    circle = np.searchsorted(ends, np.arange(len(inside)))
    return Circles(inside.astype(np.int32), circle.astype(np.int32), reach[ends])


def windows_of(ellipses: Ellipses | None) -> tuple[Window, ...]:
    """The circle, then the ellipses shape by shape, their directions spread evenly over half a turn."""
    if ellipses is None:
        return (CIRCLE,)
    power = PENALTY_POWER[ellipses.compactness]
    directions = zip(ellipses.shapes, ellipses.angles, strict=True)
    return CIRCLE, *(
        Window(shape, step * 180.0 / angles, float((4 * shape / (shape + 1) ** 2) ** power))
        for shape, angles in directions
        for step in range(angles)
    )


def check_geography(
    *,
    latitude: ArrayLike | None,
    longitude: ArrayLike | None,
    x: ArrayLike | None,
    y: ArrayLike | None,
    centres: tuple[ArrayLike, ArrayLike] | None,
) -> Geography:
    """Degrees or plane coordinates as points; ValueError says which is missing, and which value is wrong."""
    on_earth = latitude is not None and longitude is not None and x is None and y is None
    on_plane = x is not None and y is not None and latitude is None and longitude is None
    if not (on_earth or on_plane):
        raise ValueError("give latitude and longitude, or x and y.")
    if centres is not None and len(centres) != 2:
        raise ValueError("centres must be two lists: latitudes and longitudes, or x and y.")
    read = _on_earth if on_earth else _on_plane
    own = (latitude, longitude) if on_earth else (x, y)
    places, grid = read(*own), read(*(centres or own))
    given = np.column_stack([np.asarray(values, np.float64) for values in centres or own])
    return Geography(places, grid, given, on_earth, centres is None)


def nowhere() -> Geography:
    """One place, where only time matters."""
    point = np.zeros((1, 2))
    return Geography(point, point, point, on_earth=False, centres_are_places=True)


def _on_earth(latitude: ArrayLike | None, longitude: ArrayLike | None) -> Floats:
    degrees = check_coordinates(np.asarray(latitude, float), np.asarray(longitude, float))
    _check_one_per_place("latitude", degrees[0])
    phi, lam = (np.radians(values) for values in degrees)
    return np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])


def _on_plane(x: ArrayLike | None, y: ArrayLike | None) -> Floats:
    across, up = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if across.shape != up.shape:
        raise ValueError(f"x and y must have one shape, got {across.shape} and {up.shape}.")
    _check_one_per_place("x", across)
    for name, values in (("x", across), ("y", up)):
        if not np.isfinite(values).all():
            raise ValueError(f"{name} must be finite numbers, got {values[~np.isfinite(values)][0]}.")
    return np.column_stack([across, up])


def _check_one_per_place(name: str, values: Floats) -> None:
    if values.ndim != 1 or not values.size:
        raise ValueError(f"{name} must have one value per place, got the shape {values.shape}.")
