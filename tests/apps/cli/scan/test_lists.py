"""Plain tables with a header, for those who have none of the reference's files."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from throughline.cli.faults import Fault
from throughline.cli.scan.lists import Request, read_lists

PLACES = "place,latitude,longitude\nb,40.1,-75\na,40.0,-75\nc,40.2,-75\n"
PEOPLED = "place,latitude,longitude,population\na,40.0,-75,100\nb,40.1,-75,300\nc,40.2,-75,0\n"
CASES = "place,date,count\na,2026-03-01,1\nb,2026-03-10,2\na,2026-03-04,1\n"


@pytest.fixture
def ask(tmp_path: Path):
    """Writes the tables and asks about them."""

    def ask_tables(*, cases: str = CASES, places: str | None = PLACES, **wishes):
        for name in ("population", "controls"):
            if name in wishes:
                (tmp_path / f"{name}.csv").write_text(wishes[name])
                wishes[name] = tmp_path / f"{name}.csv"
        (tmp_path / "cases.csv").write_text(cases)
        if places is not None:
            (tmp_path / "places.csv").write_text(places)
            wishes["places"] = tmp_path / "places.csv"
        return read_lists(Request(cases=tmp_path / "cases.csv", **wishes))

    return ask_tables


def test_unless_told_a_prospective_permutation_up_to_the_last_case(ask):
    analysis = ask()
    assert (analysis.question, analysis.model) == ("prospective", "space-time permutation")
    assert analysis.places == ("a", "b", "c")
    arguments = analysis.arguments
    np.testing.assert_array_equal(arguments["place"], [0, 1, 0])
    np.testing.assert_array_equal(arguments["interval"], [0, 9, 3])
    np.testing.assert_array_equal(arguments["count"], [1, 2, 1])
    assert (arguments["intervals"], arguments["maximum_length"]) == (10, 5)
    assert analysis.days_per_look == 1.0


def test_each_line_is_one_case_where_none_says_how_many(ask):
    assert ask(cases="place,date\na,2026-03-01\nb,2026-03-09\n").arguments["count"].tolist() == [1, 1]


def test_windows_look_back_28_days_in_a_long_study(ask):
    assert ask(start=date(2025, 1, 1)).arguments["maximum_length"] == 28


def test_a_shorter_study_leaves_cases_out_and_says_so(ask):
    analysis = ask(start=date(2026, 3, 2), end=date(2026, 3, 12))
    assert (analysis.arguments["intervals"], analysis.arguments["count"].sum()) == (11, 3)
    assert analysis.warnings == ("1 lines of times outside the study period were ignored.",)


def test_a_population_makes_it_a_poisson_model(ask):
    analysis = ask(places=PEOPLED)
    assert analysis.model == "discrete Poisson"
    expected = analysis.arguments["population"].table()
    np.testing.assert_allclose(expected.sum(axis=1), [1, 3, 0])


def test_a_population_may_change_over_time(ask):
    population = "place,date,population\na,2026-01-01,100\nb,2026-01-01,100\nb,2027-01-01,300\n"
    expected = ask(population=population).arguments["population"].table()
    assert expected[1, 9] > expected[1, 0] > expected[0, 0]


def test_controls_make_it_a_bernoulli_model(ask):
    analysis = ask(controls="place,date\na,2026-03-01\nc,2026-03-02\n")
    assert analysis.model == "Bernoulli"
    assert analysis.arguments["controls"].sum() == 2


def test_a_purely_temporal_scan_adds_all_places_up(ask):
    analysis = ask(places=PEOPLED, analysis="temporal")
    assert "place" not in analysis.arguments
    np.testing.assert_allclose(analysis.arguments["population"], np.full((1, 10), 0.4))


def test_a_purely_temporal_scan_needs_neither_places_nor_a_population(ask):
    for tables in (
        {},
        {"places": None},
        {"places": None, "cases": "date,count\n2026-03-01,2\n2026-03-10,2\n"},
    ):
        analysis = ask(analysis="temporal", **tables)
        assert analysis.arguments["count"].sum() == 4
        np.testing.assert_array_equal(analysis.arguments["population"], np.ones((1, 10)))


def test_a_purely_temporal_scan_adds_a_population_up_without_a_table_of_places(ask):
    population = "place,date,population\na,2026-03-01,100\nb,2026-03-01,100\nb,2026-03-11,300\n"
    growing = 100 + 100 + 200 * (np.arange(10) + 0.5) / 10
    found = ask(analysis="temporal", places=None, population=population).arguments["population"]
    np.testing.assert_allclose(found / found.sum(), [growing / growing.sum()])


@pytest.mark.parametrize(
    ("wishes", "told"),
    [
        (
            {"analysis": "temporal", "adjust": "weekday"},
            "--adjust weekday: --analysis temporal doesn't take it.",
        ),
        ({"analysis": "temporal", "max_radius_km": 1.0}, "--max-radius-km 1.0: --analysis temporal doesn't"),
        ({"analysis": "temporal", "max_share": 0.1}, "--max-share 0.1: --analysis temporal doesn't take it."),
        (
            {"analysis": "spatial", "max_days": 3},
            "Expected --analysis prospective or retrospective or temporal.",
        ),
        ({"analysis": "spatial", "adjust": "time"}, "--adjust time: --analysis spatial doesn't take it."),
        ({"model": "poisson", "controls": ""}, "controls.csv: --model poisson doesn't take it."),
        ({"model": "permutation", "population": ""}, "population.csv: --model permutation doesn't take it."),
        ({"controls": "place,date\na,2026-03-01\n", "population": ""}, "--model bernoulli doesn't take it."),
        (
            {"analysis": "spatial", "model": "permutation"},
            "a permutation needs places and time; --analysis spatial",
        ),
        (
            {"analysis": "temporal", "model": "permutation"},
            "Expected --analysis prospective or retrospective",
        ),
        ({"places": None}, "An analysis that is prospective space-time needs --places."),
    ],
)
def test_options_that_would_be_passed_over_are_faults_by_name(ask, wishes, told):
    with pytest.raises(Fault) as fault:
        ask(**{"places": PEOPLED} | wishes)
    assert told in fault.value.message


def test_a_purely_spatial_scan_adds_all_days_up(ask):
    np.testing.assert_allclose(ask(places=PEOPLED, analysis="spatial").arguments["population"], [1, 3, 0])


def test_semicolons_tabs_and_capitals_are_fine(ask):
    analysis = ask(
        places="Place;Latitude;Longitude\na;40;-75\nb;41;-75\n", cases="Place\tDate\na\t2026-03-01\n"
    )
    assert analysis.places == ("a", "b")


def test_places_may_lie_on_a_plane(ask):
    assert ask(places="place,x,y\na,5176,4669\nb,5026,4300\n").arguments["x"].tolist() == [5176, 5026]


@pytest.mark.parametrize(
    ("wishes", "told"),
    [
        ({"cases": ""}, "cases.csv: the file is empty. Expected a header with place, date."),
        (
            {"cases": "place,day\na,2026-03-01\n"},
            "cases.csv, line 1: header: 'place, day'. Expected columns named",
        ),
        (
            {"cases": "place,date,Place\na,2026-03-01,b\n"},
            "cases.csv, line 1: header: 'place'. Expected each column's name once.",
        ),
        ({"cases": "place,date\n"}, "cases.csv: there are no cases"),
        (
            {"cases": "place,date,count\na,2026-03-01,1000000000\nb,2026-03-02,1\n"},
            "There are 1,000,000,001 cases in the study period. Expected no more than 8,388,608.",
        ),
        ({"cases": "place,date\nz,2026-03-01\n"}, "cases.csv, line 2: location: 'z'. Expected an identifier"),
        ({"cases": "place,date\na,March 1\n"}, "cases.csv, line 2: time: 'March 1'. Expected a day"),
        (
            {"cases": "place,date\na,2026-03-01,3\n"},
            "cases.csv, line 2: 3 fields: 'a 2026-03-01 3'. Expected 2 fields",
        ),
        (
            {"cases": "place,date,count\na,2026-03-01,-1\n"},
            "cases.csv, line 2: count: '-1'. Expected a whole number",
        ),
        (
            {"cases": "place,date,count\na,2026-03-01,\n"},
            "cases.csv, line 2: count: ''. Expected a whole number",
        ),
        (
            {"places": "place,latitude\na,40\n"},
            "places.csv: latitude, place. Expected latitude and longitude",
        ),
        (
            {"places": "place,latitude,longitude\na,95,-75\n"},
            "places.csv, line 2: latitude: '95'. Expected degrees",
        ),
        ({"places": "place,latitude,longitude\na,40,-75\n"}, "places.csv: there is one place"),
        ({"model": "bernoulli"}, "Expected --controls FILE.csv"),
        ({"model": "poisson"}, "Expected a column population"),
        ({"analysis": "spatial"}, "Expected a column population"),
        ({"max_days": 11}, "--max-days 11: the study has 10 days"),
        ({"end": date(2026, 2, 1)}, "The study ends on 2026-02-01, before it starts on 2026-03-01"),
        (
            {"places": PEOPLED, "cases": "place,date\nc,2026-03-01\n"},
            "cases.csv, line 2: count: '1'. Expected no cases",
        ),
        ({"population": "place,population\nz,1\n"}, "population.csv, line 2: place: 'z'. Expected a place"),
    ],
)
def test_what_cannot_be_right_is_named(ask, wishes, told):
    with pytest.raises(Fault) as fault:
        ask(**wishes)
    assert told in fault.value.message


def test_an_open_quote_is_told_by_the_line_that_opens_it(ask):
    followed = "b,2026-03-10,2\n" * 10_000  # more than a field may hold
    with pytest.raises(Fault) as fault:
        ask(cases='place,date,count\na,2026-03-01,1\n"a,2026-03-01,1\n' + followed)
    assert fault.value.message.startswith("cases.csv, line 3: field larger than field limit")
    with pytest.raises(Fault) as fault:
        ask(cases='place,date,count\na,2026-03-01,1\n"a,2026-03-01,1\nb,2026-03-10,2\n')
    assert fault.value.message.startswith("cases.csv, line 3: 1 fields")


def test_a_place_told_twice_has_its_population_once(ask):
    expected = ask(places=PEOPLED).arguments["population"].table()
    again = ask(places=PEOPLED + "a,40.0,-75,100\n").arguments["population"].table()
    np.testing.assert_array_equal(again, expected)


@pytest.mark.parametrize(
    ("wishes", "told"),
    [
        (
            {"places": PEOPLED + "a,40.0,-75,101\n"},
            "places.csv, line 5: population: '101'. Expected one line for a place and day; line 2 has 100.",
        ),
        (
            {"population": "place,population\na,100\nb,300\na,100\n"},
            "population.csv, line 4: population: '100'. Expected one line for a place and day; line 2 has 100.",
        ),
    ],
)
def test_two_populations_of_a_place_and_day_name_both_lines(ask, wishes, told):
    with pytest.raises(Fault) as fault:
        ask(**wishes)
    assert fault.value.message == told
