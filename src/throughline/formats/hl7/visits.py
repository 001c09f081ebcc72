"""Lays out what a message says of a visit as named texts, for mappings."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from throughline.formats.gazetteer import Gazetteer
from throughline.formats.hl7.instants import iso, iso_day
from throughline.formats.hl7.parser import Message, Segment
from throughline.formats.hl7.structure import trigger_of

SEVERAL = "\n"
"""Stands between the values of an element that can have several."""

_CANCELLED_DISCHARGE = "A13"
_STILL_A_PATIENT = "30"
"""UB-04's patient status for somebody who has not been discharged."""
_TAKEN_BACK = frozenset({"D", "W", "X"})
"""Results that the sender deleted, sent in error, or could not get (OBX-11, table 0085)."""
_FREE_TEXT = frozenset({"TX", "ST", "FT"})

# LOINC and PHIN codes of the observations that are read, by the element that they become.
_TEXTS = {"chief_complaint": "8661-1", "triage_notes": "54094-8", "clinical_impression": "44833-2"}
_AGE = "21612-7"
_FACILITY_TYPE = "SS003"

_PER_YEAR = {"a": 1, "mo": 12, "wk": 365.25 / 7, "d": 365.25, "h": 8766, "min": 525_960}
"""Units of age (UCUM)."""

ELEMENTS = (
    "message_id",
    "processing",
    "trigger",
    "sent_at",
    "facility",
    "facility_name",
    "facility_type",
    "visit",
    "visit_at",
    "recorded_on",
    "discharged_at",
    "patient_class",
    "disposition",
    "died",
    "birth_date",
    "age",
    "sex",
    "race",
    "ethnicity",
    "zip",
    "county",
    "state",
    "residence",
    "diagnosis",
    "diagnosis_text",
    "admit_reason",
    "chief_complaint",
    "chief_complaint_code",
    "triage_notes",
    "clinical_impression",
)


def visit_record(message: Message, gazetteer: Gazetteer) -> dict[str, str]:
    """Every element of `ELEMENTS`, empty where the message doesn't fill it.

    Source: PHIN messaging guide for syndromic surveillance, release 2.0 (HL7 v2.5.1, ADT).
    """
    observations = _observations(message)
    evn, pid, pv1, pv2 = (message.segment(name) for name in ("EVN", "PID", "PV1", "PV2"))
    complaints = observations[_TEXTS["chief_complaint"]]
    return {
        **_of_message(message.header, evn),
        **_of_visit(_facility(message.header, evn, pv1), pid, pv1, trigger_of(message)),
        **_of_person(pid),
        "residence": _residence(pid, gazetteer),
        **_of_diagnoses(message.segments("DG1")),
        "age": _age(observations[_AGE], pid.text(7), pv1.text(44)),
        "facility_type": _several(observation.text(5) for observation in observations[_FACILITY_TYPE]),
        "admit_reason": _several([_in_words(pv2, 3)]),
        "chief_complaint_code": _several([pv2.text(3), *map(_code, complaints)]),
        **{name: _several(map(_value, observations[code])) for name, code in _TEXTS.items()},
    }


def _of_message(header: Segment, evn: Segment) -> dict[str, str]:
    return {
        "message_id": header.text(10),
        "processing": header.text(11),
        "sent_at": iso(header.text(7)),
        "recorded_on": iso_day(evn.text(2) or header.text(7)),
    }


def _of_visit(facility: tuple[str, str], pid: Segment, pv1: Segment, trigger: str) -> dict[str, str]:
    name, identifier = facility
    disposition = pv1.text(36) or (_STILL_A_PATIENT if trigger == _CANCELLED_DISCHARGE else "")
    return {
        "trigger": trigger,
        "facility": identifier or name,
        "facility_name": name,
        "visit": _visit_key(identifier or name, pid, pv1),
        "visit_at": iso(pv1.text(44)),
        "discharged_at": iso(pv1.text(45)),
        "patient_class": pv1.text(2),
        "disposition": disposition.zfill(2) if disposition.isdecimal() else disposition,
    }


def _facility(header: Segment, evn: Segment, pv1: Segment) -> tuple[str, str]:
    """Name and identifier of who treated: as the event says, else who gave the visit its number, else the sender."""
    treating = evn.text(7), evn.text(7, 2)
    numbering = pv1.text(19, 4), pv1.text(19, 4, 2)
    sending = header.text(4), header.text(4, 2)
    return next((named for named in (treating, numbering, sending) if any(named)), ("", ""))


def _visit_key(facility: str, pid: Segment, pv1: Segment) -> str:
    """The visit's number within its facility; where there is none, the patient's and when the visit began."""
    number, patient, begun = pv1.text(19), pid.text(3), iso(pv1.text(44))
    if facility and number:
        return f"{facility}/{number}"
    return f"{facility}/{patient}@{begun}" if facility and patient and begun else ""


def _of_person(pid: Segment) -> dict[str, str]:
    races = set(pid.texts(10))
    return {
        "died": "Y" if pid.text(29) or pid.text(30) == "Y" else "",
        "birth_date": iso_day(pid.text(7)),
        "sex": pid.text(8),
        "race": "multiple" if len(races) > 1 else "".join(races),
        "ethnicity": pid.text(22),
        "zip": pid.text(11, 5)[:5],
        "county": pid.text(11, 9),
        "state": pid.text(11, 4),
    }


def _residence(pid: Segment, gazetteer: Gazetteer) -> str:
    """The finest code of where the patient lives that is a known place; where none is, the finest."""
    codes = [code for code in (pid.text(11, 5)[:5], pid.text(11, 9)) if code]
    return next((code for code in codes if gazetteer.by_code(code)), "".join(codes[:1]))


def _of_diagnoses(diagnoses: list[Segment]) -> dict[str, str]:
    """Codes as sent, those of the alternate system too."""
    return {
        "diagnosis": _several(diagnosis.text(3, part) for diagnosis in diagnoses for part in (1, 4)),
        "diagnosis_text": _several(_in_words(diagnosis, 3) or diagnosis.text(4) for diagnosis in diagnoses),
    }


def _observations(message: Message) -> defaultdict[str, list[Segment]]:
    """Observations by their code, those that were taken back left out."""
    found: defaultdict[str, list[Segment]] = defaultdict(list)
    for observation in message.segments("OBX"):
        if observation.text(11) not in _TAKEN_BACK:
            found[observation.text(3)].append(observation)
    return found


def _in_words(segment: Segment, field: int) -> str:
    """The text of a coded field (CWE, CE): as it was first written, else the code's own words."""
    return segment.text(field, 9) or segment.text(field, 2) or segment.text(field, 5)


def _value(observation: Segment) -> str:
    if observation.text(2) in _FREE_TEXT:
        return observation.whole(5)
    return _in_words(observation, 5) or observation.text(5)


def _code(observation: Segment) -> str:
    return "" if observation.text(2) in _FREE_TEXT else observation.text(5)


def _several(values: Iterable[str]) -> str:
    return SEVERAL.join(value.replace(SEVERAL, " ") for value in values if value)


def _age(reported: list[Segment], birth: str, visit: str) -> str:
    """In years: as reported with its unit, else from the birth date; what can't be read stays as it is written."""
    for observation in reported:
        if written := observation.text(5):
            return _in_years(written, observation.text(6))
    return _completed_years(iso_day(birth), iso_day(visit))


def _in_years(written: str, unit: str) -> str:
    try:
        return str(float(written) / _PER_YEAR[unit])
    except (KeyError, ValueError):
        return f"{written} {unit or '(no unit)'}"


def _completed_years(birth: str, day: str) -> str:
    try:
        born, on = date.fromisoformat(birth), date.fromisoformat(day)
    except ValueError:
        return ""
    return str(on.year - born.year - ((on.month, on.day) < (born.month, born.day)))
