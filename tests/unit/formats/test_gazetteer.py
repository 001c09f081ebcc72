"""Which place a code or a point belongs to."""

from math import asin, cos, radians, sin, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from throughline.formats.gazetteer import EARTH_RADIUS_KM, Gazetteer, Located, Place


def square(west: float, south: float, size: float = 1.0) -> dict[str, object]:
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def test_codes_and_aliases_are_known_in_any_case() -> None:
    gazetteer = Gazetteer([Place("Tract-1", 41, -87, aliases=("Old Town",))])
    assert [gazetteer.by_code(text) for text in ("Tract-1", "tract-1", " OLD TOWN ", "2")] == [
        "Tract-1",
        "Tract-1",
        "Tract-1",
        None,
    ]


def test_an_alias_never_hides_another_places_code() -> None:
    gazetteer = Gazetteer([Place("1", 41, -87), Place("2", 42, -87, aliases=("1",))])
    assert gazetteer.by_code("1") == "1"


def test_without_boundaries_the_nearest_centroid_takes_the_point_and_says_so() -> None:
    gazetteer = Gazetteer([Place("A", 41.0, -87.0), Place("B", 41.2, -87.0)])
    located = gazetteer.by_point(41.05, -87.0)
    assert located == Located("A", "nearest_centroid", pytest.approx(0.05 * EARTH_RADIUS_KM * radians(1)))


def test_a_point_far_from_all_centroids_has_no_place() -> None:
    gazetteer = Gazetteer([Place("A", 41.0, -87.0)])
    assert gazetteer.by_point(41.08, -87.0) is not None
    assert gazetteer.by_point(41.10, -87.0) is None
    assert gazetteer.by_point(41.10, -87.0, within_km=12) is not None


def test_inside_a_boundary_the_boundary_decides_even_if_another_centroid_is_nearer() -> None:
    gazetteer = Gazetteer(
        [Place("wide", 41.5, -86.5, boundary=square(-87, 41)), Place("near", 41.0, -87.01)],
    )
    assert gazetteer.by_point(41.01, -86.99) == Located("wide", "boundary", 0.0)
    assert gazetteer.by_point(41.01, -87.01).code == "near"  # type: ignore[union-attr]


def test_where_all_places_have_boundaries_a_point_outside_them_has_no_place() -> None:
    gazetteer = Gazetteer([Place("A", 41.5, -86.5, boundary=square(-87, 41))])
    assert gazetteer.by_point(41.5, -87.001) is None


def test_a_point_on_a_shared_border_belongs_to_the_first_place() -> None:
    places = [Place("A", 0.5, 0.5, boundary=square(0, 0)), Place("B", 0.5, 1.5, boundary=square(1, 0))]
    assert Gazetteer(places).by_point(0.5, 1.0) == Located("A", "boundary", 0.0)
    assert Gazetteer(places[::-1]).by_point(0.5, 1.0) == Located("B", "boundary", 0.0)


def test_a_boundary_that_crosses_itself_still_has_an_inside() -> None:
    bow_tie = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
    assert Gazetteer([Place("A", 0.5, 0.5, boundary=bow_tie)]).by_point(0.5, 0.9) is not None


def test_a_boundary_that_is_no_geometry_names_its_place() -> None:
    with pytest.raises(ValueError, match="boundary of place A"):
        Gazetteer([Place("A", 0, 0, boundary={"type": "Circle"})])


def test_an_installation_without_places_finds_none() -> None:
    assert Gazetteer([]).by_point(41, -87) is None


@settings(max_examples=50)
@given(
    points=st.lists(st.tuples(st.floats(-89, 89), st.floats(-180, 180)), min_size=1, max_size=8),
    at=st.tuples(st.floats(-89, 89), st.floats(-180, 180)),
)
def test_nearest_is_nearest_by_great_circle_also_across_the_date_line(
    points: list[tuple[float, float]], at: tuple[float, float]
) -> None:
    gazetteer = Gazetteer(Place(str(n), *point) for n, point in enumerate(points))
    located = gazetteer.by_point(*at, within_km=30_000)
    assert located is not None
    assert located.km == pytest.approx(min(haversine_km(at, point) for point in points), abs=1e-3)


def haversine_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    (phi, lam), (psi, mu) = (tuple(map(radians, point)) for point in (a, b))
    h = sin((psi - phi) / 2) ** 2 + cos(phi) * cos(psi) * sin((mu - lam) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(sqrt(h), 1.0))
