"""CSV files that can't be read, or of which some rows can't: a clear message each, and nothing lost."""

import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from throughline.formats.event import Event
from throughline.formats.faults import Reason, Rejected, UnreadableFile
from throughline.formats.limits import MEBIBYTE, Limits

HEADER = "id,when\n"
GOOD = HEADER + "1,2026-03-01\n"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "there is no row 1"),
        (b"%PDF-1.7 ...", "the file is a PDF document"),
        (b"MZ\x90\x00", "the file is a Windows program"),
        (b"\x7fELF\x02\x01", "the file is a Linux program"),
        (b"\x89PNG\r\n\x1a\n", "the file is an image (PNG)"),
        (b"\xff\xd8\xff\xe0JFIF", "the file is an image (JPEG)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "the file is an old Excel or Word file (before 2007)"),
        (b"PK\x03\x04 cut off", "the file is a damaged or incomplete Excel or ZIP file"),
        (b"<!DOCTYPE html><html>", "the file is a web page"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>", "the file is an XML file"),
        (b"\x00\x01\x02\x03" * 50, "the file is a binary file"),
    ],
)
def test_a_file_of_the_wrong_kind_is_refused_and_says_what_it_is(
    read: Any, content: bytes, found: str
) -> None:
    with pytest.raises(UnreadableFile) as error:
        read(content)
    assert (error.value.file, error.value.found) == ("file.csv", found)
    assert str(error.value).startswith(f"file.csv: {found}. Expected ")


def test_a_file_with_a_header_and_no_rows_is_a_delivery_without_events(read: Any) -> None:
    assert read(HEADER) == []


def test_a_wrong_encoding_is_refused_with_byte_and_line(read: Any) -> None:
    content = GOOD.encode() + "2,2026-03-02,Peña".encode("windows-1252")
    with pytest.raises(UnreadableFile) as error:
        read(content)
    assert error.value.found == "byte 0xf1 at position 36 (line 3) is not valid UTF-8"
    assert "windows-1252" in error.value.expected


def test_a_wrong_byte_deep_in_a_large_file_is_found_before_any_row_comes_out(
    read: Any, tmp_path: Path
) -> None:
    content = HEADER.encode() + b"1,2026-03-01\n" * 200_000 + b"\xff"
    with pytest.raises(UnreadableFile, match=r"position 2,600,008 \(line 200,002\)"):
        read(content)


@pytest.mark.parametrize("end", [b"\xc3", b"\xe2\x82"])
def test_a_character_cut_off_at_the_end_is_a_wrong_encoding(read: Any, end: bytes) -> None:
    with pytest.raises(UnreadableFile, match="is not valid UTF-8"):
        read(GOOD.encode() + end)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252", "utf-16"])
def test_the_mapping_can_name_the_encoding_and_a_mark_at_the_start_does_no_harm(
    read: Any, encoding: str
) -> None:
    content = (HEADER + "Peña,2026-03-01\n").encode(encoding)
    named = "utf-8" if encoding == "utf-8-sig" else encoding
    assert read(content, file={"encoding": named})[0].record_id == "Peña"


def test_a_missing_column_is_named_with_the_nearest_that_exists(read: Any) -> None:
    with pytest.raises(UnreadableFile) as error:
        read("id,age\n1,34\n", occurred_at={"columns": ["Age "], "time_zone": "UTC"})
    assert error.value.found == "row 1 has no column 'Age '"
    assert error.value.expected == "the columns of the mapping; the nearest to 'Age ' is 'age'"


def test_without_a_similar_column_all_are_listed(read: Any) -> None:
    with pytest.raises(UnreadableFile, match="the row has id, zzz"):
        read("id,zzz\n1,34\n")


def test_another_delimiter_than_the_mappings_is_recognised(read: Any) -> None:
    with pytest.raises(UnreadableFile, match="these have semicolons"):
        read("id;when\n1;2026-03-01\n")
    assert len(read("id;when\n1;2026-03-01\n", file={"delimiter": ";"})) == 1


def test_two_columns_of_the_same_name_are_refused(read: Any) -> None:
    with pytest.raises(
        UnreadableFile, match=r"row 1 names the column 'when' more than once \(columns 2, 3\)"
    ):
        read("id,when,when\n1,2026-03-01,2026-03-02\n")


def test_a_second_header_row_is_set_aside(read: Any) -> None:
    first, second = read(HEADER + "id,when\n1,2026-03-01\n")
    assert (first.row, first.reason) == (2, Reason.SECOND_HEADER)
    assert isinstance(second, Event)


def test_the_mapping_can_say_in_which_row_the_header_stands(read: Any) -> None:
    [event] = read("Report of March\n\nid,when\n1,2026-03-01\n", file={"header_row": 3})
    assert event.row == 4


@pytest.mark.parametrize(("row", "cells"), [("1", 1), ("1,2026-03-01,more", 3)])
def test_a_row_that_does_not_fit_the_header_is_set_aside(read: Any, row: str, cells: int) -> None:
    [rejected] = read(HEADER + row)
    assert (rejected.reason, rejected.value, rejected.expected) == (
        Reason.CELL_COUNT,
        f"{cells} cells",
        "2 cells",
    )


def test_empty_rows_hold_nothing_and_are_left_out_but_counted_in_row_numbers(read: Any) -> None:
    assert [event.row for event in read(HEADER + "\n,\n1,2026-03-01\n")] == [4]


def test_quotation_marks_that_do_not_match_set_one_row_aside_with_its_text(read: Any) -> None:
    broken, good = read(HEADER + '1,"2026"-03-01\n2,2026-03-02\n')
    assert (broken.row, broken.reason) == (2, Reason.BROKEN_QUOTES)
    assert broken.raw == {"(line)": '1,"2026"-03-01\n'}
    assert good.record_id == "2"


def test_a_quotation_mark_that_is_never_closed_is_set_aside_with_all_it_swallowed(read: Any) -> None:
    good, broken = read(GOOD + '2,"2026-03-02\n3,2026-03-03\n')
    assert isinstance(good, Event)
    assert broken.raw == {"(line)": '2,"2026-03-02\n3,2026-03-03\n'}


def test_a_quotation_mark_that_would_swallow_a_large_file_refuses_it(read: Any) -> None:
    with pytest.raises(UnreadableFile, match="row 3 has a quotation mark that is never closed"):
        read(GOOD + '2,"' + "x\n" * 2000)


def test_a_quoted_text_may_cover_lines(read: Any) -> None:
    [event] = read('id,when\n"1\n2",2026-03-01\n')
    assert event.record_id == "1\n2"


def test_a_nul_character_sets_its_row_aside_and_is_made_visible(read: Any) -> None:
    bad, good = read(HEADER + "1\0,2026-03-01\n2,2026-03-02\n")
    assert (bad.reason, bad.value) == (Reason.CONTROL_CHARACTER, "1␀2026-03-01")
    assert isinstance(good, Event)


def test_a_file_above_the_limit_is_refused(read: Any) -> None:
    with pytest.raises(UnreadableFile, match=r"the file has 2 MB. Expected at most 1 MB"):
        read(GOOD + "1,2026-03-01\n" * 150_000, limits=Limits(file=MEBIBYTE))


def test_a_line_that_never_ends_is_refused_in_bounded_memory(read: Any, tmp_path: Path) -> None:
    path = tmp_path / "endless.csv"
    with path.open("wb") as file:
        file.write(GOOD.encode() + b"x" * 10_000)
        file.truncate(200 * MEBIBYTE)
    tracemalloc.start()
    with pytest.raises(UnreadableFile, match="row 3 has a line longer than 1 MB"):
        read(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * MEBIBYTE


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.one_of(
        st.binary(max_size=200),
        st.text(alphabet=' ,"\n\r=;0123456789-éx\0', max_size=120).map(str.encode),
    )
)
def test_whatever_follows_the_header_is_read_set_aside_or_refused(read: Any, body: bytes) -> None:
    try:
        rows = read(HEADER.encode() + body)
    except UnreadableFile as refused:
        assert refused.found and refused.expected
    else:
        assert all(isinstance(row, Event | Rejected) for row in rows)
        assert [row.row for row in rows] == sorted({row.row for row in rows})
