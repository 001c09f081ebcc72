"""Distances between places on the earth."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

EARTH_RADIUS_KM = 6367.0  # the sphere used by the scan statistic's reference results


def check_coordinates(
    latitude: ArrayLike, longitude: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Latitude and longitude in degrees as float arrays; ValueError names the first bad value."""
    latitudes, longitudes = np.asarray(latitude, np.float64), np.asarray(longitude, np.float64)
    if latitudes.shape != longitudes.shape:
        raise ValueError(
            f"latitude and longitude must have one shape, got {latitudes.shape} and {longitudes.shape}."
        )
    for name, values, limit in (("latitude", latitudes, 90), ("longitude", longitudes, 180)):
        bad = ~(np.abs(values) <= limit)
        if bad.any():
            raise ValueError(
                f"{name} must lie between -{limit} and {limit} degrees, got {values[bad].flat[0]}."
            )
    return latitudes, longitudes


def great_circle_km(
    latitude: ArrayLike, longitude: ArrayLike, other_latitude: ArrayLike, other_longitude: ArrayLike
) -> NDArray[np.float64]:
    """Kilometres along the sphere between points in degrees; arguments broadcast against each other.

    Haversine formula, accurate for near points too (Sinnott 1984, "Virtues of the haversine").
    """
    phi, lam = (np.radians(values) for values in check_coordinates(latitude, longitude))
    other_phi, other_lam = (
        np.radians(values) for values in check_coordinates(other_latitude, other_longitude)
    )
    half_chord = (
        np.sin((other_phi - phi) / 2) ** 2
        + np.cos(phi) * np.cos(other_phi) * np.sin((other_lam - lam) / 2) ** 2
    )
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half_chord, 1.0))))
