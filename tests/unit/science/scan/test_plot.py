"""What the picture of a scan shows, read from its axes; and that it can be saved where there is no screen."""

import sys

import numpy as np
import pandas as pd
import pytest

from throughline.science.scan import Ellipses, prospective_scan, spatial_scan, temporal_scan
from throughline.science.scan.plot import plot_scan
from throughline.science.scan.tables import scan_table

FAR_NORTH = 60.0  # degrees, where a degree of longitude is half as long as one of latitude


@pytest.fixture
def on_earth(outbreak):
    """The outbreak around a point at 60 degrees north; x and y were kilometres."""
    north, east = outbreak.pop("y"), outbreak.pop("x")
    return outbreak | {"latitude": FAR_NORTH + north / 111, "longitude": 10 + east / 55.5}


def draw(arguments, ask=prospective_scan):
    result = ask(**arguments)
    return result, plot_scan(result, **arguments).axes


def test_a_map_and_a_chart_are_saved_without_a_screen(outbreak, tmp_path, monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    plot_scan(prospective_scan(**outbreak), **outbreak).savefig(tmp_path / "scan.png")
    assert (tmp_path / "scan.png").read_bytes().startswith(b"\x89PNG")


def test_every_place_is_on_the_map_with_its_cases(outbreak):
    _, (chart_of_places, _) = draw(outbreak)
    dots = chart_of_places.collections[0]
    np.testing.assert_allclose(dots.get_offsets(), np.column_stack([outbreak["x"], outbreak["y"]]))
    assert np.argmax(dots.get_sizes()) == np.argmax(np.bincount(outbreak["place"]))


def test_a_circle_goes_around_its_members_and_nobody_else(on_earth):
    """On the sphere: the circle's points are as far as the farthest member."""
    result, (places, _) = draw(on_earth)
    cluster = result.clusters[0]
    across, up = places.lines[0].get_data()
    apart = np.hypot(
        (across - cluster.longitude) * 111.125 * np.cos(np.radians(up)), (up - cluster.latitude) * 111.125
    )
    np.testing.assert_allclose(apart, cluster.radius_km, rtol=0.01)


def test_a_degree_of_longitude_is_drawn_as_short_as_it_is(on_earth):
    _, (places, _) = draw(on_earth)
    assert places.get_aspect() == pytest.approx(2, rel=0.01)


def test_kilometres_are_drawn_alike_in_both_directions(outbreak):
    _, (places, _) = draw(outbreak)
    assert places.get_aspect() == 1


def test_an_ellipse_is_as_long_and_as_wide_as_it_was_found(outbreak):
    where = {name: outbreak[name] for name in ("place", "x", "y", "seed", "replicates")}
    result, (places,) = draw(where | {"population": np.ones(25), "ellipses": Ellipses()}, spatial_scan)
    cluster, (across, up) = result.clusters[0], places.lines[0].get_data()
    from_centre = np.hypot(across - cluster.x, up - cluster.y)
    assert from_centre.min() == pytest.approx(cluster.ellipse.minor)
    assert from_centre.max() == pytest.approx(cluster.ellipse.major)
    farthest = np.argmax(from_centre)
    angle = np.degrees(np.arctan2(up[farthest] - cluster.y, across[farthest] - cluster.x))
    assert (angle - cluster.ellipse.angle_degrees) % 180 == pytest.approx(0, abs=1e-6)


def test_the_legend_tells_each_cluster(outbreak):
    result, (places, _) = draw(outbreak)
    first = result.clusters[0]
    captions = [text.get_text() for text in places.get_legend().get_texts()]
    assert captions[0] == f"1: {first.observed} cases, {first.expected:.2f} expected, p = 0.01"
    assert [text.get_text() for text in places.texts] == [str(n + 1) for n in range(len(captions))]


def test_no_more_clusters_are_drawn_than_asked(outbreak):
    result = prospective_scan(**outbreak | {"replicates": 0})
    assert len(result.clusters) > 1
    assert len(plot_scan(result, most=1, **outbreak).axes[0].lines) == 1


def test_the_chart_shows_the_likeliest_clusters_cases_expectation_and_window(outbreak):
    result, (_, chart) = draw(outbreak)
    cluster = result.clusters[0]
    observed, expected = (stairs.get_data().values for stairs in chart.patches[-2:])
    window = slice(cluster.start, cluster.end + 1)
    assert observed[window].sum() == cluster.observed
    assert expected[window].sum() == pytest.approx(cluster.expected)
    assert observed.sum() == np.isin(outbreak["place"], cluster.members).sum()
    shade = chart.patches[0].get_extents().transformed(chart.transData.inverted())
    assert (shade.x0, shade.x1) == pytest.approx((cluster.start - 0.5, cluster.end + 0.5))
    assert [text.get_text() for text in chart.get_legend().get_texts()] == ["window", "observed", "expected"]


def test_a_question_about_time_has_no_map(outbreak):
    when = {
        name: outbreak[name] for name in ("interval", "intervals", "maximum_length", "seed", "replicates")
    }
    result, (chart,) = draw(when, temporal_scan)
    assert chart.get_title() == "Cases in all places"
    assert chart.patches[-2].get_data().values.sum() == result.total_cases


def test_a_scan_of_tables_is_labelled_with_its_days():
    days = pd.date_range("2026-01-01", periods=60).repeat(2)
    figure = scan_table(pd.DataFrame({"date": days}), question="temporal", maximum_length=7, seed=1).plot()
    figure.draw_without_rendering()
    assert "2026" in figure.axes[0].xaxis.get_major_formatter().get_offset()


def test_without_matplotlib_it_says_how_to_get_it(outbreak, monkeypatch):
    result = prospective_scan(**outbreak)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"pip install 'throughline\[plot\]'"):
        plot_scan(result, **outbreak)
