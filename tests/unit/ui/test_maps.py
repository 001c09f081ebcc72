"""Maps: places keep their shape, their class and their words."""

from math import nan

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from throughline.ui.maps import (
    MARGIN,
    MOST_CLASSES,
    MOST_HEIGHT,
    WIDTH,
    PlaceMap,
    PlaceShape,
    project,
    upper_ends,
)


def square(west, south, size=0.1):
    corners = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    ring = [[west + size * x, south + size * y] for x, y in corners]
    return {"type": "Polygon", "coordinates": [ring]}


def test_classes_hold_about_equally_many_places_and_end_in_round_numbers():
    assert upper_ends([0, 0, *range(1, 101)]) == [20, 40, 60, 80, 100]
    assert upper_ends([0.1234, 3]) == [0.13, 3]
    assert upper_ends([0, 0]) == [0]
    assert upper_ends([]) == []


@given(st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=60))
def test_every_value_has_one_of_at_most_five_classes(values):
    shapes = [PlaceShape(code=str(turn), name="x", value=value) for turn, value in enumerate(values)]
    drawn = PlaceMap(title="Values", shapes=shapes)
    assert {drawn.tone(shape) for shape in shapes} <= {str(turn) for turn in range(1, MOST_CLASSES + 1)}


def test_withheld_and_missing_values_have_their_own_tones_and_words():
    shapes = [
        PlaceShape("1", "A", value=5),
        PlaceShape("2", "B", value=None),
        PlaceShape("3", "C", value=nan),
    ]
    drawn = PlaceMap(title="Values", shapes=shapes)
    assert [drawn.tone(shape) for shape in shapes] == ["1", "withheld", "missing"]
    assert drawn.legend == [
        ("1", "up to 5"),
        ("withheld", "withheld to protect privacy"),
        ("missing", "no data"),
    ]


def test_a_square_kilometre_stays_square_at_its_latitude():
    ground = shapely.box(-78, 42, -77.9, 42 + 0.1 * np.cos(np.radians(42.037)))
    west, north, east, south = shapely.total_bounds(project(np.array([ground], dtype=object)))
    assert (east - west) / (south - north) == pytest.approx(1, rel=0.001)


@given(st.lists(st.tuples(st.floats(-179, 179), st.floats(-80, 80)), min_size=1, max_size=30))
def test_every_place_lies_on_the_page(points):
    located = project(np.array([shapely.Point(*point) for point in points], dtype=object))
    west, north, east, south = shapely.total_bounds(located)
    assert west >= 0 and east <= WIDTH
    assert north >= MARGIN - 1e-6 and south <= MOST_HEIGHT


def test_boundaries_become_paths_and_centroids_dots_and_the_unlocated_only_rows():
    shapes = [
        PlaceShape("1", "Tract", boundary=square(-78, 42)),
        PlaceShape("2", "Centre", latitude=42.2, longitude=-78.0),
        PlaceShape("3", "Unknown"),
    ]
    drawn = PlaceMap(title="Places", shapes=shapes)
    assert [bool(one.path) for one in drawn.drawn] == [True, False]
    assert drawn.table_rows.count("<tr>") == 3


def test_a_hole_is_a_second_ring_of_the_path():
    boundary = square(-78, 42)
    boundary["coordinates"].append(square(-77.97, 42.03, 0.04)["coordinates"][0])
    (drawn,) = PlaceMap(title="Lake", shapes=[PlaceShape("1", "Lake", boundary=boundary)]).drawn
    assert drawn.path.count("M") == 2


def test_names_are_escaped():
    shape = PlaceShape("1", "<b>&", latitude=42, longitude=-78, value=2, url="/p/?a=1&b=2")
    drawn = PlaceMap(title="Names", shapes=[shape])
    markup = drawn.groups[0][1] + drawn.table_rows
    assert "<b>" not in markup
    assert "&lt;b&gt;&amp;: 2" in markup
    assert 'href="/p/?a=1&amp;b=2"' in markup


def test_highlighted_places_come_first_in_the_table_and_last_in_the_drawing():
    shapes = [
        PlaceShape("1", "High", latitude=42, longitude=-78, value=9),
        PlaceShape("2", "Lit", latitude=42.1, longitude=-78, value=1, highlighted=True),
    ]
    drawn = PlaceMap(title="Lit", shapes=shapes)
    assert drawn.table_rows.index("Lit") < drawn.table_rows.index("High")
    assert drawn.outlines.count("<circle") == 1


def test_a_thousand_dots_stay_under_four_hundred_kilobytes():
    shapes = [
        PlaceShape(
            f"36029{turn:06}", f"Census Tract {turn}", latitude=42 + turn / 9000, longitude=-78 - turn % 37 / 40,
            value=turn % 30, url=f"/places/36029{turn:06}/",
        )
        for turn in range(1328)
    ]  # fmt: skip
    drawn = PlaceMap(title="State", shapes=shapes)
    size = sum(len(markup) for _tone, markup in drawn.groups) + len(drawn.table_rows)
    assert size < 400_000
