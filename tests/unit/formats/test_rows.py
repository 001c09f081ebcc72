"""What a mapping makes of each kind of value, and what it sets aside."""

from typing import Any

import pytest

from throughline.formats.event import Event
from throughline.formats.faults import Reason, Rejected


@pytest.fixture
def one(read: Any) -> Any:
    """`one({"age": "34"}, age={...})` reads one row with these cells besides its key and date."""

    def read_one(cells: dict[str, str], **settings: Any) -> Event | Rejected:
        row = {"id": "1", "when": "2026-03-01"} | cells
        written = [
            ",".join(f'"{value.replace(chr(34), chr(34) * 2)}"' for value in line)
            for line in (row, row.values())
        ]
        [result] = read("\n".join(written), **settings)
        return result

    return read_one


def test_what_the_mapping_does_not_mention_is_unknown(one: Any) -> None:
    event = one({"age": "34"})
    assert (event.age, event.age_group, event.outcome, event.sex, event.naloxone) == (
        None,
        "unknown",
        "unknown",
        "unknown",
        None,
    )


def test_codes_are_read_in_any_case_and_with_blanks_around_them(one: Any) -> None:
    outcome = {"columns": ["survived"], "codes": {"Yes": "nonfatal"}}
    assert [one({"survived": text}, outcome=outcome).outcome for text in ("Yes", "YES", " yes ", "")] == [
        "nonfatal",
        "nonfatal",
        "nonfatal",
        "unknown",
    ]


def test_the_events_own_words_need_no_code(one: Any) -> None:
    assert one({"sex": "Female"}, sex={"columns": ["sex"]}).sex == "female"
    assert one({"narcan": "Yes"}, naloxone={"columns": ["narcan"]}).naloxone is True


def test_a_code_for_the_empty_cell_counts(one: Any) -> None:
    outcome = {"columns": ["died"], "codes": {"Y": "fatal", "": "nonfatal"}}
    assert one({"died": ""}, outcome=outcome).outcome == "nonfatal"


def test_a_code_that_is_not_mapped_sets_the_row_aside(one: Any) -> None:
    rejected = one({"race": "Martian"}, race={"columns": ["race"], "codes": {"W": "white"}})
    assert (rejected.row, rejected.field, rejected.value) == (2, "race", "Martian")
    assert (rejected.reason, rejected.expected) == (Reason.UNKNOWN_CODE, "one of w")


@pytest.mark.parametrize(("otherwise", "kept"), [("unknown", "unknown"), ("keep", "Martian")])
def test_a_code_that_is_not_mapped_can_be_unknown_or_kept(one: Any, otherwise: str, kept: str) -> None:
    race = {"columns": ["race"], "codes": {"W": "white"}, "otherwise": otherwise}
    assert one({"race": "Martian"}, race=race).race == kept


def test_a_field_without_codes_keeps_its_text(one: Any) -> None:
    assert one({"race": "White"}, race={"columns": ["race"]}).race == "White"


def test_null_tokens_mean_empty_in_the_whole_file_or_in_one_place(one: Any) -> None:
    cause = {"columns": ["a", "b"], "empty": ["?"]}
    assert one({"a": "NA", "b": "x"}, cause=cause, file={"null_tokens": ["NA"]}).cause == "x"
    assert one({"a": "?", "b": "x"}, cause=cause).cause == "x"


def test_columns_can_be_joined(one: Any) -> None:
    cause = {"columns": [["a", "b"]], "separator": "; "}
    assert one({"a": "first", "b": "second"}, cause=cause).cause == "first; second"
    assert one({"a": "first", "b": ""}, cause=cause).cause == "first"


@pytest.mark.parametrize(
    ("written", "age", "group"), [("34", 34, "30-39"), ("34.0", 34, "30-39"), ("0.5", 0, "0-19")]
)
def test_ages_are_whole_years_and_give_the_group(one: Any, written: str, age: int, group: str) -> None:
    event = one({"age": written}, age={"columns": ["age"]})
    assert (event.age, event.age_group) == (age, group)


def test_the_sources_own_age_group_goes_before_the_one_of_the_age(one: Any) -> None:
    event = one({"age": "34", "group": "25-34"}, age={"columns": ["age"]}, age_group={"columns": ["group"]})
    assert event.age_group == "25-34"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("old", Reason.BAD_NUMBER),
        ("-1", Reason.OUT_OF_RANGE),
        ("121", Reason.OUT_OF_RANGE),
        ("nan", Reason.OUT_OF_RANGE),
    ],
)
def test_an_impossible_age_sets_the_row_aside_or_is_unknown(one: Any, written: str, reason: Reason) -> None:
    assert one({"age": written}, age={"columns": ["age"]}).reason == reason
    assert one({"age": written}, age={"columns": ["age"], "otherwise": "unknown"}).age is None


FLAG = {"columns": ["fent"], "substance": "fentanyl", "present": ["Y", "Y-A"], "absent": ["N"]}


@pytest.mark.parametrize(
    ("written", "found"), [("Y", ("fentanyl",)), ("y-a", ("fentanyl",)), ("N", ()), ("", ())]
)
def test_flags_say_which_substances_were_found(one: Any, written: str, found: tuple[str, ...]) -> None:
    assert one({"fent": written}, substance_flags=[FLAG]).substances == found


def test_a_flag_in_neither_list_sets_the_row_aside(one: Any) -> None:
    rejected = one({"fent": "Y POPS"}, substance_flags=[FLAG])
    assert (rejected.reason, rejected.expected) == (Reason.UNKNOWN_CODE, "one of an empty cell, n, y, y-a")


def test_substances_are_found_in_texts_and_named_once(one: Any) -> None:
    texts = [{"columns": ["cause"], "patterns": {"heroin": r"\bheroin", "fentanyl": "fentan[iy]l"}}]
    event = one({"cause": "FENTANIL and Heroin", "fent": "Y"}, substance_flags=[FLAG], substance_texts=texts)
    assert event.substances == ("fentanyl", "heroin")


def test_places_are_found_by_code_cleaned_as_the_mapping_says(one: Any) -> None:
    code = {"columns": ["ward"], "whole_number": True, "pad_to": 2}
    event = one({"ward": "7.0"}, place={"code": code})
    assert (event.place, event.place_method) == ("07", "code")
    assert one({"ward": "lake ward"}, place={"code": code}).place == "07"


def test_an_unknown_code_sets_the_row_aside_or_leaves_the_event_unplaced(one: Any) -> None:
    code = {"columns": ["ward"]}
    assert one({"ward": "99"}, place={"code": code}).reason == Reason.UNKNOWN_PLACE
    event = one({"ward": "99"}, place={"code": code, "otherwise": "unplaced"})
    assert (event.place, event.place_method) == (None, "unknown")


POINT = {"point": {"latitude": "lat", "longitude": "lon"}}


def test_places_are_found_by_coordinates(one: Any) -> None:
    event = one({"lat": "41.81", "lon": "-87.70"}, place=POINT)
    assert (event.place, event.place_method) == ("07", "nearest_centroid")
    assert (event.latitude, event.longitude) == (41.81, -87.70)


def test_a_point_can_stand_inside_a_text(one: Any) -> None:
    text = {"columns": ["geo"], "pattern": r"\((?P<latitude>[-\d.]+), (?P<longitude>[-\d.]+)\)"}
    assert one({"geo": "NORWALK, CT\n(41.9, -87.7)"}, place={"point_in_text": text}).place == "08"
    assert one({"geo": "somewhere"}, place={"point_in_text": text}).reason == Reason.BAD_COORDINATES
    unplaced = one({"geo": "somewhere"}, place={"point_in_text": text, "otherwise": "unplaced"})
    assert unplaced.place is None


def test_a_code_goes_before_coordinates_and_both_are_kept(one: Any) -> None:
    event = one({"ward": "07", "lat": "41.9", "lon": "-87.7"}, place=POINT | {"code": {"columns": ["ward"]}})
    assert (event.place, event.place_method, event.latitude) == ("07", "code", 41.9)


@pytest.mark.parametrize(
    ("latitude", "longitude", "reason"),
    [
        ("north", "-87.7", Reason.BAD_COORDINATES),
        ("41.9", "", Reason.BAD_COORDINATES),
        ("91", "-87.7", Reason.IMPOSSIBLE_COORDINATES),
        ("41.9", "-187.7", Reason.IMPOSSIBLE_COORDINATES),
        ("nan", "-87.7", Reason.IMPOSSIBLE_COORDINATES),
        ("inf", "-87.7", Reason.IMPOSSIBLE_COORDINATES),
        ("0", "0.0", Reason.IMPOSSIBLE_COORDINATES),
        ("41.9", "87.7", Reason.OUTSIDE),
    ],
)
def test_wrong_coordinates_set_the_row_aside(one: Any, latitude: str, longitude: str, reason: Reason) -> None:
    rejected = one({"lat": latitude, "lon": longitude}, place=POINT)
    assert (rejected.field, rejected.reason) == ("lat, lon", reason)


def test_a_point_outside_all_places_can_stay_unplaced_with_its_coordinates(one: Any) -> None:
    event = one({"lat": "41.9", "lon": "87.7"}, place=POINT | {"otherwise": "unplaced"})
    assert (event.place, event.latitude) == (None, 41.9)


def test_a_row_without_any_place_is_accepted_unless_places_are_required(one: Any) -> None:
    assert one({"lat": "", "lon": ""}, place=POINT).place is None
    assert one({"lat": "", "lon": ""}, place=POINT | {"required": True}).reason == Reason.MISSING


def test_a_record_without_its_key_is_set_aside(one: Any) -> None:
    assert one({"id": ""}).reason == Reason.MISSING


def test_a_key_of_several_columns_keeps_empty_parts_in_place(one: Any) -> None:
    key = {"columns": [["case", "victim"]], "separator": "|"}
    assert one({"case": "1", "victim": ""}, record_id=key).record_id == "1|"
    assert one({"case": "", "victim": "1"}, record_id=key).record_id == "|1"


@pytest.mark.parametrize("formula", ["=A1+1", ' =HYPERLINK("x")'])
def test_a_formula_sets_the_row_aside_if_its_column_is_mapped(one: Any, formula: str) -> None:
    rejected = one({"cause": formula}, cause={"columns": ["cause"]})
    assert (rejected.field, rejected.reason) == ("cause", Reason.FORMULA)
    assert rejected.expected == "a value instead of a formula in column 3"
    assert isinstance(one({"note": formula}), Event)


def test_an_equals_sign_inside_a_text_is_no_formula(one: Any) -> None:
    assert one({"cause": "BAC=0.2"}, cause={"columns": ["cause"]}).cause == "BAC=0.2"


def test_a_code_is_kept_without_characters_that_nobody_sees(one: Any) -> None:
    codes = [{"name": "underlying_cause", "columns": ["cause"]}]
    assert one({"cause": "\u202aX42\u200b\ufeff"}, codes=codes).codes == ("underlying_cause=X42",)
    assert one({"cause": "\u200b"}, codes=codes).codes == ()
    assert one({"cause": "a\u200db"}, texts=codes).texts == ("underlying_cause=a\u200db",)
