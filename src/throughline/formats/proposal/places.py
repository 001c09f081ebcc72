"""Finds the columns that say where: codes, coordinates, or a point inside a text."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from throughline.formats.gazetteer import Gazetteer
from throughline.formats.proposal.columns import Column, named, rank
from throughline.formats.proposal.finding import Confidence, Finding, Part
from throughline.formats.wording import gettext_noop as _

POINT_IN_TEXT = r"\((?P<latitude>-?\d+\.\d+), *(?P<longitude>-?\d+\.\d+)\)\s*$"

_KNOWN_SHARE = 0.5
_CODE_NAMES = (
    re.compile(r"\b(tract|geoid)"),
    re.compile(r"\b(zip|zcta|postal|postcode)"),
    re.compile(r"\b(ward|beat|precinct|neighbou?rhood|community area|district|zone)\b"),
    re.compile(r"\bfips\b"),
    re.compile(r"\bcounty\b|\btown\b|\bcity\b|municipality"),
)
_SCENE = (
    re.compile(r"\b(incident|scene|event|injury|overdose|occur\w*)"),
    re.compile(r"^(?!.*\b(death|victim|patient|home|resid\w*|facility|hospital|destination)\b)"),
    re.compile(r"\bdeath"),
)
_LATITUDE = re.compile(r"\blat(itude)?\b")
_LONGITUDE = re.compile(r"\b(lon|lng|long)(gitude)?\b")
_POINT = re.compile(POINT_IN_TEXT)
_WHOLE_NUMBER = re.compile(r"\d+\.0+")


def propose_place(columns: Sequence[Column], places: Gazetteer | None) -> Part:
    """The setting `place`. `places` are those of the installation; without any, columns go by their names."""
    code = _code(columns, places) if places else _code_by_name(columns)
    point = _point(columns)
    if not point.settings:
        point = _text_point(columns)
    settings = {**code.settings, **point.settings}
    if not settings:
        return Part(findings=(Finding("place", (), Confidence.ASK, _NO_PLACE),))
    return Part({"place": settings}, code.findings + point.findings)


_NO_PLACE = _(
    "No column says where it happened in a form that is known. Events would count for the whole area only."
)
_KNOWN = _("%(share)s of its values are codes of known places.")
_BY_NAME = _("Its name says that it holds codes of places; no list of places was at hand to check them.")
_SPREADSHEET = _("Its codes end in “.0”, as spreadsheets write numbers; they are read without it.")
_PADDED = _("Its codes lack leading zeros; they are filled up to %(digits)d digits.")
_NUMBERS = _("They hold latitudes and longitudes.")
_TWO_POINTS = _("They hold latitudes and longitudes. So do %(others)s: check which are of the scene.")
_IN_TEXT = _("%(share)s of its values end in a point, such as (41.77, -72.67).")
_STANDS_IN = _(
    "The point in “%(text)s” stands in many rows (%(rows)d): it is taken for a stand-in, and as no value."
)


def _code(columns: Sequence[Column], places: Gazetteer) -> Part:
    """The column most of whose values the installation knows, as they are or mended."""
    tried = [(_known_share(column, places, pad), -rank(column, _SCENE), -pad, column)
             for column in columns if column.filled for pad in _pads(column)]  # fmt: skip
    share, _rank, pad, column = max(tried, key=lambda one: one[:3], default=(0.0, 0, 0, None))
    if column is None or share < _KNOWN_SHARE:
        return Part()
    facts = {"share": f"{share:.0%}"}
    confidence = Confidence.CERTAIN if share > 0.95 else Confidence.LIKELY
    return _with_code(column, -pad, Finding("place.code", (column.name,), confidence, _KNOWN, facts))


def _pads(column: Column) -> tuple[int, ...]:
    """How many digits to fill up to, besides none: short numbers only, as zeros are lost from those."""
    return (0, 2, 3, 5, 11) if column.share(lambda value: value.replace(".", "").isdigit()) > 0.9 else (0,)


def _known_share(column: Column, places: Gazetteer, pad: int) -> float:
    return column.share(lambda value: places.by_code(_mended(value).zfill(pad)))


def _mended(value: str) -> str:
    return value.split(".", maxsplit=1)[0] if _WHOLE_NUMBER.fullmatch(value) else value


def code_rule(column: Column, places: Gazetteer) -> dict[str, Any]:
    """The setting `place.code` for a column that a person chose: mended so that most of its codes are known."""
    pad = max(_pads(column), key=lambda pad: (_known_share(column, places, pad), -pad))
    chosen = Finding("place.code", (column.name,), Confidence.CERTAIN, "")
    rule: dict[str, Any] = _with_code(column, pad, chosen).settings["code"]
    return rule


def _code_by_name(columns: Sequence[Column]) -> Part:
    fitting = [column for column in columns if column.filled and rank(column, _CODE_NAMES) < len(_CODE_NAMES)]
    fitting = [column for column in fitting if not _is_coordinate(column) and not column.share(_POINT.search)]
    if not fitting:
        return Part()
    column = min(fitting, key=lambda one: (rank(one, _SCENE), rank(one, _CODE_NAMES)))
    pad = 5 if column.is_named(_CODE_NAMES[1]) and column.share(str.isalnum) > 0.9 else 0
    return _with_code(column, pad, Finding("place.code", (column.name,), Confidence.ASK, _BY_NAME))


def _with_code(column: Column, pad: int, chosen: Finding) -> Part:
    rule: dict[str, object] = {"columns": [column.name]}
    findings = [chosen]
    if column.share(_WHOLE_NUMBER.fullmatch):
        rule["whole_number"] = True
        findings.append(Finding("place.code.whole_number", (column.name,), Confidence.CERTAIN, _SPREADSHEET))
    if pad:
        rule["pad_to"] = pad
        facts = {"digits": pad}
        findings.append(Finding("place.code.pad_to", (column.name,), Confidence.LIKELY, _PADDED, facts))
    return Part({"code": rule}, tuple(findings))


def _is_coordinate(column: Column) -> bool:
    return column.is_named(_LATITUDE) or column.is_named(_LONGITUDE)


def _point(columns: Sequence[Column]) -> Part:
    pairs = sorted(_pairs(columns), key=lambda pair: rank(pair[0], _SCENE))
    if not pairs:
        return Part()
    (latitude, longitude), others = pairs[0], pairs[1:]
    chosen = (latitude.name, longitude.name)
    rule = {"latitude": latitude.name, "longitude": longitude.name}
    tied = others and rank(others[0][0], _SCENE) == rank(latitude, _SCENE)
    if tied:
        facts = {"others": ", ".join(column.name for pair in others for column in pair)}
        return Part({"point": rule}, (Finding("place.point", chosen, Confidence.ASK, _TWO_POINTS, facts),))
    return Part({"point": rule}, (Finding("place.point", chosen, Confidence.CERTAIN, _NUMBERS),))


def _pairs(columns: Sequence[Column]) -> Iterator[tuple[Column, Column]]:
    """Latitudes with the longitudes of the same name but for that word."""
    longitudes = {_LONGITUDE.sub("", column.words): column for column in named(columns, _LONGITUDE)
                  if column.share(lambda value: _within(value, 180)) > 0.9}  # fmt: skip
    for column in named(columns, _LATITUDE):
        other = longitudes.get(_LATITUDE.sub("", column.words))
        if other and column.share(lambda value: _within(value, 90)) > 0.9:
            yield column, other


def _within(value: str, degrees: int) -> bool:
    try:
        return abs(float(value)) <= degrees
    except ValueError:
        return False


def _text_point(columns: Sequence[Column]) -> Part:
    """Texts with a point at their end: those of the scene first, then of the death; never of a residence."""
    shares = {column.name: column.share(_POINT.search) for column in columns}
    fitting = [
        column for column in columns if shares[column.name] > 0.9 and rank(column, _SCENE) < len(_SCENE)
    ]
    fitting.sort(key=lambda column: rank(column, _SCENE))
    if not fitting:
        return Part()
    stand_ins = [(column, *found) for column in fitting if (found := _stand_in(column))]
    rule: dict[str, object] = {"columns": [column.name for column in fitting], "pattern": POINT_IN_TEXT}
    if stand_ins:
        rule["empty"] = list(dict.fromkeys(text for _column, text, _rows in stand_ins))
    findings = [
        Finding(
            "place.point_in_text",
            (column.name,),
            Confidence.LIKELY,
            _IN_TEXT,
            {"share": f"{shares[column.name]:.0%}"},
        )
        for column in fitting
    ]
    for column, text, rows in stand_ins:
        facts = {"text": text.replace("\n", " "), "rows": rows}
        findings.append(
            Finding("place.point_in_text.empty", (column.name,), Confidence.ASK, _STANDS_IN, facts)
        )
    return Part({"point_in_text": rule}, tuple(findings))


def _stand_in(column: Column) -> tuple[str, int] | None:
    """One text in a fifth of the rows, thrice as often as any other: the middle of a state, not a scene."""
    first, second = ([*column.counts.most_common(2), ("", 0), ("", 0)])[:2]
    return first if first[1] > 0.2 * column.filled and first[1] > 3 * second[1] > 0 else None
