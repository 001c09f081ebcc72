"""Settings are honoured or refused by name, never passed over."""

import pytest

from throughline.cli.faults import Fault
from throughline.cli.scan.parameters import read_parameters
from throughline.cli.scan.reference import read_analysis
from throughline.cli.scan.settings import KNOWN, WITHOUT_EFFECT


def refusal(path) -> str:
    with pytest.raises(Fault) as told:
        read_analysis(path)
    return told.value.message


@pytest.mark.parametrize(
    ("key", "value", "meaning"),
    [(key, value, meaning) for key, known in KNOWN.items() for value, meaning in known.refused.items()],
)
def test_what_is_not_supported_is_refused_by_name_and_meaning(write, key, value, meaning):
    told = refusal(write({key: value}))
    assert f": {key}={value} ({meaning}) is not supported." in told
    assert told.startswith("study.prm, line ")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("AnalysisType", "12"),
        ("ScanAreas", "high"),
        ("UseGridFile", "maybe"),
        ("MultipleLocationsFile", "more.txt"),
        ("MonteCarloReps", "many"),
        ("MonteCarloReps", "9.5"),
        ("MaxSpatialSizeInPopulationAtRisk", "60"),
        ("MaxSpatialSizeInPopulationAtRisk", "0"),
        ("MaxSpatialSizeInPopulationAtRisk", "nan"),
        ("MaxTemporalSize", "11"),
        ("MinimumTemporalClusterSize", "4"),
        ("TimeAggregationLength", "0"),
        ("TimeAggregationUnits", "0"),
        ("TimeAggregationUnits", "4"),
        ("PrecisionCaseTimes", "0"),
        ("StartDate", "tomorrow"),
        ("EndDate", "2026/2/1"),
        ("TimeTrendAdjustmentType", "4"),  # for the Poisson model only
        ("SpatialWindowShapeType", "1"),  # for purely spatial scans only
        ("CaseFile", ""),
    ],
)
def test_a_value_that_cannot_be_right_is_named(write, key, value):
    told = refusal(write({key: value}))
    assert f"{key}={value}" in told
    assert "Expected" in told


def test_a_setting_nobody_has_heard_of_is_refused(write):
    assert "line 16: Wizardry=y: this setting is not known" in refusal(write({"Wizardry": "y"}))


def test_a_second_data_set_is_refused(write):
    assert "CaseFile2=more.cas: more than one data set is not supported" in refusal(
        write({"CaseFile2": "more.cas"})
    )


def test_a_file_mapped_on_import_is_refused(write):
    told = refusal(write({"CaseFile-SourceFieldMap": "2,3,1"}))
    assert "CaseFile-SourceFieldMap=2,3,1: columns mapped on import are not supported" in told


def test_a_setting_given_twice_is_refused(write):
    path = write()
    path.write_text(path.read_text() + "ScanAreas=1\nScanAreas=2\n")
    assert "ScanAreas is set a second time" in refusal(path)


def test_settings_of_output_are_passed_over_and_listed(write):
    path = write({"OutputShapefiles": "y", "LaunchMapViewer": "n"})
    path.write_text(path.read_text() + "[Notifications]\nEmailAlwaysSummary=y\nEmailCutoffValue=0.05\n")
    assert read_parameters(path).unused == ("OutputShapefiles", "EmailAlwaysSummary")


def test_settings_nobody_has_heard_of_are_listed_where_they_are_about_output(write):
    path = write()
    path.write_text(
        path.read_text()
        + "[Output]\nWizardry=3\nResultsTitle=Fever\n[Run Options]\nRandomizationSeed=7\nNumberParallelProcesses=2\n"
        + "[System]\nVersion=10.3.1\nMoon=n\n"
    )
    assert read_parameters(path).unused == ("Wizardry", "RandomizationSeed", "Moon")


def test_earlier_analyses_are_adjusted_for_in_space_and_time_only(write):
    settings = {"AnalysisType": "6", "ModelType": "0", "AdjustForEarlierAnalyses": "y"}
    assert "AdjustForEarlierAnalyses=y. Expected n, but for" in refusal(write(settings))


def test_details_of_what_is_switched_off_have_no_effect(write):
    read_parameters(write(dict.fromkeys(WITHOUT_EFFECT, "7")))


def test_comments_blank_lines_marks_and_windows_line_ends_are_no_settings(write):
    path = write()
    text = ";a comment\r\n\r\n" + path.read_text().replace("\n", "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_parameters(path).named("AnalysisType") == "prospective space-time"


def test_where_the_file_is_silent_the_references_default_holds(write):
    parameters = read_parameters(write({"MonteCarloReps": None, "ScanAreas": ""}))
    assert parameters.whole("MonteCarloReps") == 999
    assert parameters.named("ScanAreas") == "high rates"


def test_switches_may_be_spelled_in_several_ways(write):
    assert read_parameters(write({"IterativeScan": "Yes", "UseGridFile": "0"})).is_on("IterativeScan")


def test_files_lie_beside_the_parameter_file_also_in_windows_spelling(write, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.cas").touch()
    assert read_parameters(write({"CaseFile": "data\\x.cas"})).file("CaseFile") == tmp_path / "data" / "x.cas"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "study.prm: the file holds no settings"),
        ("AnalysisType\n", "study.prm, line 1: 'AnalysisType'. Expected a setting such as"),
    ],
)
def test_what_is_no_parameter_file_says_so(write, content, told):
    path = write()
    path.write_text(content)
    assert told in refusal(path)


def test_a_missing_file_is_named(write, tmp_path):
    assert f"{tmp_path / 'nowhere.cas'}: No such file" in refusal(write({"CaseFile": "nowhere.cas"}))


@pytest.mark.parametrize("name", ["study\0.cas", "study" * 1000])
def test_a_name_that_no_file_can_have_is_a_fault(write, name):
    told = refusal(write({"CaseFile": name}))
    assert told.startswith("study.prm, line 2: CaseFile=study")
    assert "Expected" in told
