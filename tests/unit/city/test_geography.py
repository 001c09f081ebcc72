"""Neighbourhoods tile the city, wards are whole, and residents add up at every level."""

import csv
from collections import defaultdict

import numpy as np
import pytest
import shapely

from throughline.city.chance import apportion
from throughline.city.geography import Geography, lay_out, points_in


@pytest.fixture(scope="module", params=[(7, 1.0), (1, 0.25), (2, 1.0), (3, 2.0)], ids=str)
def geography(request) -> Geography:
    seed, scale = request.param
    return lay_out(seed=seed, scale=scale)


def test_neighbourhoods_leave_no_gap_and_do_not_overlap(geography):
    cells = [place.boundary for place in geography.neighbourhoods]
    assert sum(cell.area for cell in cells) == pytest.approx(geography.city.boundary.area, rel=1e-12)
    overlaps = [a.intersection(b).area for n, a in enumerate(cells) for b in cells[:n]]
    assert max(overlaps) == 0
    assert geography.city.boundary.geom_type == "Polygon"
    assert len(geography.city.boundary.interiors) == 0


def test_every_point_of_the_city_lies_in_exactly_one_neighbourhood(geography):
    rng = np.random.default_rng(0)
    points = points_in(geography.city, 2000, rng) + 1e-9
    inside = sum(
        shapely.contains_xy(place.boundary, points).astype(int) for place in geography.neighbourhoods
    )
    assert set(inside) == {1}


def test_points_drawn_for_a_place_stay_inside_it_after_rounding(geography):
    for place in geography.neighbourhoods:
        points = points_in(place, 20, np.random.default_rng(1))
        assert shapely.contains_xy(place.boundary, points).all()


def test_boundaries_are_valid_and_centres_lie_inside(geography):
    for place in geography.places:
        assert place.boundary.is_valid
        assert shapely.contains_xy(place.boundary, place.longitude, place.latitude)


def test_residents_and_strata_add_up_at_every_level(geography):
    children = defaultdict(int)
    for place in geography.places:
        children[place.parent] += place.population
        dimensions = defaultdict(int)
        for (dimension, _), residents in place.strata.items():
            dimensions[dimension] += residents
        assert set(dimensions.values()) == {place.population}
    for place in (geography.city, *geography.wards):
        assert children[place.code] == place.population


def test_codes_and_names_are_unique_and_codes_name_the_ward(geography):
    assert len({place.code for place in geography.places}) == len(geography.places)
    assert len({place.name for place in geography.places}) == len(geography.places)
    assert all(place.code.startswith(place.parent) for place in geography.neighbourhoods)


def test_the_whole_city_has_400000_residents_in_48_neighbourhoods_and_8_wards():
    geography = lay_out(seed=7)
    assert geography.city.population == 400_000
    assert (len(geography.neighbourhoods), len(geography.wards)) == (48, 8)
    assert {len(geography.within(ward.code)) for ward in geography.wards} == {6}


def test_the_tables_say_the_same_as_the_boundaries(town):
    with town.files.places.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    features = {feature["properties"]["code"]: feature for feature in town.read("places.geojson")["features"]}
    assert [row["code"] for row in rows] == list(features)
    assert int(rows[0]["population"]) == sum(
        int(row["population"]) for row in rows if row["parent"] == rows[0]["code"]
    )
    assert int(rows[1]["population:sex:female"]) + int(rows[1]["population:sex:male"]) == int(
        rows[1]["population"]
    )
    for row in rows:
        shape = shapely.geometry.shape(features[row["code"]]["geometry"])
        assert shapely.contains_xy(shape, float(row["longitude"]), float(row["latitude"]))


def test_apportioning_gives_whole_numbers_that_add_up():
    shares = np.random.default_rng(2).random(17)
    for total in (0, 1, 16, 1000):
        parts = apportion(total, shares)
        assert parts.sum() == total
        assert (abs(parts - total * shares / shares.sum()) < 1).all()
