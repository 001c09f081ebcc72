"""How large a delivered file may be before it is refused, so that no file can take the server down."""

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """All in bytes but `record_lines`, the most lines that one quoted record may cover, and `json_depth`, how deep
    JSON may nest. `json_record` is the most that one document of a JSON file may take; `shared_strings` the most of
    any part of a workbook but its sheets; `sheet_row` the most between the beginnings of two rows of a sheet.
    """

    file: int = 2048 * MEBIBYTE
    line: int = MEBIBYTE
    record_lines: int = 1000
    workbook: int = 512 * MEBIBYTE
    shared_strings: int = 64 * MEBIBYTE
    sheet_row: int = 16 * MEBIBYTE
    json_record: int = 8 * MEBIBYTE
    json_depth: int = 100


DEFAULT_LIMITS = Limits()
