"""`throughline scan`: what it prints, what it writes, and how it ends."""

import json

import pytest
from click.testing import CliRunner, Result

from throughline.cli.commands import throughline
from throughline.cli.faults import Fault
from throughline.cli.scan.analysis import Analysis
from throughline.cli.scan.calendar import Unit, one_interval
from throughline.cli.scan.running import run

TABLES = {
    "cases.csv": "place,date,count\na,2026-03-01,1\nc,2026-03-02,1\nd,2026-03-03,2\na,2026-03-04,1\nb,2026-03-10,4\n",
    "places.csv": "place,latitude,longitude\na,40.0,-75\nb,40.1,-75\nc,40.2,-75\nd,40.3,-75\n",
}
KEYS = [
    "members",
    "latitude",
    "longitude",
    "radius_km",
    "start",
    "end",
    "observed",
    "expected",
    "relative_risk",
    "log_likelihood_ratio",
    "p_value",
    "recurrence_interval_days",
    "gumbel_p_value",
    "test_statistic",
]


def scan(*arguments: object) -> Result:
    return CliRunner().invoke(throughline, ["scan", *map(str, arguments)])


def scanned(*arguments: object) -> dict:
    result = scan(*arguments, "--json", "-")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout, parse_constant=pytest.fail)


@pytest.fixture
def tables(tmp_path):
    for name, content in TABLES.items():
        (tmp_path / name).write_text(content)
    return "--cases", tmp_path / "cases.csv", "--places", tmp_path / "places.csv"


def test_the_document_of_a_prospective_scan(write):
    found = scanned(write())
    first = found["clusters"][0]
    assert list(first)[: len(KEYS)] == KEYS
    assert (first["members"], first["start"], first["end"]) == (["b"], "2026-03-09", "2026-03-10")
    assert (first["observed"], first["latitude"], first["longitude"], first["radius_km"]) == (5, 40.1, -75, 0)
    assert first["expected"] == pytest.approx(6 * 6 / 13)
    assert first["recurrence_interval_days"] == pytest.approx(1 / first["p_value"])
    assert (found["analysis"], found["model"]) == ("prospective space-time", "space-time permutation")
    assert (found["replicates"], found["seed"], found["warnings"]) == (99, 1, [])
    assert found["elapsed_seconds"] > 0


def test_the_same_in_words(write):
    result = scan(write({"OutputShapefiles": "y"}))
    assert result.exit_code == 0
    assert result.stdout.startswith(
        "Prospective space-time scan, space-time permutation model, high rates.\n"
        "Study period 2026-03-01 to 2026-03-10: 10 intervals, 4 places, 13 cases.\n"
        "99 replicates, seed 1, "
    )
    assert "\n1. b at (40.1, -75), 2026-03-09 to 2026-03-10\n   observed 5, expected 2.77" in (result.stdout)
    assert result.stdout.endswith("\nThese settings have no effect: OutputShapefiles.\n")


def test_replicates_and_seed_may_be_chosen_and_threads_change_nothing(write):
    path = write()
    found = [scanned(path, "--replicates", 49, "--seed", 7, "--threads", threads) for threads in (1, 2)]
    assert [(each["replicates"], each["seed"]) for each in found] == [(49, 7), (49, 7)]
    assert found[0]["clusters"] == found[1]["clusters"]


def test_a_document_is_written_beside_the_words(write, tmp_path):
    result = scan(write(), "--json", tmp_path / "found.json")
    assert result.stdout.startswith("Prospective")
    assert json.loads((tmp_path / "found.json").read_text())["replicates"] == 99


def test_tables_are_scanned_for_what_is_alive_at_the_end(tables):
    found = scanned(*tables, "--max-days", 3, "--replicates", 99)
    first = found["clusters"][0]
    assert (first["members"], first["start"], first["end"]) == (["b"], "2026-03-10", "2026-03-10")


@pytest.mark.parametrize("analysis", ["prospective", "retrospective", "spatial", "temporal"])
@pytest.mark.parametrize("rates", ["high", "low", "both"])
def test_every_question_can_be_asked_of_tables(tables, tmp_path, analysis, rates):
    (tmp_path / "population.csv").write_text("place,population\na,100\nb,100\nc,200\nd,300\n")
    found = scanned(
        *tables, "--population", tmp_path / "population.csv", "--analysis", analysis, "--rates", rates,
        "--replicates", 19,
    )  # fmt: skip
    assert found["cases"] == 9


@pytest.mark.parametrize(
    "settings",
    [
        {"AnalysisType": analysis, "ModelType": model}
        for analysis in "12346"
        for model in ("01" if analysis in "126" else "012")
    ],
)
def test_every_analysis_of_every_model_has_an_answer(write, settings):
    settings |= {"PopulationFile": "study.pop", "ControlFile": "study.ctl", "MonteCarloReps": "19"}
    assert scanned(write(settings))["cases"] == 13


def test_a_cartesian_cluster_has_x_and_y_and_no_degrees(write):
    first = scanned(write({"CoordinatesType": "0"}))["clusters"][0]
    assert (first["x"], first["y"], first["latitude"], first["longitude"]) == (40.1, -75, None, None)


def test_generic_times_are_shown_as_they_are_given(write):
    times = {"PrecisionCaseTimes": "4", "TimeAggregationUnits": "4", "StartDate": "1", "EndDate": "10"}
    cases = "a 1 1\na 1 4\nc 1 2\nc 1 6\nd 2 3\nd 1 9\nb 1 2\nb 2 9\nb 3 10\n"
    first = scanned(write(times, study_cas=cases))["clusters"][0]
    assert (first["start"], first["end"], first["recurrence_interval_days"]) == ("9", "10", None)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "Nothing to scan. Expected ANALYSIS.prm, or --cases CASES.csv with --places PLACES.csv."),
        (["--cases", "cases.csv"], "Nothing to scan."),
        (["nowhere.prm"], "nowhere.prm: No such file or directory. Expected a file that can be read."),
        (["study.prm", "--max-days", "3"], "--max-days is for tables; study.prm says it itself."),
        (
            ["study.prm", "--json", "nowhere/found.json"],
            "there is no folder nowhere. Expected one that exists.",
        ),
        (["study.prm", "--replicates", "-1"], "Invalid value for '--replicates'"),
    ],
)
def test_what_was_asked_wrongly_ends_with_two_and_one_line(arguments, told):
    result = scan(*arguments)
    assert result.exit_code == 2
    assert told in result.output
    assert "Traceback" not in result.output


def test_a_fault_in_a_file_is_one_line(write):
    result = scan(write(study_cas="a -1 2026/3/1\n"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "Error: study.cas, line 1: count: '-1'. Expected a whole number of 0 or more.\n"


def test_what_science_refuses_is_one_line():
    """Also where it is the arguments themselves that can't be made."""
    analysis = Analysis(
        question="spatial",
        arguments={"ellipses": {"shapes": (1.0,), "angles": (4,), "compactness": "none"}},
        analysis="purely spatial",
        model="Bernoulli",
        rates="high rates",
        places=(),
        calendar=one_interval(1, 2, Unit.DAY),
    )
    with pytest.raises(Fault, match="shapes must be above 1"):
        run(analysis, replicates=0, seed=1, threads=1)
