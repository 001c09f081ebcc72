"""Finds the place of a row from its codes and coordinates, as the feed's mapping says."""

import re
from collections.abc import Callable
from typing import NamedTuple

from throughline.formats.cells import Cells, Text, TextCompiler, label
from throughline.formats.event import UNKNOWN
from throughline.formats.faults import Reason, ValueFault
from throughline.formats.gazetteer import Gazetteer
from throughline.formats.rules import PlaceCodeRule, PlaceRule, Source, TextPointRule

_SPREADSHEET_NUMBER = re.compile(r"(\d+)\.0*")


class Placed(NamedTuple):
    """Where an event stands in `Event`; all unknown where the row doesn't say."""

    place: str | None = None
    place_method: str = UNKNOWN
    latitude: float | None = None
    longitude: float | None = None


class Point(NamedTuple):
    latitude: float
    longitude: float


FindPlace = Callable[[Cells], Placed]
FindPoint = Callable[[Cells], Point | None]


def place_finder(rule: PlaceRule, text: TextCompiler, gazetteer: Gazetteer) -> FindPlace:
    """Compile a rule into a function of cells that raises ValueFault. A code goes before coordinates."""
    find_point = _point_finder(rule, text)
    find_code = _code_finder(rule.code, text, gazetteer) if rule.code else None

    def find(cells: Cells) -> Placed:
        point = find_point(cells)
        if find_code and (found := find_code(cells, point)):
            return found
        if point:
            return _at_point(point, rule, gazetteer)
        if rule.required:
            raise ValueFault(_label(rule), "", Reason.MISSING, "a place code or coordinates")
        return Placed()

    def find_or_leave_unplaced(cells: Cells) -> Placed:
        try:
            return find(cells)
        except _NotPlaced as fault:
            return _by_point_or_unplaced(fault.point)

    def _by_point_or_unplaced(point: Point | None) -> Placed:
        """Where the code is no place of ours, such as a ZIP code, the point still may be."""
        located = point and gazetteer.by_point(*point, within_km=rule.nearest_within_km)
        if point and located:
            return Placed(located.code, located.method, *point)
        return Placed(None, UNKNOWN, *(point or (None, None)))

    return find if rule.otherwise == "quarantine" else find_or_leave_unplaced


class _NotPlaced(ValueFault):
    """The row speaks of a place that isn't known; `point` is where it stands, as far as that is known."""

    def __init__(self, field: str, value: str, reason: Reason, expected: str, point: Point | None) -> None:
        super().__init__(field, value, reason, expected)
        self.point = point


def _label(rule: PlaceRule) -> str:
    sources = (
        rule.code and rule.code.source,
        *(rule.point or ()),
        rule.text_point and rule.text_point.source,
    )
    return ", ".join(label(source) for source in sources if source) or "place"


def _code_finder(
    rule: PlaceCodeRule, text: TextCompiler, gazetteer: Gazetteer
) -> Callable[[Cells, Point | None], Placed | None]:
    read = text(rule.source)
    field = label(rule.source)

    def find(cells: Cells, point: Point | None) -> Placed | None:
        written = read(cells)
        if not written:
            return None
        code = gazetteer.by_code(_clean(written, rule))
        if code is None:
            raise _NotPlaced(field, written, Reason.UNKNOWN_PLACE, "the code of a known place", point)
        return Placed(code, "code", *(point or (None, None)))

    return find


def _clean(code: str, rule: PlaceCodeRule) -> str:
    number = _SPREADSHEET_NUMBER.fullmatch(code) if rule.whole_number else None
    return (number[1] if number else code).zfill(rule.pad_to)


def _at_point(point: Point, rule: PlaceRule, gazetteer: Gazetteer) -> Placed:
    located = gazetteer.by_point(*point, within_km=rule.nearest_within_km)
    if located is None:
        expected = f"a point inside a known place or within {rule.nearest_within_km:g} km of its centre"
        raise _NotPlaced(_label(rule), _written(point), Reason.OUTSIDE, expected, point)
    return Placed(located.code, located.method, *point)


def _written(point: Point) -> str:
    return f"{point.latitude:g}, {point.longitude:g}"


def _point_finder(rule: PlaceRule, text: TextCompiler) -> FindPoint:
    """Columns of coordinates first, then a point inside a text."""
    finders = [_column_point(*rule.point, text)] if rule.point else []
    if rule.text_point:
        finders.append(_text_point(rule.text_point, text))

    def find(cells: Cells) -> Point | None:
        return next((point for finder in finders if (point := finder(cells))), None)

    return find


def _column_point(latitude: Source, longitude: Source, text: TextCompiler) -> FindPoint:
    read_latitude: Text = text(latitude)
    read_longitude: Text = text(longitude)
    field = f"{label(latitude)}, {label(longitude)}"

    def find(cells: Cells) -> Point | None:
        north, east = read_latitude(cells), read_longitude(cells)
        return _point(field, north, east) if north or east else None

    return find


def _text_point(rule: TextPointRule, text: TextCompiler) -> FindPoint:
    read = text(rule.source)
    field = label(rule.source)

    def find(cells: Cells) -> Point | None:
        written = read(cells)
        match = rule.pattern.search(written)
        if match:
            return _point(field, match["latitude"], match["longitude"])
        if written:
            expected = "a point in the text, as the mapping's pattern finds it"
            raise _NotPlaced(field, written, Reason.BAD_COORDINATES, expected, None)
        return None

    return find


def _point(field: str, latitude: str, longitude: str) -> Point:
    written = f"{latitude}, {longitude}"
    try:
        point = Point(float(latitude), float(longitude))
    except (TypeError, ValueError):
        raise ValueFault(field, written, Reason.BAD_COORDINATES, "two numbers in degrees") from None
    if not (abs(point.latitude) <= 90 and abs(point.longitude) <= 180) or point == (0, 0):
        expected = "latitude from -90 to 90 and longitude from -180 to 180, but not 0, 0"
        raise ValueFault(field, written, Reason.IMPOSSIBLE_COORDINATES, expected)
    return point
