"""Takes the elements of a death record out of one line of the Inter-Jurisdictional Exchange."""

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from throughline.formats.faults import Reason, ValueFault
from throughline.formats.fhir.deaths import certificate_id
from throughline.formats.fhir.resources import joined

LENGTH = 5000
ELEMENTS = (
    *(
        "record_id",
        "void",
        "injury_date",
        "death_date",
        "date_of",
        "manner",
        "age",
        "sex",
        "race",
        "hispanic",
    ),
    *("injury_description", "cause_of_death", "underlying_cause", "multiple_cause", "entity_axis"),
    *(
        "injury_state",
        "injury_county",
        "injury_county_code",
        "injury_city",
        "injury_latitude",
        "injury_longitude",
    ),
    *("death_state", "death_county", "death_city", "death_zip", "death_latitude", "death_longitude"),
    *("residence_state", "residence_county", "residence_county_code", "residence_city", "residence_zip"),
)

_PLAIN = MappingProxyType(
    {
        "void": "VOID",
        "manner": "MANNER",
        "sex": "SEX",
        "injury_description": "HOWINJ",
        "injury_state": "STATECODE_I",
        "injury_county": "COUNTYTEXT_I",
        "injury_county_code": "COUNTYCODE_I",
        "injury_city": "CITYTEXT_I",
        "injury_latitude": "LAT_I",
        "injury_longitude": "LONG_I",
        "death_state": "DSTATE",
        "death_county": "COUNTYTEXT_D",
        "death_city": "CITYTEXT_D",
        "death_latitude": "LAT_D",
        "death_longitude": "LONG_D",
        "residence_state": "STATEC",
        "residence_county": "COUNTYTEXT_R",
        "residence_county_code": "COUNTYC",
        "residence_city": "CITYTEXT_R",
    }
)
"""Elements that are a field as it stands."""
_LINES = ("COD1A", "COD1B", "COD1C", "COD1D", "OTHERCONDITION")
_RACES = (
    *(
        "White",
        "BlackOrAfricanAmerican",
        "AmericanIndianOrAlaskanNative",
        "AsianIndian",
        "Chinese",
        "Filipino",
    ),
    *("Japanese", "Korean", "Vietnamese", "OtherAsian", "NativeHawaiian", "GuamanianOrChamorro", "Samoan"),
    *("OtherPacificIslander", "OtherRace"),
)
_PER_YEAR = {"1": 1, "2": 12, "4": 365, "5": 8766, "6": 525_960}
_UNKNOWN = frozenset({"", "99", "9999"})


@cache
def layout() -> Mapping[str, slice]:
    """Where each field stands in a line, as `layout.csv` lists them."""
    with (Path(__file__).parent / "layout.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    starts = {row["name"]: int(row["start"]) - 1 for row in rows}
    return MappingProxyType(
        {row["name"]: slice(starts[row["name"]], starts[row["name"]] + int(row["length"])) for row in rows}
    )


def record_values(line: str) -> dict[str, str]:
    """The elements of a line of 5000 characters. Raises ValueFault without a certificate number."""
    fields = {name: line[place].strip() for name, place in layout().items()}
    injured, died = _date(fields, "DOI"), _date(fields, "DOD")
    on_a_day = injured if len(injured) >= len("2026-03-08") else ""
    return {
        **{element: fields[name] for element, name in _PLAIN.items()},
        "record_id": _record_id(fields),
        "injury_date": on_a_day,
        "death_date": died,
        "date_of": "injury" if on_a_day else "death",
        "age": _age(fields),
        "race": joined(race for race, mark in zip(_RACES, fields["RACE"], strict=False) if mark == "Y"),
        "hispanic": next(
            (answer for mark, answer in (("H", "Y"), ("N", "N")) if mark in fields["DETHNIC"]), ""
        ),
        "cause_of_death": joined(fields[name] for name in _LINES),
        "underlying_cause": _dotted(fields["MAN_UC"] or fields["ACME_UC"]),
        "multiple_cause": joined(_axis(line[layout()["RAC"]], width=5, start=0)),
        "entity_axis": joined(_axis(line[layout()["EAC"]], width=8, start=2)),
        "death_zip": fields["ZIP9_D"][:5],
        "residence_zip": fields["ZIP9_R"][:5],
    }


def _record_id(fields: Mapping[str, str]) -> str:
    for name in ("FILENO", "DOD_YR"):
        if not fields[name].isdecimal():
            reason = Reason.BAD_NUMBER if fields[name] else Reason.MISSING
            raise ValueFault(name, fields[name], reason, "state, year and certificate number")
    return certificate_id(fields["DSTATE"], fields["DOD_YR"], fields["FILENO"])


def _date(fields: Mapping[str, str], event: str) -> str:
    """As much of the date as is known, from the year on; with its time where that is known too."""
    parts: list[str] = []
    for unit in ("YR", "MO", "DY"):
        if fields[f"{event}_{unit}"] in _UNKNOWN:
            return "-".join(parts)
        parts.append(fields[f"{event}_{unit}"])
    time = fields["TOD"] if event == "DOD" else _injury_time(fields)
    return "-".join(parts) + ("" if time in _UNKNOWN else f"T{time[:2]}:{time[2:]}")


def _injury_time(fields: Mapping[str, str]) -> str:
    """On a clock of 24 hours."""
    time, unit = fields["TOI_HR"], fields["TOI_UNIT"]
    if time in _UNKNOWN or not time.isdecimal() or unit not in {"A", "P"}:
        return time
    return f"{int(time[:2]) % 12 + (12 if unit == 'P' else 0):02d}{time[2:]}"


def _age(fields: Mapping[str, str]) -> str:
    """Completed years; empty where it isn't known."""
    age, unit = fields["AGE"], fields["AGETYPE"] or "1"
    if age in {"", "999"} or unit == "9":
        return ""
    return str(int(age) // _PER_YEAR[unit]) if age.isdecimal() and unit in _PER_YEAR else age


def _axis(text: str, *, width: int, start: int) -> Iterator[str]:
    """Codes of up to four characters, each at the same place of its group; the rest are flags."""
    for position in range(0, len(text), width):
        yield _dotted(text[position + start : position + start + 4].strip())


def _dotted(code: str) -> str:
    """ICD-10 as people write it: the exchange leaves the dot out.

    >>> _dotted("T404"), _dotted("X42")
    ('T40.4', 'X42')
    """
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 and "." not in code else code
