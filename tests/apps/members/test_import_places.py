"""Importing places: what comes in, what is refused, and why."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from factories import make_place

from throughline.formats.faults import UnreadableFile
from throughline.ledger.models import Entry
from throughline.members.places.actions import PlacesReceipt, import_places
from throughline.members.places.models import Place, PopulationStratum
from throughline.members.places.reading import PlaceColumns

AT = datetime(2026, 3, 7, 9, tzinfo=UTC)
COOK = Path(__file__).parents[3] / "../shared/data/forecast/cook_annual_2015_2020.csv"
COOK_COLUMNS = PlaceColumns(
    code="geoid", latitude="lat", longitude="lon", population="population", as_of="year"
)
SQUARE = [[[-87.7, 41.8], [-87.6, 41.8], [-87.6, 41.9], [-87.7, 41.9], [-87.7, 41.8]]]

pytestmark = pytest.mark.django_db


@pytest.fixture
def bring(tmp_path):
    """`bring("code,name", "1,North")` imports a table of those lines."""

    def bring(*lines: str, **options) -> PlacesReceipt:
        path = tmp_path / "places.csv"
        path.write_text("\n".join(lines))
        return import_places(table=path, by="system:test", at=AT, **options)

    return bring


@pytest.fixture
def bring_boundaries(tmp_path):
    def bring(*features: object, **options) -> PlacesReceipt:
        path = tmp_path / "wards.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        return import_places(boundaries=path, by="system:test", at=AT, **options)

    return bring


def feature(code: str, coordinates: object = SQUARE, kind: str = "Polygon") -> dict:
    return {"properties": {"code": code}, "geometry": {"type": kind, "coordinates": coordinates}}


def faults(receipt: PlacesReceipt) -> list[str]:
    return [str(fault) for fault in receipt.faults]


class TestATable:
    def test_places_come_in_with_parents_and_population(self, bring):
        receipt = bring(
            "code,name,kind,parent,latitude,longitude,population",
            "8-1,Ward 8 north,tract,8,41.9,-87.7,1000",  # before its parent
            '8,Ward 8,ward,,41.8,-87.6,"4,388"',
        )
        assert receipt == PlacesReceipt(created=2)
        tract = Place.objects.get(code="8-1")
        assert (tract.name, tract.kind, tract.parent.code, tract.population) == (
            "Ward 8 north",
            "tract",
            "8",
            1000,
        )
        assert (tract.parent.latitude, tract.parent.longitude, tract.parent.population) == (41.8, -87.6, 4388)

    def test_strata_are_columns(self, bring):
        bring("code,population,population:age_group:20-29,population:sex:female", "8,100,17,52")
        figures = PopulationStratum.objects.values_list("dimension", "value", "population")
        assert set(figures) == {("age_group", "20-29", 17), ("sex", "female", 52)}

    def test_a_place_needs_no_more_than_a_code(self, bring):
        bring("tract", "17031010100", columns=PlaceColumns(code="tract"), default_kind="tract")
        place = Place.objects.get()
        assert (place.name, place.kind) == ("17031010100", "tract")

    def test_the_same_file_again_changes_nothing(self, bring):
        lines = ("code,name,population,population:sex:female", "8,Ward 8,100,52", "9,Ward 9,100,")
        assert bring(*lines) == PlacesReceipt(created=2)
        assert bring(*lines) == PlacesReceipt(unchanged=2)
        assert PopulationStratum.objects.count() == 1

    def test_known_places_are_updated_and_empty_cells_keep_what_is_known(self, bring):
        make_place(code="8", name="Ward 8", kind="ward", population=100)
        make_place(code="9", name="Ward 9", kind="ward", population=100)
        assert bring("code,name,population", "8,,120", "9,Ward 9,100") == PlacesReceipt(
            updated=1, unchanged=1
        )
        place = Place.objects.get(code="8")
        assert (place.name, place.kind, place.population) == ("Ward 8", "ward", 120)

    def test_a_changed_stratum_is_an_update(self, bring):
        bring("code,population:sex:female", "8,52")
        assert bring("code,population:sex:female", "8,53") == PlacesReceipt(updated=1)
        assert PopulationStratum.objects.get().population == 53

    def test_checking_stores_nothing_and_says_what_would_happen(self, bring):
        assert bring("code,population:sex:female", "8,1", check_only=True) == PlacesReceipt(created=1)
        assert not Place.objects.exists()
        assert not Entry.objects.exists()

    def test_an_import_is_one_entry_in_the_ledger(self, bring):
        bring("code", "8", "9")
        entry = Entry.objects.get()
        assert (entry.verb, entry.detail["created"]) == ("import_places", 2)


class TestRepeatedRows:
    def test_identical_rows_are_merged(self, bring):
        assert bring("code,population,year", "8,100,2019", "8,100,2020") == PlacesReceipt(created=1)

    def test_contradictory_rows_are_reported(self, bring):
        assert faults(bring("code,population", "8,100", "8,120")) == [
            "places.csv, row 3, population: found “120”, expected 100, as in row 2 on the same place "
            "(or name the column that dates the rows)."
        ]

    def test_the_latest_row_counts_where_a_column_dates_them(self, bring):
        lines = ("code,population,year", "8,120,2020", "8,100,2019")
        assert bring(*lines, columns=PlaceColumns(as_of="year")) == PlacesReceipt(created=1)
        assert Place.objects.get().population == 120


class TestFaults:
    @pytest.mark.parametrize(
        ("line", "said"),
        [
            (",X,,,,,1", "row 2, code: found “”, expected the place's code."),
            (
                "8,X,,,91,0,1",
                "row 2, latitude: found “91”, expected degrees from -90 to 90, such as 41.8781.",
            ),
            (
                "8,X,,,0,-200,1",
                "row 2, longitude: found “-200”, expected degrees from -180 to 180, such as 41.8781.",
            ),
            (
                "8,X,,,nan,0,1",
                "row 2, latitude: found “nan”, expected degrees from -90 to 90, such as 41.8781.",
            ),
            ("8,X,,,41,,1", "row 2, latitude: found “41”, expected latitude and longitude, or neither."),
            ("8,X,,,,,many", "row 2, population: found “many”, expected a whole number of people."),
            ("8,X,,,,,-5", "row 2, population: found “-5”, expected a whole number of people."),
            ("8,X,,,,,1.5", "row 2, population: found “1.5”, expected a whole number of people."),
            ("8,X,,7,,,1", "row 2, parent: found “7”, expected the code of a place in this file or known."),
            (
                "8,X,,8,,,1",
                "row 2, parent: found “8”, expected a place that does not lie inside this one (8 → 8).",
            ),
            ("8,=1+1,,,,,1", "row 2, name: found “=1+1”, expected a value, not a formula."),
            ("8,X,,,,,1,2", "row 2: found “8 cells”, expected at most 7 cells, as in the header."),
            (f"8,{'x' * 201},,,,,1", f"row 2, name: found “{'x' * 200}…”, expected at most 200 characters."),
        ],
    )
    def test_each_names_file_row_field_value_and_what_was_expected(self, bring, line, said):
        receipt = bring("code,name,kind,parent,latitude,longitude,population", line)
        assert faults(receipt) == [f"places.csv, {said}"]

    def test_one_wrong_row_keeps_all_out(self, bring):
        receipt = bring("code,population", "8,100", "9,many", "10,none")
        assert [fault.row for fault in receipt.faults] == [3, 4]
        assert not Place.objects.exists()

    def test_a_circle_through_known_places_is_found(self, bring):
        bring("code,parent", "8,", "8-1,8")
        assert "does not lie inside" in faults(bring("code,parent", "8,8-1"))[0]

    def test_a_column_that_was_named_must_be_there(self, bring):
        with pytest.raises(UnreadableFile, match=r"no column “Geoid”.*is it “geoid”"):
            bring("geoid", "8", columns=PlaceColumns(code="Geoid"))

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "the file is empty"),
            (b"%PDF-1.7", "a PDF document"),
            (b"code,name\n8,\xf1\n", "not valid UTF-8"),
        ],
    )
    def test_other_files_are_refused_as_a_whole(self, tmp_path, content, said):
        (tmp_path / "places.csv").write_bytes(content)
        with pytest.raises(UnreadableFile, match=said):
            import_places(table=tmp_path / "places.csv", by="system:test", at=AT)


class TestBoundaries:
    def test_they_join_known_places_by_a_property(self, bring_boundaries):
        make_place(code="8", name="Ward 8")
        assert bring_boundaries(feature("8")) == PlacesReceipt(updated=1)
        place = Place.objects.get()
        assert place.boundary == {"type": "Polygon", "coordinates": SQUARE}
        assert (place.name, place.latitude, place.longitude) == (
            "Ward 8",
            pytest.approx(41.85),
            pytest.approx(-87.65),
        )

    def test_again_they_change_nothing(self, bring_boundaries):
        make_place(code="8")
        bring_boundaries(feature("8"))
        assert bring_boundaries(feature("8")) == PlacesReceipt(unchanged=1)

    def test_a_known_centroid_stays(self, bring_boundaries):
        make_place(code="8", latitude=41.8, longitude=-87.6)
        bring_boundaries(feature("8"))
        assert Place.objects.get().latitude == 41.8

    def test_another_property_can_hold_the_code(self, bring_boundaries):
        make_place(code="17031")
        shape = {"properties": {"GEOID": 17031}, "geometry": feature("")["geometry"]}
        assert bring_boundaries(shape, code_property="GEOID").updated == 1

    def test_table_and_boundaries_can_come_together(self, bring, tmp_path):
        path = tmp_path / "wards.geojson"
        path.write_text(json.dumps({"features": [feature("8")]}))
        assert bring("code", "8", boundaries=path) == PlacesReceipt(created=1)
        assert Place.objects.get().boundary is not None

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            (feature(""), "feature 1, code: found “”, expected the place's code in this property."),
            (feature("9"), "code: found “9”, expected the code of a known place; import the places first."),
            (feature("8", [0, 0], "Point"), "expected a Polygon or MultiPolygon."),
            (feature("8", [[[0, 0]]]), "expected coordinates of a polygon"),
            (
                feature("8", [[[0, 0], [500_000, 0], [0, 500_000], [0, 0]]]),
                "expected longitude and latitude in degrees",
            ),
            (feature("8", []), "expected a polygon that isn't empty."),
            (None, "expected the place's code in this property."),
            ({"properties": [], "geometry": 3}, "expected the place's code in this property."),
        ],
    )
    def test_faults(self, bring_boundaries, wrong, said):
        make_place(code="8")
        assert said.replace("feature 1", "row 1") in faults(bring_boundaries(wrong))[0]
        assert Place.objects.get().boundary is None

    @pytest.mark.parametrize("content", ["not json", "[]", "{}", "[" * 200_000])
    def test_other_files_are_refused(self, tmp_path, content):
        (tmp_path / "wards.geojson").write_text(content)
        with pytest.raises(UnreadableFile, match="Expected a GeoJSON FeatureCollection"):
            import_places(boundaries=tmp_path / "wards.geojson", by="system:test", at=AT)


@pytest.mark.skipif(not COOK.exists(), reason="../shared is not here")
class TestCookCounty:
    """1,328 tracts, six rows each, one per year: named columns are enough."""

    def test_all_tracts_come_in_with_their_latest_population_in_two_seconds(self):
        begun = time.perf_counter()
        receipt = import_places(table=COOK, columns=COOK_COLUMNS, by="system:test", at=AT)
        assert receipt == PlacesReceipt(created=1328)
        assert time.perf_counter() - begun < 2
        assert import_places(table=COOK, columns=COOK_COLUMNS, by="system:test", at=AT) == PlacesReceipt(
            unchanged=1328
        )

    def test_without_the_year_the_contradictions_are_reported(self):
        columns = PlaceColumns(code="geoid", latitude="lat", longitude="lon", population="population")
        receipt = import_places(table=COOK, columns=columns, by="system:test", at=AT)
        assert receipt.created == 0
        assert {fault.field for fault in receipt.faults} == {"population"}
