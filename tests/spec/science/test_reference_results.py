"""The same digits as the reference programs: R `surveillance` for EARS, SaTScan for the scan statistic."""

import json
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from throughline.cli.scan.calendar import Unit, parse_time
from throughline.cli.scan.reference import read_analysis
from throughline.cli.scan.report import document
from throughline.cli.scan.running import run
from throughline.science.spikes import ears

GOLDEN = Path(__file__).parents[3].parent / "shared" / "golden"
ANALYSES = sorted(path.stem for path in (GOLDEN / "satscan").glob("*.prm"))
pytestmark = pytest.mark.skipif(not GOLDEN.exists(), reason=f"reference results are not at {GOLDEN}")


@pytest.mark.parametrize("method", ["C1", "C2", "C3"])
def test_ears_gives_the_bounds_and_alarms_of_r_surveillance(method):
    counts = np.loadtxt(
        GOLDEN / "surveillance/salmNewport_weekly_DE_2004_2013.csv", delimiter=",", skiprows=1, usecols=2
    )
    golden = np.loadtxt(GOLDEN / f"surveillance/ears_{method}.csv", delimiter=",", skiprows=1)
    weeks = golden[:, 0].astype(int) - 1
    result = ears(counts, method=method)
    np.testing.assert_allclose(result.upper_bound[weeks], golden[:, 2], atol=1e-10)
    np.testing.assert_array_equal(result.alarm[weeks], golden[:, 3] == 1)


@cache
def scanned(name):
    """What `throughline scan NAME.prm` finds, and what the reference printed for the same file."""
    analysis = read_analysis(GOLDEN / "satscan" / f"{name}.prm")
    result = run(analysis, replicates=None, seed=1, threads=None)
    golden = json.loads((GOLDEN / "satscan" / f"{name}.json").read_text())
    return document(analysis, result, elapsed_seconds=0.0), golden, result


def pairs(name):
    """Our clusters and the printed ones. Where the list ends is chance: at those that every replicate beats."""
    found, golden, _ = scanned(name)
    certain = sum(float(printed["P_VALUE"]) < 0.99 for printed in golden["clusters"])
    assert len(found["clusters"]) >= certain > 0
    return list(zip(found["clusters"], golden["clusters"], strict=False))


def days(printed):
    return parse_time(printed, Unit.DAY)


def iso(day):
    return date.fromordinal(day).isoformat()


@pytest.mark.parametrize("name", ANALYSES)
def test_the_same_clusters_in_the_same_order(name):
    for cluster, printed in pairs(name):
        assert cluster["members"][:1] == ([] if printed["LOC_ID"] == "All" else [printed["LOC_ID"]])
        assert len(cluster["members"]) == (int(printed["NUMBER_LOC"]) if cluster["members"] else 0)
        assert cluster["start"] == iso(days(printed["START_DATE"]).first)
        assert cluster["end"] == iso(days(printed["END_DATE"]).last)
        assert cluster["observed"] == int(printed["OBSERVED"])
    found, golden, _ = scanned(name)
    assert sorted(found["clusters"][0]["members"]) == sorted(golden["most_likely_members"])


@pytest.mark.parametrize("name", ANALYSES)
def test_the_same_digits_as_far_as_printed(name):
    for cluster, printed in pairs(name):
        ours = {
            "EXPECTED": cluster["expected"],
            "ODE": cluster["observed"] / cluster["expected"],
            "REL_RISK": cluster["relative_risk"],
            "LLR": cluster["log_likelihood_ratio"],
            "TEST_STAT": cluster["test_statistic"],
        }
        for column in ours.keys() & printed.keys():
            decimals = len(printed[column].partition(".")[2])
            assert f"{ours[column]:.{decimals}f}" == printed[column], column


@pytest.mark.parametrize("name", ANALYSES)
def test_the_same_places_on_the_map(name):
    columns = {"LATITUDE": "latitude", "LONGITUDE": "longitude", "X": "x", "Y": "y", "RADIUS": "radius_km"}
    for cluster, printed in pairs(name):
        for column in columns.keys() & printed.keys():
            assert cluster[columns[column]] == pytest.approx(float(printed[column]), abs=0.0051)
        if "E_SHAPE" in printed:
            ellipse = cluster["ellipse"]
            found = (ellipse["shape"], ellipse["minor"], ellipse["major"], ellipse["angle_degrees"])
            golden = [float(printed[f"E_{part}"]) for part in ("SHAPE", "MINOR", "MAJOR", "ANGLE")]
            assert found == pytest.approx(golden, abs=0.0051)


@pytest.mark.parametrize("name", ANALYSES)
def test_the_same_p_values_but_for_chance(name):
    for cluster, printed in pairs(name):
        p_value = float(printed["P_VALUE"])
        chance = 4 * np.sqrt(2 * p_value * (1 - p_value) / 999) + 0.002
        key = "gumbel_p_value" if name.endswith("gumbel") else "p_value"
        assert cluster[key] == pytest.approx(p_value, abs=chance)
    found, golden, result = scanned(name)
    assert (found["replicates"], found["seed"]) == (golden["simulated_maxima"]["n"], 1)
    assert result.simulated_maxima.mean() == pytest.approx(golden["simulated_maxima"]["mean"], rel=0.05)


@pytest.mark.parametrize("name", [name for name in ANALYSES if "prosp" in name])
def test_recurrence_intervals_are_the_days_between_looks_over_p(name):
    days_per_look = 365.25 if name.startswith("nm") else 1.0
    for cluster, printed in pairs(name):
        assert cluster["recurrence_interval_days"] * cluster["p_value"] == pytest.approx(days_per_look)
        if days_per_look > 1:
            golden = float(printed["RECURR_INT"]) * float(printed["P_VALUE"])
            assert golden == pytest.approx(days_per_look, rel=0.01)


def test_what_the_reference_prints_as_expected_reaches_past_the_window():
    """A stratified analysis prints 341.19 up to the end of the study, where the window itself expects 297.26."""
    found, _, _ = scanned("nm_retro_st_poisson_timestrat")
    first = found["clusters"][0]
    assert (f"{first['expected']:.2f}", f"{first['expected_in_window']:.2f}") == ("341.19", "297.26")
    assert any("expected_in_window" in warning for warning in found["warnings"])
