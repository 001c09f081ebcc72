"""Excel workbooks: what is read, and what is refused without harm."""

import warnings
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula

from throughline.formats.event import Event
from throughline.formats.faults import Reason, UnreadableFile
from throughline.formats.limits import MEBIBYTE, Limits

HEADER = ["id", "when", "cause"]
CAUSE = {"columns": ["cause"]}


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., Path]:
    """`book([...rows], change=...)` saves a workbook; `change` may do anything to its sheet."""

    def save(rows: list[list[Any]], *, change: Callable[[Any], None] = lambda sheet: None) -> Path:
        workbook = Workbook()
        for row in rows:
            workbook.active.append(row)
        change(workbook.active)
        path = tmp_path / "book.xlsx"
        workbook.save(path)
        return path

    return save


def rewritten(path: Path, member: str, content: bytes) -> Path:
    """The same archive with one member replaced or added."""
    target = path.with_name("rewritten.xlsx")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in {*source.namelist()} - {member}:
            archive.writestr(name, source.read(name))
        archive.writestr(member, content)
    return target


def test_numbers_and_texts_are_read_as_they_are_shown(read: Any, book: Any) -> None:
    rows = [
        HEADER,
        [60406, "2026-03-01", "x"],
        [60406.0, "2026-03-01", 0.25],
        [None, None, None],
        ["b", "2026-03-01", True],
    ]
    events = read(book(rows), cause=CAUSE)
    assert [(event.record_id, event.cause, event.row) for event in events] == [
        ("60406", "x", 2),
        ("60406", "0.25", 3),
        ("b", "TRUE", 5),
    ]


def test_excels_own_dates_need_no_format(read: Any, book: Any) -> None:
    when = [datetime(2026, 3, 1, 13, 30), date(2026, 3, 1)]  # noqa: DTZ001  Excel knows no zones
    first, second = read(book([HEADER, *([n, moment, ""] for n, moment in enumerate(when))]))
    assert (f"{first.occurred_at:%F %R}", first.time_quality) == ("2026-03-01 13:30", "minute")
    assert (f"{second.occurred_at:%F %R}", second.time_quality) == ("2026-03-01 00:00", "day")


def test_a_date_and_a_time_in_two_cells_can_be_joined(read: Any, book: Any) -> None:
    path = book([HEADER, ["1", date(2026, 3, 1), time(13, 30)]])
    [event] = read(path, occurred_at={"columns": [["when", "cause"]], "time_zone": "UTC"})
    assert f"{event.occurred_at:%F %R}" == "2026-03-01 13:30"


def test_a_workbook_is_known_by_its_content_not_by_its_name(read: Any, book: Any) -> None:
    path = book([HEADER, ["1", "2026-03-01", ""]])
    assert len(read(path.rename(path.with_suffix(".csv")))) == 1


def test_a_formula_is_not_computed_but_sets_its_row_aside(read: Any, book: Any) -> None:
    array = ArrayFormula("C3", "=SUM(A1:A2)")
    first, second = read(book([HEADER, ["1", "2026-03-01", "=1+1"], ["2", "2026-03-01", array]]), cause=CAUSE)
    assert (first.row, first.field, first.value, first.reason) == (2, "cause", "=1+1", Reason.FORMULA)
    assert second.reason == Reason.FORMULA


def test_merged_cells_set_their_rows_aside(read: Any, book: Any) -> None:
    rows = [HEADER, *([str(n), "2026-03-01", "x"] for n in range(5))]
    results = read(book(rows, change=lambda sheet: sheet.merge_cells("C3:C4")))
    assert [row.row for row in results if not isinstance(row, Event)] == [3, 4]
    assert results[1].reason == Reason.MERGED


def test_the_mapping_names_the_sheet_or_the_first_is_read(read: Any, book: Any) -> None:
    def add_sheet(sheet: Any) -> None:
        sheet.title = "March"
        other = sheet.parent.create_sheet("April")
        other.append(HEADER)
        other.append(["from April", "2026-03-01", ""])

    path = book([HEADER, ["from March", "2026-03-01", ""]], change=add_sheet)
    assert read(path)[0].record_id == "from March"
    assert read(path, file={"sheet": "April"})[0].record_id == "from April"
    with pytest.raises(UnreadableFile, match=r"no sheet is named May. Expected one of March, April\."):
        read(path, file={"sheet": "May"})


def test_a_sheet_that_nobody_sees_is_not_read_unless_it_is_named(read: Any, book: Any) -> None:
    def hide(sheet: Any) -> None:
        sheet.title, sheet.sheet_state = "lists", "hidden"
        seen = sheet.parent.create_sheet("March")
        seen.append(HEADER)
        seen.append(["seen", "2026-03-01", ""])

    path = book([HEADER, ["hidden", "2026-03-01", ""]], change=hide)
    assert read(path)[0].record_id == "seen"
    assert read(path, file={"sheet": "lists"})[0].record_id == "hidden"


def test_rows_may_be_shorter_than_the_header_but_not_longer(read: Any, book: Any) -> None:
    short, long = read(book([HEADER, ["1", "2026-03-01"], ["2", "2026-03-01", "x", "y"]]))
    assert isinstance(short, Event)
    assert long.reason == Reason.CELL_COUNT


def test_an_empty_workbook_has_no_header(read: Any, book: Any) -> None:
    with pytest.raises(UnreadableFile, match="there is no row 1"):
        read(book([]))


def test_a_sheets_false_statement_of_its_size_is_not_believed(read: Any, book: Any) -> None:
    path = book([HEADER, ["1", "2026-03-01", ""]])
    sheet = zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml")
    huge = sheet.replace(b'ref="A1:C2"', b'ref="A1:XFD1048576"')
    assert huge != sheet
    assert len(read(rewritten(path, "xl/worksheets/sheet1.xml", huge))) == 1


def test_a_row_number_beyond_excels_own_is_refused(read: Any, book: Any) -> None:
    path = book([HEADER, ["1", "2026-03-01", ""]])
    sheet = zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml")
    far = sheet.replace(b'<row r="2">', b'<row r="2000000000">')
    assert far != sheet
    with pytest.raises(UnreadableFile, match="at most 1,048,576 rows"):
        read(rewritten(path, "xl/worksheets/sheet1.xml", far))


def test_a_zip_bomb_is_refused_by_what_its_directory_declares(read: Any, book: Any) -> None:
    path = book([HEADER])
    bomb = rewritten(path, "xl/worksheets/sheet1.xml", b" " * (5 * MEBIBYTE))
    assert bomb.stat().st_size < 50_000
    with pytest.raises(UnreadableFile, match="unpacks to more than 2 MB"):
        read(bomb, limits=Limits(workbook=2 * MEBIBYTE))


def test_a_zip_bomb_that_declares_a_small_size_is_refused_too(read: Any, book: Any) -> None:
    bomb = rewritten(book([HEADER]), "xl/worksheets/sheet1.xml", b" " * (5 * MEBIBYTE))
    true, false = (size.to_bytes(4, "little") for size in (5 * MEBIBYTE, 100))
    bomb.write_bytes(bomb.read_bytes().replace(true, false))
    with pytest.raises(UnreadableFile, match="the workbook is damaged"):
        read(bomb, limits=Limits(workbook=2 * MEBIBYTE))


def test_shared_texts_are_held_in_memory_so_they_have_a_limit_of_their_own(read: Any, book: Any) -> None:
    path = rewritten(book([HEADER]), "xl/sharedStrings.xml", b" " * (3 * MEBIBYTE))
    with pytest.raises(UnreadableFile, match="at most 1 MB"):
        read(path, limits=Limits(shared_strings=MEBIBYTE))


def test_styles_are_held_in_memory_too(read: Any, book: Any) -> None:
    path = rewritten(book([HEADER]), "xl/styles.xml", b" " * (3 * MEBIBYTE))
    with pytest.raises(UnreadableFile, match="at most 1 MB"):
        read(path, limits=Limits(shared_strings=MEBIBYTE))


@pytest.mark.parametrize("cell", [b"<c/>", b"x"])
def test_a_row_that_would_fill_the_memory_is_refused(read: Any, book: Any, cell: bytes) -> None:
    path = book([HEADER, ["1", "2026-03-01", ""]])
    sheet = zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml")
    long = sheet.replace(b'<row r="2">', b'<row r="2">' + cell * (5 * MEBIBYTE // len(cell)))
    bomb = rewritten(path, "xl/worksheets/sheet1.xml", long)
    assert bomb.stat().st_size < 50_000
    with pytest.raises(UnreadableFile, match="has a row of more than 2 MB"):
        read(bomb, limits=Limits(sheet_row=2 * MEBIBYTE))


def test_an_entity_bomb_is_refused(read: Any, book: Any) -> None:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{entities}]><worksheet>&l9;</worksheet>'
    path = rewritten(book([HEADER]), "xl/worksheets/sheet1.xml", bomb.encode())
    with pytest.raises(UnreadableFile, match="the workbook can't be read"):
        read(path)


@pytest.mark.parametrize("member", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
def test_a_workbook_with_nonsense_inside_is_refused(read: Any, book: Any, member: str) -> None:
    path = rewritten(book([HEADER, ["1", "2026-03-01", ""]]), member, b"nonsense")
    with pytest.raises(UnreadableFile, match="the workbook can't be read"):
        read(path)


def test_a_workbook_that_was_cut_off_is_refused(read: Any, book: Any) -> None:
    path = book([HEADER])
    with pytest.raises(UnreadableFile, match="damaged"):
        read(path.read_bytes()[:-200], name="cut.xlsx")


def test_a_date_outside_excels_calendar_is_set_aside(read: Any, book: Any) -> None:
    path = book([HEADER, ["1", datetime(2026, 3, 1), ""]])  # noqa: DTZ001  Excel knows no zones
    sheet = zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml")
    far = sheet.replace(b"<v>46082</v>", b"<v>99999999999</v>")
    assert far != sheet
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        [rejected] = read(rewritten(path, "xl/worksheets/sheet1.xml", far))
    assert rejected.reason == Reason.BAD_DATE


def test_the_last_moment_of_the_calendar_sets_only_its_row_aside(read: Any, book: Any) -> None:
    last = datetime(9999, 12, 31, 23, 59, 59, 900_000)  # noqa: DTZ001  Excel knows no zones
    far, event = read(book([HEADER, ["1", last, ""], ["2", "2026-03-01", ""]]))
    assert far.reason == Reason.FUTURE_DATE
    assert event.record_id == "2"
