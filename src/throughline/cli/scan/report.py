"""Says what a scan found: as a document for programs, and in words."""

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from throughline.cli.scan.analysis import Analysis
from throughline.cli.scan.population import AtRisk

if TYPE_CHECKING:
    from throughline.science.scan import Cluster, ScanResult

Document = dict[str, Any]

TO_THE_END = (
    "The analysis is stratified by time. As in the reference program, `expected` adds up to the end of the study, "
    "though the window may end before; `expected_in_window` is what was expected in the window itself, and what the "
    "statistic and the relative risk rest on."
)


def document(analysis: Analysis, result: "ScanResult", *, elapsed_seconds: float) -> Document:
    """What `--json` writes. Dates are ISO 8601; a number that doesn't exist is None."""
    notes = [*analysis.warnings, *result.warnings, *([TO_THE_END] if _is_stratified(analysis) else [])]
    return {
        "analysis": analysis.analysis,
        "model": analysis.model,
        "rates": analysis.rates,
        "start": analysis.calendar.shown(analysis.calendar.starts[0]),
        "end": analysis.calendar.shown(analysis.calendar.end),
        "intervals": analysis.calendar.intervals,
        "places": len(analysis.places),
        "cases": result.total_cases,
        "clusters": [_cluster(analysis, cluster) for cluster in result.clusters],
        "replicates": result.replicates,
        "seed": result.seed,
        "elapsed_seconds": elapsed_seconds,
        "warnings": notes,
        "unused_settings": list(analysis.unused),
    }


def _cluster(analysis: Analysis, cluster: "Cluster") -> Document:
    calendar = analysis.calendar
    return {
        "members": [analysis.places[member] for member in cluster.members],
        "latitude": cluster.latitude,
        "longitude": cluster.longitude,
        "radius_km": _finite(cluster.radius_km),
        "start": calendar.shown(calendar.starts[cluster.start]),
        "end": calendar.shown(calendar.last(cluster.end)),
        "observed": cluster.observed,
        **_expected(analysis, cluster),
        "relative_risk": _finite(cluster.relative_risk),
        "log_likelihood_ratio": cluster.log_likelihood_ratio,
        "p_value": cluster.p_value,
        "recurrence_interval_days": _recurrence_days(analysis, cluster),
        "gumbel_p_value": _finite(cluster.gumbel_p_value),
        "test_statistic": cluster.test_statistic,
        "high": cluster.high,
        **_plane(cluster),
    }


def _plane(cluster: "Cluster") -> Document:
    """What only a cluster on a plane has; its radius is in the unit of x and y."""
    if cluster.x is None:
        return {}
    ellipse = cluster.ellipse
    names = ("shape", "angle_degrees", "minor", "major")
    found = {"ellipse": {name: getattr(ellipse, name) for name in names}} if ellipse else {}
    return {"x": cluster.x, "y": cluster.y, **found}


def _expected(analysis: Analysis, cluster: "Cluster") -> Document:
    if not _is_stratified(analysis):
        return {"expected": cluster.expected}
    return {"expected": _expected_to_end(analysis, cluster), "expected_in_window": cluster.expected}


def _expected_to_end(analysis: Analysis, cluster: "Cluster") -> float:
    """Each interval's cases times the members' share of its persons at risk, from the window's start on."""
    at_risk: AtRisk = analysis.arguments["population"]
    interval, count = analysis.arguments["interval"], analysis.arguments["count"]
    cases = np.bincount(interval, weights=count, minlength=analysis.calendar.intervals)
    members = at_risk.space[list(cluster.members)].sum(axis=0) @ at_risk.time
    everybody = at_risk.space.sum(axis=0) @ at_risk.time
    shares = np.divide(members, everybody, out=np.zeros_like(members), where=everybody > 0)
    return float((cases * shares)[cluster.start :].sum())


def _is_stratified(analysis: Analysis) -> bool:
    """Whether the reference's way to print expected counts differs from ours."""
    return analysis.from_reference and analysis.arguments.get("adjust") == "time"


def _recurrence_days(analysis: Analysis, cluster: "Cluster") -> float | None:
    if analysis.days_per_look is None or cluster.recurrence_interval is None:
        return None
    return _finite(cluster.recurrence_interval * analysis.days_per_look)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def in_words(found: Mapping[str, Any]) -> str:
    """The document as text to read."""
    return "\n".join([*_head(found), *_clusters(found), *_notes(found)])


def _head(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"{found['analysis'].capitalize()} scan, {found['model']} model, {found['rates']}."
    sizes = {"interval": found["intervals"], "place": found["places"], "case": found["cases"]}
    counted = ", ".join(_many(size, what) for what, size in sizes.items() if size)
    yield f"Study period {found['start']} to {found['end']}: {counted}."
    replicates, seconds = _many(found["replicates"], "replicate"), found["elapsed_seconds"]
    yield f"{replicates}, seed {found['seed']}, {seconds:.1f} seconds."


def _clusters(found: Mapping[str, Any]) -> Iterator[str]:
    if not found["clusters"]:
        yield "\nNo cluster was found."
    for number, cluster in enumerate(found["clusters"], 1):
        yield f"\n{number}. {_where(cluster)}{cluster['start']} to {cluster['end']}"
        yield f"   {_how_many(cluster, found['model'])}"
        yield f"   {_how_rare(cluster)}"
        if len(cluster["members"]) > 1:
            yield f"   places: {', '.join(cluster['members'])}"


def _where(cluster: Mapping[str, Any]) -> str:
    members = cluster["members"]
    if not members:
        return ""
    geographic = cluster["latitude"] is not None
    point = ("latitude", "longitude") if geographic else ("x", "y")
    centre = ", ".join(f"{cluster[name]:.6g}" for name in point)
    if len(members) == 1:
        return f"{members[0]} at ({centre}), "
    return f"{len(members)} places around ({centre}), {_reach(cluster, 'km' if geographic else 'units')}, "


def _reach(cluster: Mapping[str, Any], unit: str) -> str:
    ellipse = cluster.get("ellipse")
    if not ellipse or ellipse["shape"] == 1:
        return f"within {cluster['radius_km']:.2f} {unit}"
    axes = f"half-axes {ellipse['minor']:.2f} and {ellipse['major']:.2f} {unit}"
    return f"an ellipse of {axes} at {ellipse['angle_degrees']:.0f} degrees"


def _how_many(cluster: Mapping[str, Any], model: str) -> str:
    parts = [f"observed {cluster['observed']:,}"]
    if "expected_in_window" in cluster:
        parts += [f"expected {cluster['expected_in_window']:,.2f} in the window"]
        parts += [f"{cluster['expected']:,.2f} up to the end of the study"]
    else:
        parts += [f"expected {cluster['expected']:,.2f}"]
    if cluster["relative_risk"] is not None:
        ratio = "observed / expected" if "permutation" in model else "relative risk"
        parts += [f"{ratio} {cluster['relative_risk']:.2f}"]
    return ", ".join(parts)


def _how_rare(cluster: Mapping[str, Any]) -> str:
    parts = [f"log likelihood ratio {cluster['log_likelihood_ratio']:.6f}"]
    if cluster["test_statistic"] != cluster["log_likelihood_ratio"]:
        parts += [f"test statistic {cluster['test_statistic']:.6f}"]
    if cluster["p_value"] is not None:
        gumbel = cluster["gumbel_p_value"]
        parts += [f"p = {cluster['p_value']:.3g}" + (f" (Gumbel {gumbel:.3g})" if gumbel is not None else "")]
    if cluster["recurrence_interval_days"] is not None:
        parts += [f"by chance once in {_many(round(cluster['recurrence_interval_days']), 'day')}"]
    return ", ".join(parts)


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _notes(found: Mapping[str, Any]) -> Iterator[str]:
    if found["warnings"]:
        yield ""
    yield from (f"Warning: {warning}" for warning in found["warnings"])
    if found["unused_settings"]:
        yield f"\nThese settings have no effect: {', '.join(found['unused_settings'])}."
