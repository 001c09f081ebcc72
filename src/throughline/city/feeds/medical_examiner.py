"""The medical examiner: a workbook each month; causes are pending for weeks, then the case is sent again."""

from throughline.city.feeds.design import Cells, Damage, FeedDesign, Rhythm, number_of, setting
from throughline.city.geography import CITY_NAME, TIME_ZONE
from throughline.city.incidents import Incident
from throughline.formats.faults import Reason

PROVIDER = f"Simulated Medical Examiner of {CITY_NAME}"
_TESTED = ("fentanyl", "heroin", "cocaine", "methamphetamine", "xylazine")

_MAPPING = {
    "description": "Deaths from drug toxicity; the day of death and the neighbourhood's code are known.",
    "file": {"sheet": "Cases", "header_row": 4},
    "record_id": {"columns": ["Case Number"]},
    "occurred_at": {"columns": ["Date of Death"], "time_zone": TIME_ZONE, "precision": "day"},
    "place": {
        "code": {"columns": ["Neighborhood of Injury"], "whole_number": True, "pad_to": 4},
        "required": True,
    },
    "outcome": {"constant": "fatal"},
    "manner": {"columns": ["Manner"]},
    "age": {"columns": ["Age"]},
    "sex": {"columns": ["Sex"]},
    "race": {"columns": ["Race"]},
    "ethnicity": {"columns": ["Ethnicity"]},
    "cause": {"columns": ["Cause of Death"]},
    "substance_flags": [
        {"columns": [name.title()], "substance": name, "present": ["Y"], "absent": ["N"]} for name in _TESTED
    ],
}


def _cells(incident: Incident, record_id: str) -> Cells:
    return {
        "Case Number": record_id,
        "Date of Death": incident.at.date(),
        "Neighborhood of Injury": int(incident.place),
        "Age": incident.person.age,
        "Sex": incident.person.sex.title(),
        "Race": incident.person.race,
        "Ethnicity": incident.person.ethnicity,
        "Manner": "Undetermined" if number_of(incident) % 20 == 0 else "Accident",
        "Cause of Death": f"Combined toxicity of {' and '.join(incident.substances)}",
        **{name.title(): "Y" if name in incident.substances else "N" for name in _TESTED},
    }


def _pending(cells: Cells) -> Cells:
    unknown = {name.title(): "" for name in _TESTED}
    return {**cells, "Manner": "Pending", "Cause of Death": "Pending toxicology", **unknown}


FEED = FeedDesign(
    key="medical-examiner",
    name="Simulated medical examiner cases",
    provider=PROVIDER,
    rhythm=Rhythm("month", hour=14, on=6),
    suffix=".xlsx",
    mapping=_MAPPING,
    record_id="ME{year}-{number:04d}",
    counts_for=("overdose_deaths",),
    sees=lambda incident: 1.0 if incident.fatal else 0.0,
    cells=_cells,
    draft=_pending,
    damages=(
        Damage("Neighborhood of Injury", Reason.UNKNOWN_PLACE, setting(Neighborhood_of_Injury=9901)),
        Damage("Date of Death", Reason.BAD_DATE, setting(Date_of_Death="unk. (found)")),
        Damage("Age", Reason.OUT_OF_RANGE, setting(Age=214)),
    ),
    delay_days=6.0,
    drafted=0.85,
    settles_after_days=40.0,
)
