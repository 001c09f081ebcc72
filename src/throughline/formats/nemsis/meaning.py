"""Says what a patient care report means in the product's words: age, outcome, naloxone, race, place.

Which codes mean what stands in the table of meanings. What a report doesn't settle stays unknown.
"""

from collections.abc import Mapping, Sequence
from functools import cache

from throughline.formats.event import UNKNOWN
from throughline.formats.gazetteer import Gazetteer
from throughline.formats.nemsis.elements import Medication, Values
from throughline.formats.nemsis.reference import meanings, rows

DERIVED = (
    "age_years",
    "race",
    "ethnicity",
    "outcome",
    "naloxone",
    "naloxone_before_arrival",
    "scene_place",
)
"""Names of the values that `meaning_of` adds."""

_AFTER_DEATH = {UNKNOWN: "fatal", "nonfatal": UNKNOWN}
"""What later words make of a death: an open question changes nothing, a life contradicts it."""
_NO_MEDICATION = "7701001"
_TRACT, _ZIP, _COUNTY = "eScene.23", "eScene.19", "eScene.21"


def meaning_of(values: Values, given: Sequence[Medication], gazetteer: Gazetteer) -> Mapping[str, str]:
    """The derived values of a report, from its values as `flatten` returns them; empty texts where unknown."""
    naloxone, before_arrival = _naloxone(values, given)
    race, ethnicity = _race(values.get("ePatient.14", []))
    return {
        "age_years": _age(values),
        "race": race,
        "ethnicity": ethnicity,
        "outcome": outcome_of(values),
        "naloxone": naloxone,
        "naloxone_before_arrival": before_arrival,
        "scene_place": _place(values, gazetteer),
    }


def outcome_of(values: Values) -> str:
    """fatal, nonfatal or unknown, by what the report says from first to last.

    "Nonfatal" means alive when this unit's care ended; a death in hospital comes as a correction or as a death
    record. A cardiac arrest leaves the outcome open until something later settles it. Alive after dead is a
    contradiction: unknown.
    """
    outcome = UNKNOWN
    for element, code, word in _signs_of_outcome():
        if code in values.get(element, ()):
            outcome = _AFTER_DEATH.get(word, word) if outcome == "fatal" else word
    return outcome


@cache
def _signs_of_outcome() -> tuple[tuple[str, str, str], ...]:
    """Element, code and word, in the order in which a run goes on: that of the table."""
    found = [row for row in rows("meanings") if row["meaning"] == "outcome"]
    return tuple((row["element"], row["code"], row["word"]) for row in found)


def _naloxone(values: Values, given: Sequence[Medication]) -> tuple[str, str]:
    """Whether naloxone was given at all, and whether before this unit's care: yes, no, or nothing if unknown."""
    codes = meanings("naloxone")["eMedications.03"]
    before = [medication.before_arrival for medication in given if medication.code in codes]
    if before:
        return "yes", "yes" if any(before) else "no"
    none = _NO_MEDICATION in values.get("eMedications.03@NV", ())
    denied = any(about.rpartition("|")[2] in codes for about in values.get("eMedications.03@PN", ()))
    return ("no", "no") if given or none or denied else ("", "")


def _age(values: Values) -> str:
    """Completed years. The table of meanings says how many of each unit make a year."""
    age, unit = values.get("ePatient.15"), values.get("ePatient.16")
    if not (age and unit):
        return ""
    per_year = meanings("age_units")["ePatient.16"].get(unit[0])
    return str(int(age[0]) // int(per_year)) if per_year else ""


def _race(codes: list[str]) -> tuple[str, str]:
    """The one race's code, or "multiple"; and the ethnicity, which the standard lists among the races.

    That nobody noted an ethnicity doesn't mean that there is none: it stays unknown.
    """
    ethnicities = meanings("ethnicity")["ePatient.14"]
    races = [code for code in codes if code not in ethnicities]
    ethnicity = next((ethnicities[code] for code in codes if code in ethnicities), "")
    return ("multiple" if len(races) > 1 else "".join(races)), ethnicity


def _place(values: Values, gazetteer: Gazetteer) -> str:
    """The finest code of the scene that is a known place: census tract, ZIP code (five digits), county."""
    tracts, zips, counties = (values.get(element, []) for element in (_TRACT, _ZIP, _COUNTY))
    codes = (*tracts, *zips, *(code[:5] for code in zips), *counties)
    return next((known for code in codes if (known := gazetteer.by_code(code))), "")
