"""What is proposed for a table, what is asked, and that nothing is settled by a silent guess."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from throughline.formats.faults import UnreadableFile
from throughline.formats.gazetteer import Gazetteer, Place
from throughline.formats.mapping import parse_mapping
from throughline.formats.proposal import Proposal, propose_mapping

Propose = Callable[..., Proposal]
PLACES = Gazetteer([Place("07", 41.8, -87.7), Place("08", 41.9, -87.7)])


@pytest.fixture
def propose(tmp_path: Path) -> Propose:
    """`propose(header, row, ...)` writes a table and proposes its mapping."""

    def propose_table(
        *lines: str, name: str = "table.csv", encoding: str = "utf-8", **options: Any
    ) -> Proposal:
        path = tmp_path / name
        path.write_bytes("\n".join(lines).encode(encoding))
        return propose_mapping(path, **options)

    return propose_table


def asked(proposal: Proposal) -> set[str]:
    return {finding.setting for finding in proposal.questions}


class TestDates:
    def test_values_that_can_be_read_in_one_way_only_tell_day_from_month(self, propose: Propose) -> None:
        american = propose("id,incident_date", "1,03/14/2026", "2,12/30/2025", "3,02/03/2026")
        european = propose("id,incident_date", "1,14/03/2026", "2,30/12/2025", "3,02/03/2026")
        assert american.document["occurred_at"]["formats"] == ["%m/%d/%Y"]
        assert european.document["occurred_at"]["formats"] == ["%d/%m/%Y"]
        assert "occurred_at.formats" not in asked(american) | asked(european)

    def test_dates_that_tell_nothing_are_asked_about(self, propose: Propose) -> None:
        proposal = propose("id,date", "1,03/04/2026", "2,05/06/2026")
        assert proposal.document["occurred_at"]["formats"] == ["%m/%d/%Y"]
        assert "occurred_at.formats" in asked(proposal)

    def test_one_slip_does_not_turn_all_dates_round(self, propose: Propose) -> None:
        """A true column of days has six values in ten above the twelfth; one in nine is a slip."""
        proposal = propose("id,date", *(f"{n},03/0{n}/2026" for n in range(1, 9)), "9,31/12/2025")
        assert proposal.document["occurred_at"]["formats"] == ["%m/%d/%Y"]
        assert "occurred_at.formats" in asked(proposal)

    @pytest.mark.parametrize(
        ("written", "formats"),
        [
            ("3/14/26 7:05 PM", ["%m/%d/%y %I:%M %p"]),
            ("2026/03/14 13:30:00+00", ["%Y/%m/%d %H:%M:%S+00"]),
            ("14.03.2026 07:05", ["%d.%m.%Y %H:%M"]),
            ("14-Mar-2026", ["%d-%b-%Y"]),
            ("March 14, 2026", ["%B %d, %Y"]),
            ("20260314", ["%Y%m%d"]),
            ("2026-03-14T07:05:00Z", None),
        ],
    )
    def test_many_ways_of_writing(self, propose: Propose, written: str, formats: list[str] | None) -> None:
        proposal = propose("id;when", f"1;{written}", f"2;{written}")
        assert proposal.document["occurred_at"].get("formats") == formats

    def test_a_time_of_day_in_its_own_column_is_joined(self, propose: Propose) -> None:
        proposal = propose("run,call date,call time", "1,03/14/2026,07:05", "2,03/15/2026,23:10")
        assert proposal.document["occurred_at"]["columns"] == [["call date", "call time"]]
        assert proposal.document["occurred_at"]["formats"] == ["%m/%d/%Y %H:%M", "%m/%d/%Y"]

    def test_times_that_are_all_midnight_are_days(self, propose: Propose) -> None:
        proposal = propose("id,Date", "1,06/28/2014 12:00:00 AM", "2,03/21/2013 12:00:00 AM")
        assert proposal.document["occurred_at"]["precision"] == "day"

    def test_the_time_zone_is_asked_unless_the_file_tells(self, propose: Propose) -> None:
        silent = propose("id,date", "1,03/14/2026 10:00", time_zone="America/Chicago")
        assert silent.document["occurred_at"]["time_zone"] == "America/Chicago"
        assert "occurred_at.time_zone" in asked(silent)
        assert "occurred_at.time_zone" not in asked(propose("id,date_utc", "1,03/14/2026 10:00"))

    def test_a_birthday_is_never_when_it_happened(self, propose: Propose) -> None:
        proposal = propose("id,date of birth,seen", "1,03/14/1980,a", "2,03/15/1981,b")
        assert "occurred_at" not in proposal.document
        assert "occurred_at" in asked(proposal)

    def test_of_several_dates_the_name_decides_and_the_others_are_named(self, propose: Propose) -> None:
        proposal = propose("id,report date,death date,incident date", "1,2026-03-16,2026-03-15,2026-03-14")
        assert proposal.document["occurred_at"]["columns"] == ["incident date"]
        finding = next(one for one in proposal.findings if one.setting == "occurred_at")
        assert "death date" in finding.reason


class TestKeys:
    def test_a_key_is_filled_and_different_in_each_row(self, propose: Propose) -> None:
        proposal = propose("date,incident id,victim id", "2026-03-14,7,1", "2026-03-14,7,2", "2026-03-15,8,3")
        assert proposal.document["record_id"] == {"columns": ["victim id"]}

    def test_two_keys_are_asked_about(self, propose: Propose) -> None:
        proposal = propose("date,run number,pcr id", "2026-03-14,7,1", "2026-03-14,8,2")
        assert proposal.document["record_id"] == {"columns": ["run number"]}
        assert "record_id" in asked(proposal)

    def test_without_a_key_the_consequence_is_told(self, propose: Propose) -> None:
        proposal = propose("date,ward", "2026-03-14,7", "2026-03-14,8")
        assert "record_id" not in proposal.document
        assert "record_id" in asked(proposal)


class TestPlaces:
    def test_codes_that_the_installation_knows_are_found_whatever_the_name(self, propose: Propose) -> None:
        proposal = propose("id,date,area", "1,2026-03-14,7.0", "2,2026-03-14,8.0", places=PLACES)
        assert proposal.document["place"]["code"] == {"columns": ["area"], "whole_number": True, "pad_to": 2}

    def test_a_zip_that_a_spreadsheet_made_a_number(self, propose: Propose) -> None:
        proposal = propose("id,date,incident_zip", "1,2026-03-14,60406.0")
        assert proposal.document["place"]["code"]["whole_number"] is True
        assert "place.code" in asked(proposal)  # no list of places was at hand

    def test_coordinates_of_the_scene_go_before_those_of_the_victim(self, propose: Propose) -> None:
        header = "id,date,victim latitude,victim longitude,incident latitude,incident longitude"
        proposal = propose(header, "1,2026-03-14,40.1,-75.1,41.8,-87.7", places=PLACES)
        assert proposal.document["place"]["point"]["latitude"] == "incident latitude"

    def test_a_point_that_stands_in_for_many_scenes_is_no_place(self, propose: Propose) -> None:
        stand_in = [f'{n},2026-03-14,"CT (41.5751, -72.7382)"' for n in range(8)]
        true = ['8,2026-03-14,"Hartford (41.7657, -72.6733)"', '9,2026-03-14,"Norwalk (41.1180, -73.4129)"']
        proposal = propose("id,date,geo", *stand_in, *true)
        assert proposal.document["place"]["point_in_text"]["empty"] == ["CT (41.5751, -72.7382)"]
        assert "place.point_in_text.empty" in asked(proposal)


class TestWords:
    @pytest.mark.parametrize(("name", "died"), [("survived", "N"), ("fatal", "Y"), ("Outcome", "Deceased")])
    def test_the_same_letters_mean_the_opposite_under_another_name(
        self, propose: Propose, name: str, died: str
    ) -> None:
        proposal = propose(f"id,date,{name}", f"1,2026-03-14,{died}", "2,2026-03-14,U")
        assert proposal.document["outcome"]["codes"][died] == "fatal"

    def test_codes_that_mean_nothing_known_are_asked_about_and_left_out(self, propose: Propose) -> None:
        rows = [f"{n},2026-03-14,Y" for n in range(5)]
        proposal = propose("id,date,naloxone given", *rows, "6,2026-03-14,by spouse")
        assert proposal.document["naloxone"]["codes"] == {"Y": "yes"}
        assert "by spouse" in next(
            one.reason for one in proposal.questions if one.setting == "naloxone.codes"
        )

    def test_a_file_of_deaths_has_one_outcome_which_is_asked_about(self, propose: Propose) -> None:
        proposal = propose("id,date,manner of death", "1,2026-03-14,Accident")
        assert proposal.document["outcome"] == {"constant": "fatal"}
        assert "outcome" in asked(proposal)

    def test_age_and_age_group_are_told_apart_by_their_values(self, propose: Propose) -> None:
        assert "age" in propose("id,date,age", "1,2026-03-14,34", "2,2026-03-14,51").document
        assert "age_group" in propose("id,date,age", "1,2026-03-14,30 - 39", "2,2026-03-14,80+").document


class TestSubstances:
    def test_columns_named_like_drugs_that_say_yes_or_no(self, propose: Propose) -> None:
        proposal = propose("id,date,Heroin,AnyOpioid", "1,2026-03-14,Y,Y", "2,2026-03-14,,N")
        assert proposal.document["substance_flags"] == [
            {"columns": ["Heroin"], "substance": "heroin", "present": ["Y"]}
        ]
        assert "AnyOpioid" in {
            one.columns[0] for one in proposal.questions if one.setting == "substance_flags"
        }

    def test_drugs_in_free_text_and_codes_of_diagnoses(self, propose: Propose) -> None:
        header = "id,date,narrative,diagnosis codes"
        proposal = propose(
            header, "1,2026-03-14,found down with heroin,T40.1X1A;F11.20", "2,2026-03-14,narcan given,R99"
        )
        assert list(proposal.document["substance_texts"][0]["patterns"]) == ["heroin"]
        assert proposal.document["codes"] == [
            {"name": "diagnosis", "columns": ["diagnosis codes"], "split": ";"}
        ]
        assert proposal.document["texts"] == [{"name": "eNarrative.01", "columns": ["narrative"]}]


class TestLayout:
    def test_semicolons_windows_letters_titles_and_words_for_nothing(self, propose: Propose) -> None:
        lines = ["Report of the county", "", "id;date;ward", "1;2026-03-14;Peñasco", "2;2026-03-15;NULL"]
        proposal = propose(*lines, encoding="windows-1252")
        assert proposal.document["file"] == {
            "encoding": "windows-1252",
            "delimiter": ";",
            "header_row": 3,
            "null_tokens": ["NULL"],
        }
        assert "file.encoding" in asked(proposal)

    def test_utf16_as_excel_saves_it(self, propose: Propose) -> None:
        assert (
            propose("id\tdate", "1\t2026-03-14", encoding="utf-16").document["file"]["encoding"] == "utf-16"
        )

    @pytest.mark.parametrize("lines", [("a,a", "1,2"), ("1,2", "3,4"), ("", "")])
    def test_without_names_of_columns_there_is_nothing_to_propose(
        self, propose: Propose, lines: tuple[str, ...]
    ) -> None:
        with pytest.raises(UnreadableFile):
            propose(*lines)


def test_what_is_proposed_can_be_saved_and_each_setting_has_a_reason(propose: Propose) -> None:
    proposal = propose(
        "run,date,time,ward,survived,age,sex,narcan,fentanyl,narrative",
        "R-1,03/14/2026,14:05,8,Y,34,M,yes,1,found in car",
        "R-2,03/15/2026,23:50,7,N,51,F,no,0,heroin suspected",
        places=PLACES,
    )
    parse_mapping(proposal.document)
    settled = {finding.setting.partition(".")[0] for finding in proposal.findings}
    assert set(proposal.document) <= settled
    assert all(finding.reason for finding in proposal.findings)


class TestCounts:
    def test_kits_by_day_and_place_are_counts_known_by_both(self, propose: Propose) -> None:
        rows = [f"2026-03-{day:02},0{ward},{day + ward}" for day in range(1, 15) for ward in (7, 8)]
        proposal = propose("day,ward,Kits given out", *rows, places=PLACES)
        assert proposal.document["count"] == {
            "measure": {"constant": "naloxone_kits"},
            "quantity": {"columns": ["Kits given out"]},
        }
        assert proposal.document["record_id"] == {"columns": [["day", "ward"]], "separator": "|"}
        assert "outcome" not in proposal.document
        assert "outcome" not in asked(proposal)
        assert parse_mapping(proposal.document).count

    def test_a_column_can_say_what_each_row_counts(self, propose: Propose) -> None:
        rows = ["2026-03-01,Narcan kits,4", "2026-03-01,Beds,12", "2026-03-01,Test strips,50"]
        proposal = propose("day,item,quantity", *rows)
        assert proposal.document["count"]["measure"] == {
            "columns": ["item"],
            "codes": {"Beds": "treatment_places", "Narcan kits": "naloxone_kits"},
        }
        assert "measure.codes" in asked(proposal)  # nobody knows yet how to count the strips

    def test_marks_of_withheld_counts_are_counts(self, propose: Propose) -> None:
        proposal = propose(
            "day,beds free", "2026-03-01,<6", "2026-03-02,1-9", "2026-03-03,12", "2026-03-04,*"
        )
        assert proposal.document["count"]["measure"] == {"constant": "treatment_places"}

    def test_what_is_counted_is_asked_where_nothing_says_it(self, propose: Propose) -> None:
        proposal = propose("day,ward,count", "2026-03-01,07,4", "2026-03-02,08,2", places=PLACES)
        assert proposal.document["count"]["measure"] == {"constant": "overdose"}
        assert "count.measure" in asked(proposal)

    def test_doses_given_to_persons_are_no_counts(self, propose: Propose) -> None:
        proposal = propose("id,date,sex,narcan given", "1,2026-03-01,F,2", "2,2026-03-02,M,1")
        assert "count" not in proposal.document
        assert proposal.document["sex"]
