"""The ambulance service: a CSV file each morning, with local times in two columns and coordinates."""

from throughline.city.feeds.design import Cells, Damage, FeedDesign, Rhythm, number_of, setting
from throughline.city.geography import CITY_NAME, TIME_ZONE
from throughline.city.incidents import Incident
from throughline.formats.faults import Reason

PROVIDER = f"Simulated EMS of {CITY_NAME}"
RACE_LETTERS = {"White": "W", "Black": "B", "Asian": "A", "Other": "O"}

_MAPPING = {
    "description": "Ambulance runs for suspected overdoses: local times, places by coordinates.",
    "record_id": {"columns": ["Incident Number"]},
    "occurred_at": {
        "columns": [["Incident Date", "Incident Time"]],
        "formats": ["%m/%d/%Y %H:%M"],
        "time_zone": TIME_ZONE,
    },
    "place": {"point": {"latitude": "Latitude", "longitude": "Longitude"}, "required": True},
    "outcome": {
        "columns": ["Disposition"],
        "codes": {"Transported": "nonfatal", "Refused transport": "nonfatal", "Dead at scene": "fatal"},
    },
    "age": {"columns": ["Patient Age"]},
    "sex": {"columns": ["Patient Sex"], "codes": {"F": "female", "M": "male", "U": "unknown"}},
    "race": {"columns": ["Patient Race"], "codes": {letter: race for race, letter in RACE_LETTERS.items()}},
    "ethnicity": {"columns": ["Hispanic"], "codes": {"Y": "Hispanic", "N": "Not Hispanic"}},
    "naloxone": {"columns": ["Naloxone Given"], "codes": {"Y": "yes", "N": "no"}},
    "substance_texts": [
        {
            "columns": ["Suspected Substance"],
            "patterns": {
                "fentanyl": "fent",
                "heroin": "heroin",
                "cocaine": "cocaine|crack",
                "methamphetamine": "meth",
                "xylazine": "xylazine|tranq",
            },
        }
    ],
}


def _cells(incident: Incident, record_id: str) -> Cells:
    return {
        "Incident Number": record_id,
        "Incident Date": f"{incident.at:%m/%d/%Y}",
        "Incident Time": f"{incident.at:%H:%M}",
        "Latitude": f"{incident.latitude:.5f}",
        "Longitude": f"{incident.longitude:.5f}",
        "Unit": f"Medic {1 + number_of(incident) % 14}",
        "Patient Age": str(incident.person.age),
        "Patient Sex": incident.person.sex[0].upper(),
        "Patient Race": RACE_LETTERS[incident.person.race],
        "Hispanic": "Y" if incident.person.ethnicity == "Hispanic" else "N",
        "Naloxone Given": "Y" if incident.naloxone else "N",
        "Suspected Substance": ", ".join(incident.substances),
        "Disposition": _disposition(incident),
    }


def _disposition(incident: Incident) -> str:
    if incident.fatal:
        return "Dead at scene"
    return "Refused transport" if number_of(incident) % 4 == 0 else "Transported"


def _swapped(cells: Cells) -> Cells:
    return {**cells, "Latitude": cells["Longitude"], "Longitude": cells["Latitude"]}


def _years_ahead(cells: Cells) -> Cells:
    """By four years, so that the 29th of February stays a date."""
    written = str(cells["Incident Date"])
    return {**cells, "Incident Date": f"{written[:-4]}{int(written[-4:]) + 4}"}


FEED = FeedDesign(
    key="ems",
    name="Simulated EMS overdose runs",
    provider=PROVIDER,
    rhythm=Rhythm("day", hour=5),
    suffix=".csv",
    mapping=_MAPPING,
    record_id="EMS-{year}-{number:05d}",
    counts_for=("overdoses",),
    sees=lambda incident: 0.86,
    cells=_cells,
    draft=setting(Patient_Sex="U"),
    damages=(
        Damage("Latitude, Longitude", Reason.IMPOSSIBLE_COORDINATES, setting(Latitude="0", Longitude="0")),
        Damage("Latitude, Longitude", Reason.OUTSIDE, _swapped),
        Damage("Latitude, Longitude", Reason.BAD_COORDINATES, setting(Latitude="no GPS fix")),
        Damage("Incident Date, Incident Time", Reason.BAD_DATE, setting(Incident_Date="13/32/2026")),
        Damage("Incident Date, Incident Time", Reason.FUTURE_DATE, _years_ahead),
    ),
    delay_days=0.15,
    delay_spread=1.2,
)
