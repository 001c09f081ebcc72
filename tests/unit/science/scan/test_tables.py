"""A scan of tables as analysts have them, from three libraries, and what it says of a row that can't be right."""

import subprocess
import sys
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from throughline.science.scan import prospective_scan, space_time_scan, spatial_scan, temporal_scan
from throughline.science.scan.tables import scan_table

KINDS = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "arrow": pa.table}
OPTIONS = {"maximum_length": 7, "replicates": 99, "seed": 1}
LAST = date(2026, 3, 31)


@pytest.fixture
def places(county):
    """Tracts north and east of each other by the county's kilometres."""
    return {
        "place": [f"tract {number}" for number in range(25)],
        "latitude": (41.8 + county["y"] / 111).tolist(),
        "longitude": (-87.7 + county["x"] / 83).tolist(),
    }


@pytest.fixture
def cases(outbreak):
    days = [date.fromordinal(LAST.toordinal() - 29 + int(day)) for day in outbreak["interval"]]
    return {"place": [f"tract {number}" for number in outbreak["place"]], "date": days}


@pytest.fixture
def arrays(outbreak, places):
    """The same as a question takes it."""
    when = {
        name: outbreak[name] for name in ("interval", "intervals", "maximum_length", "seed", "replicates")
    }
    return {
        "place": outbreak["place"],
        "latitude": places["latitude"],
        "longitude": places["longitude"],
        **when,
    }


def columns(table):
    return (
        table.to_dict("list")
        if isinstance(table, pd.DataFrame)
        else pl.DataFrame(table).to_dict(as_series=False)
    )


@pytest.mark.parametrize("kind", KINDS)
class TestEachKindOfTable:
    def test_finds_the_outbreak_and_answers_in_kind(self, kind, cases, places, members):
        make = KINDS[kind]
        found = scan_table(make(cases), make(places), **OPTIONS)
        assert type(found.clusters) is type(found.members) is type(make(cases))
        clusters = columns(found.clusters)
        assert set(clusters["members"][0]) == {f"tract {member}" for member in members}
        assert pd.Timestamp(clusters["start"][0]) == pd.Timestamp("2026-03-29")
        assert pd.Timestamp(clusters["end"][0]) == pd.Timestamp("2026-03-31")
        assert clusters["p_value"][0] == 0.01
        assert clusters["recurrence_interval_days"][0] == pytest.approx(100)

    def test_lists_each_member_in_a_row(self, kind, cases, places):
        found = scan_table(KINDS[kind](cases), KINDS[kind](places), **OPTIONS)
        clusters, members = columns(found.clusters), columns(found.members)
        pairs = zip(clusters["cluster"], clusters["members"], strict=True)
        expected = [(number, member) for number, names in pairs for member in names]
        assert list(zip(members["cluster"], members["place"], strict=True)) == expected

    def test_scans_the_same_arrays(self, kind, cases, places, arrays):
        found = scan_table(KINDS[kind](cases), KINDS[kind](places), **OPTIONS)
        assert found.result.clusters == prospective_scan(**arrays).clusters

    def test_keeps_whole_number_identifiers_whole(self, kind, cases, places):
        numbered = {"place": [int(name.split()[1]) for name in cases["place"]], "date": cases["date"]}
        found = scan_table(KINDS[kind](numbered), KINDS[kind](places | {"place": list(range(25))}), **OPTIONS)
        assert isinstance(columns(found.members)["place"][0], int)

    def test_without_replicates_there_is_no_p_value(self, kind, cases, places):
        found = scan_table(KINDS[kind](cases), KINDS[kind](places), **OPTIONS | {"replicates": 0})
        assert pd.isna(columns(found.clusters)["p_value"][0])

    def test_a_missing_value_is_named(self, kind, cases, places):
        cases["place"][2] = None
        with pytest.raises(
            ValueError, match=r"cases, row 2, column 'place': expected one of the identifiers"
        ):
            scan_table(KINDS[kind](cases), KINDS[kind](places), **OPTIONS)

    @pytest.mark.parametrize("count", [-1, 0.5, None])
    def test_a_wrong_count_is_named(self, kind, cases, places, count):
        counts = [1.0] * len(cases["place"])
        counts[4] = count
        with pytest.raises(ValueError, match=r"cases, row 4, column 'count': expected a whole number"):
            scan_table(KINDS[kind](cases | {"count": counts}), KINDS[kind](places), **OPTIONS)

    def test_a_missing_date_is_named(self, kind, cases, places):
        cases["date"][3] = None
        with pytest.raises(
            ValueError, match=r"cases, row 3, column 'date': expected a date such as 2026-03-31"
        ):
            scan_table(KINDS[kind](cases), KINDS[kind](places), **OPTIONS)


class TestDates:
    def windows(self, cases, places):
        return (
            scan_table(pl.DataFrame(cases), pl.DataFrame(places), **OPTIONS)
            .clusters.select("start", "end")
            .rows()
        )

    def test_may_be_text(self, cases, places):
        text = {"date": [day.isoformat() for day in cases["date"]]}
        assert self.windows(cases | text, places) == self.windows(cases, places)

    def test_may_be_instants_and_mean_the_day_where_they_were(self, cases, places):
        zone = ZoneInfo("America/Chicago")  # where it is still the day before in Greenwich's small hours
        late = [datetime(day.year, day.month, day.day, 23, 30, tzinfo=zone) for day in cases["date"]]
        instants = {"date": pl.Series(late, dtype=pl.Datetime(time_zone="America/Chicago"))}
        assert self.windows(cases | instants, places) == self.windows(cases, places)

    def test_that_are_none_are_named(self, cases, places):
        text = [day.isoformat() for day in cases["date"]]
        text[5] = "2026-02-30"
        with pytest.raises(
            ValueError, match=r"row 5, column 'date': expected a date such as .*, got '2026-02-30'"
        ):
            scan_table(pd.DataFrame(cases | {"date": text}), pd.DataFrame(places), **OPTIONS)

    def test_outside_the_study_are_named(self, cases, places):
        cases["date"][6] = date(2026, 4, 1)
        with pytest.raises(
            ValueError, match=r"row 6, column 'date': expected a date from 2026-03-02 to 2026-03-31"
        ):
            scan_table(pd.DataFrame(cases), pd.DataFrame(places), end=LAST, start="2026-03-02", **OPTIONS)

    def test_a_study_longer_than_its_cases_lasts_as_long_as_told(self, cases, places):
        found = scan_table(
            pd.DataFrame(cases), pd.DataFrame(places), start="2026-02-01", end="2026-04-02", **OPTIONS
        )
        assert (found.intervals.first[0], found.intervals.last) == (
            np.datetime64("2026-02-01"),
            np.datetime64("2026-04-02"),
        )

    def test_a_study_must_start_before_its_end(self, cases, places):
        with pytest.raises(ValueError, match="must not start after its end, got 2026-04-02 and 2026-04-01"):
            scan_table(
                pd.DataFrame(cases), pd.DataFrame(places), start="2026-04-02", end="2026-04-01", **OPTIONS
            )

    def test_an_argument_that_is_no_date_is_named(self, cases, places):
        with pytest.raises(ValueError, match="end must be a date such as 2026-03-31, got 'yesterday'"):
            scan_table(pd.DataFrame(cases), pd.DataFrame(places), end="yesterday", **OPTIONS)


class TestQuestions:
    """Each asks the function of the same name what the tables say."""

    def test_where_and_when(self, cases, places, arrays):
        found = scan_table(pd.DataFrame(cases), pd.DataFrame(places), question="space-time", **OPTIONS)
        assert found.result.clusters == space_time_scan(**arrays).clusters

    def test_where(self, cases, places, arrays):
        where = {name: arrays[name] for name in ("place", "latitude", "longitude", "seed", "replicates")}
        persons = [1000.0 + number for number in range(25)]
        found = scan_table(
            pd.DataFrame({"place": cases["place"]}),
            pd.DataFrame(places | {"population": persons}),
            question="spatial",
            seed=1,
            replicates=99,
        )
        assert found.result.clusters == spatial_scan(**where, population=persons).clusters
        assert not {"start", "end"} & set(found.clusters.columns)

    def test_when(self, cases, arrays):
        when = {
            name: arrays[name] for name in ("interval", "intervals", "maximum_length", "seed", "replicates")
        }
        found = scan_table(pd.DataFrame({"date": cases["date"]}), question="temporal", **OPTIONS)
        assert found.result.clusters == temporal_scan(**when).clusters
        assert not {"members", "latitude", "radius_km"} & set(found.clusters.columns)
        assert len(found.members) == 0

    def test_months_of_a_population_count_by_their_days(self):
        """As many cases in February as in March are more than a month of 28 days should have."""
        days = [date(2026, 2, 1)] * 28 + [date(2026, 3, 1)] * 28
        found = scan_table(
            pd.DataFrame({"date": days}),
            question="temporal",
            every="month",
            start="2026-02-01",
            end="2026-03-31",
            maximum_length=1,
            replicates=9,
            seed=1,
        )
        assert found.clusters["start"][0] == pd.Timestamp("2026-02-01")
        assert found.clusters["expected"][0] == pytest.approx(56 * 28 / 59)

    def test_rows_with_counts_are_as_many_cases(self, cases, places):
        rows = pd.DataFrame(cases)
        counted = rows.groupby(["place", "date"], as_index=False).size().rename(columns={"size": "count"})
        single, together = (
            scan_table(table, pd.DataFrame(places), **OPTIONS).clusters for table in (rows, counted)
        )
        names = ["start", "end", "observed", "expected", "log_likelihood_ratio"]
        pd.testing.assert_frame_equal(single[names].head(1), together[names].head(1))

    def test_controls_make_it_a_bernoulli_model(self, cases, places, arrays):
        controls = pd.DataFrame({"place": places["place"], "date": "2026-03-15", "count": 40})
        found = scan_table(pd.DataFrame(cases), pd.DataFrame(places), controls=controls, **OPTIONS)
        by_cell = np.zeros((25, 30), np.int64)
        by_cell[:, 13] = 40
        expected = prospective_scan(**arrays, model="bernoulli", controls=by_cell)
        assert found.result.clusters == expected.clusters

    def test_a_population_makes_it_a_poisson_model(self, cases, places):
        people = pd.DataFrame(places | {"population": [1000] * 25})
        assert scan_table(pd.DataFrame(cases), people, **OPTIONS).arguments["model"] == "poisson"
        as_told = scan_table(pd.DataFrame(cases), people, model="permutation", **OPTIONS)
        assert as_told.arguments["model"] == "permutation"

    def test_places_may_lie_on_a_plane(self, cases, places, county):
        flat = pd.DataFrame({"place": places["place"], "x": county["x"], "y": county["y"]})
        found = scan_table(pd.DataFrame(cases), flat, **OPTIONS)
        assert {"x", "y"} <= set(found.clusters.columns)
        assert "latitude" not in found.clusters.columns

    def test_a_look_every_week_recurs_in_weeks(self, cases, places):
        options = OPTIONS | {"maximum_length": 2}
        found = scan_table(pd.DataFrame(cases), pd.DataFrame(places), every="week", **options)
        looks = found.result.clusters[0].recurrence_interval
        assert found.clusters["recurrence_interval_days"][0] == pytest.approx(7 * looks)


class TestWhatCantBeRight:
    @pytest.mark.parametrize(
        ("column", "value", "message"),
        [
            ("place", "tract 0", "places, row 9, column 'place': expected each place once, got 'tract 0'"),
            ("place", None, "places, row 9, column 'place': expected an identifier"),
            (
                "latitude",
                91.0,
                "places, row 9, column 'latitude': expected degrees between -90 and 90, got 91.0",
            ),
            ("longitude", "west", "places, row 9, column 'longitude': expected degrees .* got 'west'"),
            (
                "population",
                -1.0,
                "places, row 9, column 'population': expected a number, 0 or more, got -1.0",
            ),
        ],
    )
    def test_a_wrong_place_is_named(self, cases, places, column, value, message):
        table = {"population": [1.0] * 25} | places
        table[column][9] = value
        with pytest.raises(ValueError, match=message):
            scan_table(pd.DataFrame(cases), pd.DataFrame(table), **OPTIONS)

    def test_an_unknown_place_is_named(self, cases, places):
        cases["place"][1] = "tract X"
        with pytest.raises(ValueError, match=r"cases, row 1, column 'place': .* got 'tract X'"):
            scan_table(pd.DataFrame(cases), pd.DataFrame(places), **OPTIONS)

    def test_a_missing_column_is_named_beside_those_there(self, cases, places):
        with pytest.raises(ValueError, match="cases need a column 'date'; there are place, day"):
            scan_table(pd.DataFrame(cases).rename(columns={"date": "day"}), pd.DataFrame(places), **OPTIONS)

    def test_no_population(self, cases, places):
        with pytest.raises(ValueError, match="the Poisson model needs a column 'population' of places"):
            scan_table(pd.DataFrame(cases), pd.DataFrame(places), question="spatial", seed=1)

    def test_no_rows(self, cases, places):
        with pytest.raises(ValueError, match="cases have no rows"):
            scan_table(pd.DataFrame(cases).head(0), pd.DataFrame(places), **OPTIONS)

    def test_no_places(self, cases):
        with pytest.raises(ValueError, match="needs a table of places"):
            scan_table(pd.DataFrame(cases), **OPTIONS)

    @pytest.mark.parametrize(
        ("option", "message"),
        [
            ({"question": "why"}, "question must be one of prospective, .* got 'why'"),
            ({"every": "hour"}, "every must be one of day, week, month, year, got 'hour'"),
            ({"every": "week", "adjust": "weekday"}, "adjust='weekday' needs every='day'"),
        ],
    )
    def test_an_unknown_choice(self, cases, places, option, message):
        with pytest.raises(ValueError, match=message):
            scan_table(pd.DataFrame(cases), pd.DataFrame(places), **OPTIONS | option)

    def test_controls_of_a_model_that_takes_none(self, cases, places):
        controls = pd.DataFrame({"place": ["tract 1"], "date": [LAST]})
        with pytest.raises(ValueError, match="the permutation model takes no controls"):
            scan_table(
                pd.DataFrame(cases), pd.DataFrame(places), model="permutation", controls=controls, **OPTIONS
            )


def test_neither_pandas_nor_matplotlib_is_loaded_before_it_is_needed():
    script = "import sys, throughline.science.scan.tables; print(sorted({'pandas', 'matplotlib'} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "[]"
