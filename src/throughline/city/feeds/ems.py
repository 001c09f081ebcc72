"""The ambulance service: each morning the reports of yesterday's runs, overdoses or not, as NEMSIS 3.5."""

from typing import NamedTuple

from throughline.city.feeds.design import Cells, Damage, FeedDesign, Rhythm, number_of
from throughline.city.geography import CITY_NAME
from throughline.city.incidents import Incident
from throughline.formats import nemsis
from throughline.formats.faults import Reason

PROVIDER = f"Simulated EMS of {CITY_NAME}"
AGENCY = "SIM-EMS"


class _Run(NamedTuple):
    """What a crew was called for and what it found: codes of NEMSIS 3.5 and of ICD-10-CM."""

    dispatch: str
    complaint: str
    symptom: str
    impression: str
    narrative: str


_OTHER_RUNS = (
    _Run("2301033", "Fell on the stairs", "R52", "S09.90XA", "Bruise on the forehead. Denies drug use."),
    _Run("2301021", "Chest pain", "R07.9", "I20.9", "Pain for two hours. Denies alcohol, cocaine or heroin."),
    _Run("2301025", "Seizure at home", "R56.9", "G40.909", "Awake on arrival. Family says no overdose."),
    _Run("2301027", "Confused, diabetic", "R41.0", "E16.2", "Glucose 31. Better after dextrose."),
    _Run("2301095", "Drunk in the street", "R41.82", "F10.929", "Smells of alcohol. Denies opioids."),
    _Run(
        "2301061", "Sick, asks for help", "R11.2", "F11.23", "In withdrawal. History of overdose last year."
    ),
    _Run("2301053", "Maybe an overdose", "R55", "R55", "Fainted at work. No overdose; pupils normal."),
    _Run("2301013", "Short of breath", "R06.02", "J44.1", "Wheezing. Oxygen and a nebulizer helped."),
)
_COMPLAINTS = ("Found down, not breathing", "Unresponsive, blue lips", "Took too much", "Overdose")
_IMPRESSIONS = {
    "fentanyl": "T40.411A",
    "heroin": "T40.1X1A",
    "cocaine": "T40.5X1A",
    "methamphetamine": "T43.621A",
}
_RACES = {"White": "2514011", "Black": "2514005", "Asian": "2514003"}
_HISPANIC = "2514007"
_SEXES = {"female": "9919001", "male": "9919003"}
_UNKNOWN_SEX = "9919005"
_MINUTES = {"01": -2, "03": 0, "05": 1, "06": 7, "07": 9, "13": 52}  # from the call, by element of eTimes
_NALOXONE_AFTER = 12
_DEAD = {"eSituation.13": "2813007", "eDisposition.19": "4219007", "eVitals.26": "3326007"}
_ALIVE = {"eSituation.13": "2813003", "eDisposition.19": "4219003", "eVitals.26": "3326001"}
# Care given or refused, and how the patient left: eDisposition.28, .29 and .30.
_DISPOSITIONS = {
    "dead": ("4228005", "4229011", "4230013"),
    "refused": ("4228001", "4229001", "4230009"),
    "transported": ("4228001", "4229001", "4230001"),
}


def _cells(incident: Incident, record_id: str) -> Cells:
    number = number_of(incident)
    run = _overdose(incident, number) if incident.substances else _OTHER_RUNS[number % len(_OTHER_RUNS)]
    report = record_id.removeprefix(f"{AGENCY}/")
    return {
        "eRecord.01": report,
        "eResponse.03": report,
        "eResponse.04": f"{report}-1",
        "eResponse.14": f"Medic {1 + number % 14}",
        "eDispatch.01": run.dispatch,
        **{f"eTimes.{element}": _instant(incident, minutes) for element, minutes in _MINUTES.items()},
        **_patient(incident),
        "eScene.11": f"{incident.latitude:.5f},{incident.longitude:.5f}",
        "eSituation.04": run.complaint,
        "eSituation.09": run.symptom,
        "eSituation.11": run.impression,
        "eNarrative.01": run.narrative,
        **_medication(incident),
        **(_DEAD if incident.fatal else _ALIVE),
        **_disposition(incident, number),
    }


def _overdose(incident: Incident, number: int) -> _Run:
    """Most crews name the drug; some note only its use, and some only that the patient wasn't conscious."""
    impression = next(
        (_IMPRESSIONS[name] for name in incident.substances if name in _IMPRESSIONS), "T50.901A"
    )
    if number % 11 == 0:
        impression = "F11.10"
    elif number % 29 == 0:
        impression = "R40.20"
    given = "Naloxone given." if incident.naloxone else "Breathing, no naloxone needed."
    ending = "Pronounced dead at scene." if incident.fatal else "Awake when care ended."
    complaint = _COMPLAINTS[number % len(_COMPLAINTS)]
    return _Run("2301053", complaint, "R40.20", impression, f"Overdose, pinpoint pupils. {given} {ending}")


def _instant(incident: Incident, minutes: float) -> str:
    return incident.after(minutes).isoformat(timespec="seconds")


def _patient(incident: Incident) -> Cells:
    """A race for which the standard has no code is not recorded."""
    person = incident.person
    ethnicity = _HISPANIC if person.ethnicity == "Hispanic" else ""
    return {
        "ePatient.14": f"{_RACES.get(person.race, '')} {ethnicity}".strip(),
        "ePatient.15": str(person.age),
        "ePatient.25": _SEXES[person.sex],
    }


def _medication(incident: Incident) -> Cells:
    """4 mg of naloxone into the nose by a paramedic, or no medication."""
    if not (incident.naloxone and incident.substances):
        return {f"eMedications.{number}": "" for number in ("01", "03", "04", "05", "06", "07", "10")}
    return {
        "eMedications.01": _instant(incident, _NALOXONE_AFTER),
        "eMedications.03": "7242",
        "eMedications.04": "9927017",
        "eMedications.05": "4",
        "eMedications.06": "3706021",
        "eMedications.07": "9916003" if incident.fatal else "9916001",
        "eMedications.10": "9905007",
    }


def _disposition(incident: Incident, number: int) -> Cells:
    ending = "dead" if incident.fatal else "refused" if number % 4 == 0 else "transported"
    return dict(
        zip(("eDisposition.28", "eDisposition.29", "eDisposition.30"), _DISPOSITIONS[ending], strict=True)
    )


def _unknown_sex(cells: Cells) -> Cells:
    return {**cells, "ePatient.25": _UNKNOWN_SEX}


def _years_ahead(cells: Cells) -> Cells:
    """By four years, so that the 29th of February stays a date."""
    written = str(cells["eTimes.03"])
    return {**cells, "eTimes.03": f"{int(written[:4]) + 4}{written[4:]}"}


FEED = FeedDesign(
    key="ems",
    name="Simulated EMS runs",
    provider=PROVIDER,
    rhythm=Rhythm("day", hour=5),
    format=nemsis.KEY,
    suffix=".xml",
    mapping=nemsis.MAPPING,
    record_id=AGENCY + "/EMS-{year}-{number:05d}",
    counts_for=("overdoses",),
    definition="ems-drug-overdose",
    sees=lambda incident: 0.86,
    others=0.6,
    cells=_cells,
    draft=_unknown_sex,
    damages=(
        Damage("eTimes.03", Reason.FUTURE_DATE, _years_ahead),
        Damage("eTimes.03", Reason.INVALID, lambda cells: {**cells, "eTimes.03": "13/32/2026"}),
        Damage("eScene.11", Reason.INVALID, lambda cells: {**cells, "eScene.11": "no GPS fix"}),
        Damage("eSituation.11", Reason.INVALID, lambda cells: {**cells, "eSituation.11": "heroin"}),
    ),
    delay_days=0.15,
    delay_spread=1.2,
)
