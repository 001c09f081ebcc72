"""Writes the city's tables and documents, byte for byte the same each time."""

import csv
import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook

from throughline.city.deliveries import DeliveredFile
from throughline.city.feeds import ems
from throughline.city.feeds.design import Cells
from throughline.city.feeds.nemsis_file import write_nemsis

_EPOCH = (1980, 1, 1, 0, 0, 0)
_SAVED_AT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")

_WRONG_TYPE = b"%PDF-1.4\n% Simulated: a scanned page that was sent instead of the table.\n%%EOF\n"


def write_delivery(folder: Path, file: DeliveredFile) -> None:
    """The file as its agency sends it."""
    path = folder / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [report.cells for report in file.reports]
    layout = file.feed.layout
    if file.wrong_type:
        path.write_bytes(_WRONG_TYPE)
    elif file.feed.suffix == ".xlsx":
        write_xlsx(path, rows, title=file.feed.name, sheet=layout["sheet"], header_row=file.feed.header_row)
    elif file.feed.suffix == ".xml":
        write_nemsis(path, rows, agency=ems.AGENCY)
    else:
        encoding, delimiter = layout.get("encoding", "utf-8"), layout.get("delimiter", ",")
        write_csv(path, rows, encoding=encoding, delimiter=delimiter)


def write_json(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write_csv(
    path: Path,
    rows: Sequence[Mapping[str, object]],
    *,
    encoding: str = "utf-8",
    delimiter: str = ",",
) -> None:
    """Rows that all have the first one's columns."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


def write_xlsx(path: Path, rows: Sequence[Cells], *, title: str, sheet: str, header_row: int) -> None:
    """A workbook as agencies make them: a title on top, and the table somewhere below it."""
    workbook = Workbook()
    table = workbook.active
    table.title = sheet
    table.cell(1, 1, title)
    for column, name in enumerate(rows[0], start=1):
        table.cell(header_row, column, name)
    for row in rows:
        table.append(list(row.values()))
    _format_dates(table)
    packed = BytesIO()
    workbook.save(packed)
    _repack(packed, path)


def _format_dates(table: Any) -> None:
    for row in table.iter_rows():
        for cell in row:
            if isinstance(cell.value, date):
                cell.number_format = "MM/DD/YYYY"


def _repack(packed: BytesIO, path: Path) -> None:
    """Without the times at which it was saved, which would make every workbook another one."""
    with ZipFile(packed) as saved, ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for member in saved.infolist():
            content = _SAVED_AT.sub(rb"\g<1>2000-01-01T00:00:00Z", saved.read(member))
            archive.writestr(ZipInfo(member.filename, _EPOCH), content, ZIP_DEFLATED)
