import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughline.science.distance import EARTH_RADIUS_KM, great_circle_km

latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)


def test_a_quarter_of_the_equator():
    assert great_circle_km(0, 0, 0, 90) == pytest.approx(np.pi / 2 * EARTH_RADIUS_KM)


def test_one_point_against_many_gives_one_distance_each():
    distances = great_circle_km(41.0, -87.0, [41.0, 42.0, 43.0], [-87.0, -87.0, -87.0])
    assert distances == pytest.approx([0, EARTH_RADIUS_KM * np.pi / 180, 2 * EARTH_RADIUS_KM * np.pi / 180])


@given(latitudes, longitudes, latitudes, longitudes)
def test_distance_is_symmetric_and_never_beyond_half_the_sphere(lat, lon, other_lat, other_lon):
    there = great_circle_km(lat, lon, other_lat, other_lon)
    assert there == pytest.approx(great_circle_km(other_lat, other_lon, lat, lon))
    assert 0 <= there <= np.pi * EARTH_RADIUS_KM


@pytest.mark.parametrize(
    ("latitude", "longitude", "message"),
    [
        (91, 0, "latitude must lie between -90 and 90 degrees, got 91.0"),
        (0, 181, "longitude must lie between -180 and 180 degrees, got 181.0"),
        (float("nan"), 0, "latitude must lie between -90 and 90 degrees, got nan"),
        ([1, 2], [1, 2, 3], "must have one shape"),
    ],
)
def test_impossible_coordinates_are_named(latitude, longitude, message):
    with pytest.raises(ValueError, match=message):
        great_circle_km(latitude, longitude, 0, 0)
