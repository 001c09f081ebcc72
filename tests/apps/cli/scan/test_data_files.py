"""Data files in every spelling that the reference accepts; what can't be right names file, line, field and value."""

import numpy as np
import pytest

from throughline.cli.faults import Fault
from throughline.cli.scan.reference import read_analysis


def refusal(path) -> str:
    with pytest.raises(Fault) as told:
        read_analysis(path)
    return told.value.message


def test_an_analysis_becomes_the_arguments_of_a_scan(write):
    analysis = read_analysis(write())
    assert analysis.question == "prospective"
    assert analysis.places == ("a", "b", "c", "d")
    assert (analysis.days_per_look, analysis.warnings) == (1.0, ())
    arguments = dict(analysis.arguments)
    np.testing.assert_array_equal(arguments.pop("place"), [0, 0, 2, 2, 3, 3, 1, 1, 1])
    np.testing.assert_array_equal(arguments.pop("interval"), [0, 3, 1, 5, 2, 8, 1, 8, 9])
    np.testing.assert_array_equal(arguments.pop("count"), [1, 1, 1, 1, 2, 1, 1, 2, 3])
    np.testing.assert_array_equal(arguments.pop("latitude"), [40.0, 40.1, 40.2, 40.3])
    np.testing.assert_array_equal(arguments.pop("longitude"), [-75.0] * 4)
    assert arguments == {
        "intervals": 10,
        "minimum_length": 1,
        "maximum_length": 3,
        "model": "permutation",
        "rates": "high",
        "minimum_cases": 2,
        "minimum_low_cases": 0,
        "maximum_population_share": 0.5,
        "overlap": "none",
        "replicates": 99,
        "stop_after": None,
    }


@pytest.mark.parametrize(
    "spelled",
    [
        "a,40.0,-75.0\nb , 40.1 , -75.0\nc,40.2,-75.0,\nd,40.3,-75.0\n",
        "a\t40.0\t-75.0\r\nb 40.1 -75.0\r\n\r\n  c 40.2   -75.0\r\nd 40.3 -75.0",
        '// places\n"a" "40.0" -75\n; more\nb 40.1 -75\n# and more\nc 40.2 -75\nd 40.3 -75\n',
        "\ufeffa 40.0 -75.0\nb 40.1 -75.0\nc 40.2 -75.0\nd 40.3 -75.0\n",
        "d 40.3 -75.0\nc 40.2 -75.0\nb 40.1 -75.0\na 40.0 -75.0\na 40.0 -75.0\n",
    ],
)
def test_the_same_file_in_other_spellings(write, spelled):
    expected = read_analysis(write()).arguments["latitude"]
    np.testing.assert_array_equal(read_analysis(write(study_geo=spelled)).arguments["latitude"], expected)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_names_may_have_accents_and_blanks(write, encoding):
    geo = '"Doña Ana" 32.3 -106.8\nLuna 32.2 -107.7\n'.encode(encoding)
    cas = '"Doña Ana",1,2026/3/1\nLuna,2,2026/3/2\n'.encode(encoding)
    assert read_analysis(write(study_geo=geo, study_cas=cas)).places == ("Doña Ana", "Luna")


def test_two_identifiers_at_one_point_stay_two_places(write):
    analysis = read_analysis(write(study_geo="a 40 -75\nb 40 -75\nc 40.2 -75\nd 40.3 -75\n"))
    assert len(analysis.places) == 4


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("study_cas", "e 1 2026/3/1\n", "study.cas, line 1: location: 'e'. Expected an identifier"),
        (
            "study_cas",
            "a 1 2026/3/1\na -1 2026/3/1\n",
            "study.cas, line 2: count: '-1'. Expected a whole number",
        ),
        ("study_cas", "a 1.5 2026/3/1\n", "study.cas, line 1: count: '1.5'. Expected a whole number"),
        ("study_cas", "a 1_0 2026/3/1\n", "study.cas, line 1: count: '1_0'. Expected a whole number"),
        ("study_cas", "a 1e1 2026/3/1\n", "study.cas, line 1: count: '1e1'. Expected a whole number"),
        ("study_cas", "a 1 0202/1/2\n", "study.cas, line 1: time: '0202/1/2'. Expected a day"),
        ("study_cas", "a nan 2026/3/1\n", "study.cas, line 1: count: 'nan'. Expected a whole number"),
        (
            "study_cas",
            "a 1 2026/3/11\n",
            "study.cas, line 1: time: '2026/3/11'. Expected a time in the study",
        ),
        ("study_cas", "a 1 2026/3\n", "study.cas, line 1: time: '2026/3'. Expected a day such as 1985/6/1"),
        ("study_cas", "a 1 soon\n", "study.cas, line 1: time: 'soon'. Expected a day such as 1985/6/1"),
        ("study_cas", "a 1\n", "study.cas, line 1: 2 fields: 'a 1'. Expected location, count, time"),
        (
            "study_cas",
            "a 1 2026/3/1 m\nb 1 2026/3/1\n",
            "study.cas, line 2: 3 fields: 'b 1 2026/3/1'. Expected",
        ),
        ("study_cas", "a,,2026/3/1\n", "study.cas, line 1: count: ''. Expected a whole number"),
        ("study_cas", "a 0 2026/3/1\n", "There are no cases in the study period"),
        (
            "study_cas",
            "a 8388608 2026/3/1\nb 1 2026/3/1\n",
            "There are 8,388,609 cases in the study period. Expected no more than 8,388,608.",
        ),
        ("study_cas", "\n; nothing\n", "study.cas: the file holds no data"),
        (
            "study_geo",
            "a 40 -75\n",
            "study.prm, line 3: CoordinatesFile=study.geo. Expected two or more places",
        ),
        (
            "study_geo",
            "a 40 -75\na 41 -75\n",
            "study.geo, line 2: location: 'a'. Expected the coordinates given",
        ),
        ("study_geo", "a 91 -75\n", "study.geo, line 1: latitude: '91'. Expected degrees from -90 to 90"),
        ("study_geo", "a 5176 4669\n", "latitude: '5176'. Expected degrees from -90 to 90; projected coord"),
        ("study_geo", "a 40 -181\n", "study.geo, line 1: longitude: '-181'. Expected degrees"),
        ("study_geo", "a 40 inf\n", "study.geo, line 1: longitude: 'inf'. Expected degrees"),
        (
            "study_geo",
            "a 40\n",
            "study.geo, line 1: 2 fields: 'a 40'. Expected location, latitude, longitude",
        ),
        ("study_geo", "a 1 2 3\n", "Expected location, latitude, longitude, as only two dimensions"),
    ],
)
def test_what_cannot_be_right_is_named(write, file, content, told):
    assert told in refusal(write(**{file: content}))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("e 2026 100\n", "study.pop, line 1: location: 'e'. Expected an identifier"),
        ("a 2026 -1\n", "study.pop, line 1: population: '-1'. Expected a number of 0 or more"),
        ("a never 100\n", "study.pop, line 1: time: 'never'. Expected a year, month or day"),
        ("a 2026\n", "study.pop, line 1: 2 fields: 'a 2026'. Expected location, time, persons"),
        (
            "a 2026 0\nb 2026 5\nc 2026 5\nd 2026 5\n",
            "study.cas, line 1: count: '1'. Expected no cases where",
        ),
        ("a 2026 100 m\n", "study.cas, line 1: covariates: ''. Expected a stratum with persons"),
    ],
)
def test_a_population_that_cannot_be_right_is_named(write, content, told):
    assert told in refusal(write({"ModelType": "0", "PopulationFile": "study.pop"}, study_pop=content))


def test_what_a_model_needs_is_asked_for(write):
    assert "PopulationFile=. Expected the name of a file" in refusal(write({"ModelType": "0"}))
    assert "ControlFile=. Expected the name of a file" in refusal(write({"ModelType": "1"}))
    assert "ModelType=2. Expected 0 or 1" in refusal(write({"AnalysisType": "1"}))


def test_relaxed_checks_ignore_lines_and_say_how_many(write):
    path = write(
        {"StudyPeriodCheckType": "1", "GeographicalCoordinatesCheckType": "1"},
        study_cas="a 1 2026/3/1\nz 1 2026/3/1\nb 1 2026/4/1\nb 1 2025/4/1\n",
    )
    analysis = read_analysis(path)
    assert analysis.arguments["count"].sum() == 1
    assert analysis.warnings == (
        "1 lines of unknown locations were ignored.",
        "2 lines of times outside the study period were ignored.",
    )


def test_a_short_first_interval_is_told(write):
    (warning,) = read_analysis(write({"TimeAggregationLength": "3"})).warnings
    assert "first interval is shorter, and ends on 2026-03-01" in warning


def test_windows_are_given_in_units_not_in_intervals(write):
    arguments = read_analysis(write({"TimeAggregationLength": "2", "MaxTemporalSize": "5"})).arguments
    assert (arguments["intervals"], arguments["minimum_length"], arguments["maximum_length"]) == (5, 1, 2)


def test_a_percentage_of_the_study_is_rounded_down(write):
    arguments = read_analysis(
        write({"MaxTemporalSizeInterpretation": "0", "MaxTemporalSize": "39"})
    ).arguments
    assert arguments["maximum_length"] == 3


def test_covariates_of_a_permutation_are_strata(write):
    analysis = read_analysis(write(study_cas="a 1 2026/3/1 m\nb 1 2026/3/2 f\na 2 2026/3/9 m\n"))
    np.testing.assert_array_equal(analysis.arguments["strata"], [1, 0, 1])


def test_controls_are_counted_by_place_and_interval(write):
    arguments = read_analysis(write({"ModelType": "1", "ControlFile": "study.ctl"})).arguments
    assert arguments["controls"].shape == (4, 10)
    assert arguments["controls"][1, 3] == 5
    assert arguments["controls"].sum() == 20


def test_a_spatial_scan_has_places_only_and_a_temporal_one_intervals_only(write):
    spatial = read_analysis(
        write({"AnalysisType": "1", "ModelType": "0", "PopulationFile": "study.pop"})
    ).arguments
    assert not {"interval", "intervals", "maximum_length"} & set(spatial)
    np.testing.assert_allclose(spatial["population"] / spatial["population"].sum(), [0.1, 0.2, 0.3, 0.4])
    temporal = read_analysis(
        write({"AnalysisType": "2", "ModelType": "0", "CoordinatesFile": None})
    ).arguments
    assert not {"place", "latitude", "maximum_population_share"} & set(temporal)
    np.testing.assert_array_equal(temporal["population"], np.ones((1, 10)))


def test_a_temporal_scan_adds_up_places_that_were_counted_on_different_days(write):
    path = write(
        {"AnalysisType": "2", "ModelType": "0", "PopulationFile": "study.pop", "CoordinatesFile": None},
        study_pop="a 2026/3/1 100\nz 2026/3/1 100\nz 2026/3/11 300\n",
    )
    growing = 100 + 100 + 200 * (np.arange(10) + 0.5) / 10
    population = read_analysis(path).arguments["population"]
    np.testing.assert_allclose(population / population.sum(), [growing / growing.sum()])


def test_without_times_a_spatial_scan_needs_none(write):
    path = write(
        {"AnalysisType": "1", "ModelType": "1", "PrecisionCaseTimes": "0", "ControlFile": "study.ctl"},
        study_cas="a 1\nb 3\n",
        study_ctl="a 3\nb 1\n",
    )
    analysis = read_analysis(path)
    np.testing.assert_array_equal(analysis.arguments["controls"], [3, 1, 0, 0])


def test_windows_may_be_centred_on_a_grid(write, tmp_path):
    (tmp_path / "study.grd").write_text("40.05 -75\n40.15 -75\n")
    centres = read_analysis(write({"UseGridFile": "y", "GridFile": "study.grd"})).arguments["centres"]
    np.testing.assert_array_equal(centres, [[40.05, 40.15], [-75, -75]])


@pytest.mark.parametrize(
    ("settings", "arguments"),
    [
        ({"PValueReportType": "0"}, {"stop_after": 50}),
        ({"PValueReportType": "2", "EarlyTerminationThreshold": "20"}, {"stop_after": 20}),
        ({"PValueReportType": "3"}, {"stop_after": None}),
        (
            {"ScanAreas": "3", "MinimumCasesInLowRateClusters": "1"},
            {"rates": "both", "minimum_cases": 2, "minimum_low_cases": 1},
        ),
        ({"CriteriaForReportingSecondaryClusters": "2"}, {"overlap": "outside likelier"}),
        ({"MaxSpatialSizeInPopulationAtRisk": "10"}, {"maximum_population_share": 0.1}),
        (
            {"UseDistanceFromCenterOption": "y", "MaxSpatialSizeInDistanceFromCenter": "3"},
            {"maximum_radius_km": 3.0},
        ),
        ({"AdjustForWeeklyTrends": "y"}, {"adjust": "weekday"}),
        ({"AdjustForEarlierAnalyses": "y", "ProspectiveStartDate": "2026/3/8"}, {"earlier_since": 7}),
        ({"IterativeScan": "y", "IterativeScanMaxIterations": "4"}, {"iterations": 4, "iteration_p": 0.05}),
        ({"AnalysisType": "3"}, {"maximum_length": 3}),
    ],
)
def test_options(write, settings, arguments):
    found = read_analysis(write(settings)).arguments
    assert {name: found[name] for name in arguments} == arguments


def test_clusters_still_alive_of_a_retrospective_analysis_have_no_recurrence_interval(write):
    analysis = read_analysis(write({"AnalysisType": "3", "IncludeClusters": "1"}))
    assert (analysis.question, analysis.days_per_look) == ("prospective", None)


@pytest.mark.parametrize(
    ("settings", "days"),
    [
        ({"TimeAggregationLength": "2"}, 2.0),
        ({"ProspectiveFrequencyType": "2", "ProspectiveFrequency": "2"}, 14.0),
        ({"ProspectiveFrequencyType": "5"}, 365.25),
    ],
)
def test_looks_are_as_far_apart_as_the_intervals_or_as_told(write, settings, days):
    assert read_analysis(write(settings)).days_per_look == days


ELLIPSES = {
    "AnalysisType": "1",
    "ModelType": "0",
    "PopulationFile": "study.pop",
    "CoordinatesType": "0",
    "SpatialWindowShapeType": "1",
    "EllipseShapes": "1.5,2",
    "EllipseAngles": "4,6",
    "NonCompactnessPenalty": "2",
}


def test_ellipses_on_a_plane(write):
    assert read_analysis(write(ELLIPSES)).arguments["ellipses"] == {
        "shapes": (1.5, 2.0),
        "angles": (4, 6),
        "compactness": "strong",
    }


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("EllipseShapes", "1.5", "numbers above 1, as many as EllipseAngles"),
        ("EllipseShapes", "1,2", "numbers above 1, as many as EllipseAngles"),
        ("EllipseShapes", "nan,2", "numbers with commas between"),
        ("EllipseShapes", "2,1e400", "numbers with commas between"),
        ("EllipseAngles", "inf,4", "numbers with commas between"),
        ("EllipseAngles", "4.5,4", "whole numbers of 1 or more"),
    ],
)
def test_ellipses_that_cannot_be_drawn_are_named(write, key, value, expected):
    assert f"{key}={value}. Expected {expected}." in refusal(write(ELLIPSES | {key: value}))


def test_a_field_beyond_all_measure_is_a_fault(write):
    assert "study.cas, line 1: field larger" in refusal(write(study_cas="a" * 200_000 + ",1,2026/3/1\n"))
