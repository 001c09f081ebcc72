"""A long file says how far it has been read."""

from pathlib import Path
from typing import Any

from openpyxl import Workbook

from throughline.formats.mapping import parse_mapping
from throughline.formats.tabular import read_tabular


def reported(path: Path, document: dict[str, Any], gazetteer: Any, received_at: Any) -> list[int]:
    reports: list[int] = []
    rows = read_tabular(
        path, parse_mapping(document), gazetteer, received_at=received_at, progress=reports.append
    )
    assert sum(1 for _ in rows) == 3000
    return reports


def test_bytes_read_grow_to_the_size_of_a_csv_file(
    tmp_path: Path, document: Any, gazetteer: Any, at: Any
) -> None:
    path = tmp_path / "long.csv"
    path.write_text("id,when\n" + "1,2026-03-01\n" * 3000)
    reports = reported(path, document, gazetteer, at)
    assert reports == sorted(reports)
    assert reports[-1] == path.stat().st_size


def test_bytes_read_grow_to_the_size_of_a_workbook(
    tmp_path: Path, document: Any, gazetteer: Any, at: Any
) -> None:
    workbook = Workbook()
    for row in [["id", "when"], *([n, "2026-03-01"] for n in range(3000))]:
        workbook.active.append(row)
    workbook.save(path := tmp_path / "long.xlsx")
    reports = reported(path, document, gazetteer, at)
    assert reports == sorted(reports)
    assert reports[-1] == path.stat().st_size
