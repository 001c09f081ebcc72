"""The police: a weekly CSV file with coordinates inside a text, until one day it stops coming."""

from throughline.city.feeds.design import Cells, Damage, FeedDesign, Rhythm, number_of, setting
from throughline.city.geography import CITY_NAME, TIME_ZONE
from throughline.city.incidents import Incident
from throughline.formats.faults import Reason

PROVIDER = f"Simulated Police Department of {CITY_NAME}"
_STREETS = ("TANNERY ROW", "WHARF ST", "QUARRY AVE", "MILLRACE LN", "GANTRY ST", "COOPER AVE", "SALTBOX RD")

_MAPPING = {
    "description": "Calls for suspected overdoses; the place stands as a point in the text of the location.",
    "record_id": {"columns": ["Case"]},
    "occurred_at": {"columns": ["Reported"], "formats": ["%Y-%m-%d %H:%M:%S"], "time_zone": TIME_ZONE},
    "place": {
        "point_in_text": {
            "columns": ["Location"],
            "pattern": r"\((?P<latitude>-?\d+\.\d+), (?P<longitude>-?\d+\.\d+)\)",
        },
        "required": True,
    },
    "outcome": {"columns": ["Status"], "codes": {"Deceased": "fatal", "Survived": "nonfatal"}},
    "age": {"columns": ["Age"], "otherwise": "unknown"},
    "sex": {"columns": ["Sex"], "codes": {"F": "female", "M": "male"}},
    "naloxone": {"columns": ["Narcan"], "codes": {"Officer": "yes", "Other": "yes", "None": "no"}},
}


def _cells(incident: Incident, record_id: str) -> Cells:
    number = number_of(incident)
    street = f"{1 + number % 40}00 BLOCK {_STREETS[number % len(_STREETS)]}"
    return {
        "Case": record_id,
        "Reported": f"{incident.at:%Y-%m-%d %H:%M:%S}",
        "Location": f"{street} ({incident.latitude:.5f}, {incident.longitude:.5f})",
        "Status": "Deceased" if incident.fatal else "Survived",
        "Age": str(incident.person.age) if number % 6 else "UNK",
        "Sex": incident.person.sex[0].upper(),
        "Narcan": ("Officer", "Other")[number % 2] if incident.naloxone else "None",
    }


FEED = FeedDesign(
    key="police",
    name="Simulated police overdose calls",
    provider=PROVIDER,
    rhythm=Rhythm("week", hour=11, on=2),
    suffix=".csv",
    mapping=_MAPPING,
    record_id="{year}-{number:06d}",
    sees=lambda incident: 0.7 if incident.fatal else 0.32,
    cells=_cells,
    draft=setting(Narcan=""),
    damages=(
        Damage("Location", Reason.BAD_COORDINATES, setting(Location="RIVERSIDE, NO ADDRESS")),
        Damage("Location", Reason.OUTSIDE, setting(Location="COUNTY LINE RD (41.90000, -78.55000)")),
        Damage("Reported", Reason.BAD_DATE, setting(Reported="see report")),
    ),
    delay_days=2.0,
    sends_until=0.75,
)
