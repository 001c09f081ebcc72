"""Reads a table of places: their codes and centres."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from throughline.cli.read.faults import check_is_file
from throughline.formats.csv_table import check_encoding, csv_rows
from throughline.formats.faults import Rejected, UnreadableFile
from throughline.formats.gazetteer import Gazetteer, Place
from throughline.formats.limits import DEFAULT_LIMITS
from throughline.formats.rules import Layout

_NAMES = {
    "code": ("code", "place", "geoid", "id"),
    "latitude": ("latitude", "lat"),
    "longitude": ("longitude", "lon", "lng"),
}


def read_places(path: Path) -> Gazetteer:
    """Places by code from a CSV file; twice the same code is one place. Raises UnreadableFile and OSError."""
    check_is_file(path)
    layout = Layout()
    check_encoding(path, layout.encoding)
    with path.open("rb") as file:
        rows = csv_rows(file, path.name, layout, DEFAULT_LIMITS)
        positions = _positions(path, next(rows, None))
        places = {place.code: place for place in _places(path, rows, positions)}
    if not places:
        raise UnreadableFile(path.name, "the table holds no place", "a header and rows")
    return Gazetteer(places.values())


def _positions(path: Path, header: tuple[int, list[str]] | Rejected | None) -> Sequence[int]:
    names = (
        [] if header is None or isinstance(header, Rejected) else [name.strip().lower() for name in header[1]]
    )
    found = [next((names.index(name) for name in known if name in names), None) for known in _NAMES.values()]
    if any(position is None for position in found):
        missing = " and ".join(name for name, position in zip(_NAMES, found, strict=True) if position is None)
        raise UnreadableFile(
            path.name, f"there is no column {missing}", "the columns code, latitude, longitude"
        )
    return [position for position in found if position is not None]


def _places(
    path: Path, rows: Iterator[tuple[int, list[str]] | Rejected], positions: Sequence[int]
) -> Iterator[Place]:
    for row in rows:
        number, cells = (row.row, []) if isinstance(row, Rejected) else row
        try:
            code, latitude, longitude = (cells[position].strip() for position in positions)
            yield Place(code, *_degrees(latitude, longitude))
        except (IndexError, ValueError):
            found = f"row {number} holds {', '.join(cells) or 'no place'}"
            raise UnreadableFile(path.name, found, "a code, and latitude and longitude in degrees") from None


def _degrees(latitude: str, longitude: str) -> tuple[float, float]:
    north, east = float(latitude), float(longitude)
    if not (abs(north) <= 90 and abs(east) <= 180):
        raise ValueError(f"{latitude}, {longitude}")
    return north, east
