"""Shows what a scan found: a map of places and circles, and the likeliest cluster's cases over time."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from throughline.science.distance import EARTH_RADIUS_KM
from throughline.science.scan.answering import ScanResult
from throughline.science.scan.clusters import Cluster
from throughline.science.scan.models import Study, apply_model, check_study

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Points = tuple[Floats, Floats]  # across, up

# told apart by the colour-blind, too (Okabe & Ito 2008, "Color Universal Design")
COLOURS = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#56B4E9")
EARTH, PLANE = ("longitude", "latitude"), ("x", "y")
GREY, DARK = "#A0A0A0", "#222222"
SHADE = "#E69F00"
BELOW: Mapping[str, Any] = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.12), "frameon": False}
SMALLEST, LARGEST = 3.0, 150.0  # areas of dots, in square points


def plot_scan(
    result: ScanResult, *, dates: ArrayLike | None = None, most: int = len(COLOURS), **arguments: Any
) -> "Figure":
    """A map of the `most` likeliest clusters, and the cases of the likeliest by interval.

    arguments: the very ones that the question was asked with; its options are passed over. dates: the first day of
    each interval, to label the chart with. A spatial scan has no chart, a temporal one no map. No screen is needed:
    `plot_scan(result, **arguments).savefig("scan.png")`. ImportError without matplotlib.
    """
    new_figure = _figure_class()
    study = _study(arguments)
    panels = [name for name in ("place", "interval") if name in arguments]
    figure = new_figure(figsize=(6.5 * len(panels), 5.5), layout="constrained")
    axes = dict(zip(panels, figure.subplots(1, len(panels), squeeze=False)[0], strict=True))
    if "place" in axes:
        _draw_map(axes["place"], arguments, study.counts(), result.clusters[:most])
    if "interval" in axes:
        _draw_chart(axes["interval"], study, result.clusters[:1], dates)
    return figure


def _figure_class() -> "type[Figure]":
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("a plot needs matplotlib: pip install 'throughline[plot]'.") from error
    return Figure


def _study(given: Mapping[str, Any]) -> Study:
    """A question without places has one, a question without intervals one, too."""
    located, timed = "place" in given, "interval" in given
    nothing = np.zeros_like(given["place" if located else "interval"])
    intervals = given.get("intervals", 1)
    return check_study(
        place=given.get("place", nothing),
        interval=given.get("interval", nothing),
        count=given.get("count"),
        strata=given.get("strata"),
        places=len(_points(given)[0]) if located else 1,
        intervals=intervals,
        model=given.get("model", "permutation" if located and timed else "poisson"),
        adjust=given.get("adjust", "none"),
        population=given.get("population", None if located else np.ones((1, intervals))),
        controls=given.get("controls"),
    )


def _names(given: Mapping[str, Any]) -> tuple[str, str]:
    return PLANE if given.get("latitude") is None else EARTH


def _points(given: Mapping[str, Any]) -> Points:
    across, up = (np.asarray(given[name], np.float64) for name in _names(given))
    return across, up


def _draw_map(axes: "Axes", given: Mapping[str, Any], cases: Indices, clusters: Sequence[Cluster]) -> None:
    names, (across, up) = _names(given), _points(given)
    areas = SMALLEST + (LARGEST - SMALLEST) * cases / max(int(cases.max()), 1)
    axes.scatter(across, up, areas, color=GREY, alpha=0.6, linewidths=0)
    for number, cluster in enumerate(clusters, 1):
        colour, members = COLOURS[(number - 1) % len(COLOURS)], list(cluster.members)
        axes.scatter(across[members], up[members], areas[members], color=colour, linewidths=0)
        axes.plot(*_outline(cluster), color=colour, label=_caption(number, cluster))
        _number(axes, number, cluster, colour)
    axes.set(xlabel=names[0], ylabel=names[1], title="Places by number of cases (area of dots)")
    axes.locator_params(nbins=6)
    axes.set_aspect(1 / np.cos(np.radians(up.mean())) if names == EARTH else 1.0)
    if clusters:
        axes.legend(**BELOW)


def _number(axes: "Axes", number: int, cluster: Cluster, colour: str) -> None:
    """A cluster's number above it, so that colours aren't needed to tell it."""
    across, up = _outline(cluster)
    top = int(np.argmax(up))
    axes.annotate(
        str(number),
        (across[top], up[top]),
        xytext=(0, 7),  # points, to clear the dot of a single place
        textcoords="offset points",
        horizontalalignment="center",
        color=colour,
        weight="bold",
    )


def _caption(number: int, cluster: Cluster) -> str:
    chance = "" if cluster.p_value is None else f", p = {cluster.p_value:.3g}"
    return f"{number}: {cluster.observed} cases, {cluster.expected:.2f} expected{chance}"


def _outline(cluster: Cluster) -> Points:
    """Of its circle on the sphere, or of its circle or ellipse on a plane."""
    turn = np.linspace(0.0, 2 * np.pi, 181)
    if cluster.latitude is not None and cluster.longitude is not None:
        return _circle_on_earth(cluster.latitude, cluster.longitude, cluster.radius_km, turn)
    shape, degrees = 1.0, 0.0
    if cluster.ellipse is not None:
        shape, degrees = cluster.ellipse.shape, cluster.ellipse.angle_degrees
    along, aside = cluster.radius_km * shape * np.cos(turn), cluster.radius_km * np.sin(turn)
    angle = np.radians(degrees)
    return (
        (cluster.x or 0.0) + along * np.cos(angle) - aside * np.sin(angle),
        (cluster.y or 0.0) + along * np.sin(angle) + aside * np.cos(angle),
    )


def _circle_on_earth(latitude: float, longitude: float, radius_km: float, bearing: Floats) -> Points:
    """Points at one distance in all directions (Williams 2011, "Aviation Formulary", lat/lon given radial)."""
    phi, reach = np.radians(latitude), radius_km / EARTH_RADIUS_KM
    up = np.arcsin(np.sin(phi) * np.cos(reach) + np.cos(phi) * np.sin(reach) * np.cos(bearing))
    east = np.arctan2(np.sin(bearing) * np.sin(reach) * np.cos(phi), np.cos(reach) - np.sin(phi) * np.sin(up))
    return longitude + np.degrees(east), np.degrees(up)


def _draw_chart(axes: "Axes", study: Study, likeliest: Sequence[Cluster], dates: ArrayLike | None) -> None:
    """Cases by interval in the likeliest cluster's places, or in all where there is none."""
    members = [place for cluster in likeliest for place in cluster.members] or list(range(study.places))
    inside = study.interval[np.isin(study.place, members)]
    observed, edges = np.bincount(inside, minlength=study.intervals), _edges(axes, study.intervals, dates)
    for cluster in likeliest:
        window = edges[cluster.start], edges[cluster.end + 1]
        axes.axvspan(*window, color=SHADE, alpha=0.3, linewidth=0, label="window")
    axes.stairs(observed, edges, fill=True, color=COLOURS[0], label="observed")
    axes.stairs(_expected(study, members), edges, baseline=None, color=DARK, label="expected")
    axes.set(ylabel="cases per interval", title=f"Cases in {_whose(study, likeliest)}")
    axes.set_ylim(0, 1.15 * max(axes.get_ylim()[1], 1.0))  # the window shows above its highest bar
    axes.legend(**BELOW, ncols=3)


def _whose(study: Study, likeliest: Sequence[Cluster]) -> str:
    if not likeliest or study.places == 1:
        return "all places"
    many = len(likeliest[0].members)
    return "the place of cluster 1" if many == 1 else f"the {many} places of cluster 1"


def _expected(study: Study, members: Sequence[int]) -> Floats:
    """Cases of the members by interval."""
    exposure = apply_model(study, {1: 1}).null.expected  # by age: the last interval first
    return np.asarray(exposure.space[list(members)].sum(axis=0) @ exposure.time)[::-1]


def _edges(axes: "Axes", intervals: int, dates: ArrayLike | None) -> Floats:
    """Of each interval and, as one more, the end of the last, which is drawn as long as the one before."""
    if dates is None:
        axes.set_xlabel("interval")
        return np.arange(intervals + 1, dtype=np.float64) - 0.5
    from matplotlib.dates import ConciseDateFormatter

    axes.xaxis_date()
    axes.xaxis.set_major_formatter(
        ConciseDateFormatter(axes.xaxis.get_major_locator())  # type: ignore[no-untyped-call]
    )
    days = np.asarray(dates, "datetime64[D]").astype(np.float64)  # since 1970, as matplotlib counts them
    return np.append(days, days[-1] + (days[-1] - days[-2] if intervals > 1 else 1.0))
