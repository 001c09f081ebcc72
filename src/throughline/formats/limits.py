"""How large a delivered file may be before it is refused, so that no file can take the server down."""

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """All in bytes but `record_lines`, the most lines that one quoted record may cover, and `json_depth`, how deep
    JSON may nest. `json_record` is the most that one document of a JSON file may take.
    """

    file: int = 2048 * MEBIBYTE
    line: int = MEBIBYTE
    record_lines: int = 1000
    workbook: int = 512 * MEBIBYTE
    shared_strings: int = 64 * MEBIBYTE
    json_record: int = 8 * MEBIBYTE
    json_depth: int = 100


DEFAULT_LIMITS = Limits()
