"""The jail: each month, the overdoses that people tell of at medical screening on the way in."""

from throughline.city.feeds.design import Cells, Damage, FeedDesign, Rhythm, setting
from throughline.city.geography import CITY_NAME, TIME_ZONE
from throughline.city.incidents import Incident
from throughline.formats.faults import Reason

PROVIDER = f"Simulated County Jail of {CITY_NAME}"

_MAPPING = {
    "description": "Recent overdoses told at intake screening, by neighbourhood of arrest.",
    "record_id": {"columns": ["Screening"]},
    "occurred_at": {"columns": ["Overdose date"], "time_zone": TIME_ZONE, "precision": "day"},
    "place": {"code": {"columns": ["Arrest area"], "pad_to": 4}, "required": True},
    "outcome": {"constant": "nonfatal"},
    "age": {"columns": ["Age"]},
    "sex": {"columns": ["Sex"]},
}


def _cells(incident: Incident, record_id: str) -> Cells:
    return {
        "Screening": record_id,
        "Overdose date": f"{incident.at:%Y-%m-%d}",
        "Arrest area": incident.place,
        "Age": str(incident.person.age),
        "Sex": incident.person.sex,
    }


FEED = FeedDesign(
    key="jail-screening",
    name="Simulated jail intake screenings",
    provider=PROVIDER,
    rhythm=Rhythm("month", hour=10, on=3),
    suffix=".csv",
    mapping=_MAPPING,
    record_id="SCR{year}-{number:04d}",
    sees=lambda incident: 0.0 if incident.fatal else 0.05,
    cells=_cells,
    draft=setting(Sex="unknown"),
    damages=(
        Damage("Arrest area", Reason.UNKNOWN_PLACE, setting(Arrest_area="out of county")),
        Damage("Overdose date", Reason.BAD_DATE, setting(Overdose_date="yesterday")),
    ),
    delay_days=9.0,
)
