"""The same digits as the reference programs: R `surveillance` for EARS, SaTScan for the scan statistic."""

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from throughline.science.scan import prospective_scan
from throughline.science.spikes import ears

GOLDEN = Path(__file__).parents[3].parent / "shared" / "golden"
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


def rows(name):
    return [line.split() for line in (GOLDEN / "satscan" / name).read_text().splitlines() if line.strip()]


def settings(name):
    lines = (GOLDEN / "satscan" / f"{name}.prm").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def reported(name):
    return json.loads((GOLDEN / "satscan" / f"{name}.json").read_text())


def places(name):
    geo = rows(name)
    latitude, longitude = np.array([[float(row[1]), float(row[2])] for row in geo]).T
    return {row[0]: index for index, row in enumerate(geo)}, latitude, longitude


def day_of(text):
    return date(*map(int, text.split("/")))


def check(clusters, golden, index, first):
    """Every printed digit of the clusters; `first` turns days of the study into the printed start."""
    for cluster, printed in zip(clusters, golden["clusters"], strict=False):
        statistic = printed.get("LLR") or printed["TEST_STAT"]
        assert cluster.members[0] == index[printed["LOC_ID"]]
        assert f"{cluster.log_likelihood_ratio:.6f}" == statistic
        assert cluster.observed == int(printed["OBSERVED"])
        assert f"{cluster.expected:.2f}" == printed["EXPECTED"]
        assert f"{cluster.observed / cluster.expected:.2f}" == printed["ODE"]
        assert cluster.radius_km == pytest.approx(float(printed["RADIUS"]), abs=0.0051)
        assert len(cluster.members) == int(printed["NUMBER_LOC"])
        assert first(cluster.start_day) == printed["START_DATE"]
        p_value = float(printed["P_VALUE"])
        assert cluster.p_value == pytest.approx(
            p_value, abs=4 * np.sqrt(2 * p_value * (1 - p_value) / 999) + 0.002
        )
    members = {index[name] for name in golden["most_likely_members"]}
    assert set(clusters[0].members) == members


def test_prospective_permutation_of_new_york_fever():
    name = "nyc_prosp_stp_3km_7d"
    prm, golden = settings(name), reported(name)
    index, latitude, longitude = places(prm["CoordinatesFile"])
    start = day_of(prm["StartDate"])
    cases = [
        (index[place], (day_of(day) - start).days)
        for place, count, day in rows(prm["CaseFile"])
        for _ in range(int(count))
    ]
    place, day = np.array(cases).T
    result = prospective_scan(
        place=place,
        day=day,
        latitude=latitude,
        longitude=longitude,
        days=(day_of(prm["EndDate"]) - start).days + 1,
        maximum_days=int(prm["MaxTemporalSize"]),
        maximum_radius_km=float(prm["MaxSpatialSizeInDistanceFromCenter"]),
        replicates=int(prm["MonteCarloReps"]),
        seed=1,
    )
    assert len(result.clusters) >= 3
    check(result.clusters, golden, index, lambda day: f"{start + timedelta(days=day):%Y/%-m/%-d}")
    assert result.simulated_maxima.mean() == pytest.approx(golden["simulated_maxima"]["mean"], rel=0.03)


def test_prospective_poisson_of_new_mexico_adjusted_for_age_and_sex():
    name = "nm_prosp_st_poisson_50pct"
    prm, golden = settings(name), reported(name)
    index, latitude, longitude = places(prm["CoordinatesFile"])
    years = np.arange(1973, 1992)
    cases = [
        (index[place], int(year) - 1973, (age, sex), int(n))
        for place, n, year, age, sex in rows(prm["CaseFile"])
    ]
    result = prospective_scan(
        place=np.repeat([case[0] for case in cases], [case[3] for case in cases]),
        day=np.repeat([case[1] for case in cases], [case[3] for case in cases]),
        latitude=latitude,
        longitude=longitude,
        days=len(years),
        maximum_days=len(years) * int(prm["MaxTemporalSize"]) // 100,
        model="poisson",
        population=expected_after_adjustment(cases, rows(prm["PopulationFile"]), index, years),
        seed=1,
    )
    check(result.clusters, golden, index, lambda year: f"{years[year]}/1/1")
    assert len(result.clusters) == len(golden["clusters"])
    assert f"{result.clusters[0].relative_risk:.2f}" == golden["clusters"][0]["REL_RISK"]
    assert result.simulated_maxima.mean() == pytest.approx(golden["simulated_maxima"]["mean"], rel=0.05)


def expected_after_adjustment(cases, population, index, years):
    """Indirect standardization by age and sex; census counts of July 1, interpolated day by day."""
    days = np.arange(date(years[0], 1, 1).toordinal(), date(years[-1] + 1, 1, 1).toordinal())
    starts = np.searchsorted(days, [date(year, 1, 1).toordinal() for year in years])
    census = {}
    for place, year, persons, age, sex in population:
        known = census.setdefault((age, sex), {}).setdefault(index[place], {})
        known[date(1900 + int(year), 7, 1).toordinal()] = float(persons)
    expected = np.zeros((len(index), len(years)))
    for stratum, by_place in census.items():
        person_days = np.zeros_like(expected)
        for place, known in by_place.items():
            daily = np.interp(days + 0.5, sorted(known), [known[day] for day in sorted(known)])
            person_days[place] = np.add.reduceat(daily, starts)
        observed = sum(case[3] for case in cases if case[2] == stratum)
        expected += observed * person_days / person_days.sum()
    return expected
