"""Two emergency departments: weekly CSV files, each written by another system with its own habits."""

from throughline.city.feeds.design import Cells, Damage, FeedDesign, Rhythm, number_of, setting
from throughline.city.geography import CITY_NAME, LATITUDE, TIME_ZONE
from throughline.city.incidents import Incident
from throughline.formats.event import AGE_GROUPS, age_group_of
from throughline.formats.faults import Reason

NORTH_PROVIDER = f"Simulated Northgate Hospital of {CITY_NAME}"
SOUTH_PROVIDER = f"Simulated Southbank Hospital of {CITY_NAME}"
_SEEN_ALIVE, _SEEN_DEAD = 0.55, 0.12
_AGE_BANDS = {group: f"{group.replace('-', ' to ').replace('+', ' and over')} yrs" for group in AGE_GROUPS}

_NORTH_MAPPING = {
    "description": "Visits for overdose. A spreadsheet has turned the area's code 0101 into 101.0.",
    "record_id": {"columns": ["visit_id"]},
    "occurred_at": {"columns": ["arrival"], "time_zone": TIME_ZONE},
    "place": {"code": {"columns": ["pickup_area"], "whole_number": True, "pad_to": 4}, "required": True},
    "outcome": {
        "columns": ["disposition"],
        "codes": {"Home": "nonfatal", "Admitted": "nonfatal", "Left": "nonfatal", "Expired": "fatal"},
    },
    "age": {"columns": ["age_years"]},
    "sex": {"columns": ["sex"]},
    "race": {"columns": ["race"]},
    "ethnicity": {"columns": ["ethnicity"]},
    "naloxone": {"columns": ["naloxone_before_arrival"], "codes": {"1": "yes", "0": "no"}},
}

_SOUTH_MAPPING = {
    "description": "Visits for overdose. Semicolons, Windows encoding, 12-hour local time, ages in bands.",
    "file": {"delimiter": ";", "encoding": "windows-1252", "null_tokens": ["NULL"]},
    "record_id": {"columns": ["Visit Nº"]},
    "occurred_at": {"columns": ["Arrived"], "formats": ["%d-%b-%Y %I:%M %p"], "time_zone": TIME_ZONE},
    "place": {"code": {"columns": ["Area Code"], "pad_to": 4}, "required": True},
    "outcome": {"columns": ["Died"], "codes": {"Y": "fatal", "N": "nonfatal"}},
    "age_group": {"columns": ["Age Band"], "codes": {band: group for group, band in _AGE_BANDS.items()}},
    "sex": {"columns": ["Sex"], "codes": {"1": "male", "2": "female"}},
    "race": {"columns": ["Race"]},
}


def _north(incident: Incident, record_id: str) -> Cells:
    arrival = incident.after(25 + number_of(incident) % 30)
    disposition = "Expired" if incident.fatal else ("Home", "Admitted", "Left")[number_of(incident) % 3]
    return {
        "visit_id": record_id,
        "arrival": arrival.isoformat(),
        "pickup_area": f"{int(incident.place)}.0",
        "age_years": str(incident.person.age),
        "sex": incident.person.sex.title(),
        "race": incident.person.race,
        "ethnicity": incident.person.ethnicity,
        "naloxone_before_arrival": "1" if incident.naloxone else "0",
        "disposition": disposition,
    }


def _south(incident: Incident, record_id: str) -> Cells:
    arrival = incident.after(20 + number_of(incident) % 40)
    return {
        "Visit Nº": record_id,
        "Arrived": f"{arrival:%d-%b-%Y %I:%M %p}",
        "Area Code": incident.place,
        "Age Band": _AGE_BANDS[age_group_of(incident.person.age)],
        "Sex": "1" if incident.person.sex == "male" else "2",
        "Race": incident.person.race,
        "Died": "Y" if incident.fatal else "N",
    }


def _seen(incident: Incident) -> float:
    return _SEEN_DEAD if incident.fatal else _SEEN_ALIVE


NORTH = FeedDesign(
    key="ed-north",
    name="Simulated Northgate emergency visits",
    provider=NORTH_PROVIDER,
    rhythm=Rhythm("week", hour=8, on=0),
    suffix=".csv",
    mapping=_NORTH_MAPPING,
    record_id="N{year}{number:06d}",
    sees=lambda incident: _seen(incident) if incident.latitude >= LATITUDE else 0.0,
    cells=_north,
    draft=lambda cells: {**cells, "race": "", "ethnicity": ""},
    damages=(
        Damage("pickup_area", Reason.UNKNOWN_PLACE, lambda cells: {**cells, "pickup_area": "9999.0"}),
        Damage("arrival", Reason.BAD_DATE, lambda cells: {**cells, "arrival": "########"}),
        Damage("age_years", Reason.BAD_NUMBER, lambda cells: {**cells, "age_years": "adult"}),
        Damage("disposition", Reason.UNKNOWN_CODE, lambda cells: {**cells, "disposition": "XFER?"}),
    ),
    delay_days=1.0,
)

SOUTH = FeedDesign(
    key="ed-south",
    name="Simulated Southbank emergency visits",
    provider=SOUTH_PROVIDER,
    rhythm=Rhythm("week", hour=9, on=1),
    suffix=".csv",
    mapping=_SOUTH_MAPPING,
    record_id="SB/{year}/{number:05d}",
    sees=lambda incident: _seen(incident) if incident.latitude < LATITUDE else 0.0,
    cells=_south,
    draft=setting(Race="NULL"),
    damages=(
        Damage("Area Code", Reason.UNKNOWN_PLACE, setting(Area_Code="UNKNWN")),
        Damage("Arrived", Reason.BAD_DATE, setting(Arrived="30-Feb-2026 10:00 AM")),
        Damage("Sex", Reason.UNKNOWN_CODE, setting(Sex="9")),
    ),
    delay_days=1.5,
)
