"""The naloxone programme: weekly, what people report when they ask for a new kit."""

from throughline.city.feeds.design import Cells, Damage, FeedDesign, Rhythm, setting
from throughline.city.geography import CITY_NAME, TIME_ZONE
from throughline.city.incidents import Incident
from throughline.formats.event import age_group_of
from throughline.formats.faults import Reason

PROVIDER = f"Simulated Naloxone Program of {CITY_NAME}"

_MAPPING = {
    "description": "Reversals that people report when they ask for a new kit; only the day is known.",
    "record_id": {"columns": ["Kit"]},
    "occurred_at": {
        "columns": ["Date of use"],
        "formats": ["%b %d, %Y"],
        "time_zone": TIME_ZONE,
        "precision": "day",
    },
    "place": {"code": {"columns": ["Neighborhood code"], "pad_to": 4}, "required": True},
    "outcome": {"columns": ["Survived"], "codes": {"yes": "nonfatal", "no": "fatal"}},
    "age_group": {"columns": ["Age group"]},
    "naloxone": {"constant": "yes"},
}


def _cells(incident: Incident, record_id: str) -> Cells:
    return {
        "Kit": record_id,
        "Date of use": f"{incident.at:%b %d, %Y}",
        "Neighborhood code": incident.place,
        "Survived": "no" if incident.fatal else "yes",
        "Age group": age_group_of(incident.person.age),
    }


FEED = FeedDesign(
    key="naloxone-programme",
    name="Simulated community naloxone reversals",
    provider=PROVIDER,
    rhythm=Rhythm("week", hour=16, on=4),
    suffix=".csv",
    mapping=_MAPPING,
    record_id="KIT-{year}-{number:05d}",
    sees=lambda incident: 0.16 if incident.naloxone else 0.0,
    cells=_cells,
    draft=setting(Age_group=""),
    damages=(
        Damage("Neighborhood code", Reason.UNKNOWN_PLACE, setting(Neighborhood_code="downtown")),
        Damage("Date of use", Reason.BAD_DATE, setting(Date_of_use="last week")),
        Damage("Survived", Reason.UNKNOWN_CODE, setting(Survived="ran off")),
    ),
    delay_days=4.0,
)
