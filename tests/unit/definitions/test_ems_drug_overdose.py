"""What the wider EMS definition finds beside the official one: overdoses that are coded as other or several drugs."""

from datetime import UTC, datetime

import pytest

from throughline.definitions import Match, library
from throughline.formats.event import Event

WIDER = library()["ems-drug-overdose"]
OFFICIAL = library()["ems-opioid-overdose-as-printed"]


def run(*codes: str, narrative: str = "") -> Event:
    texts = (f"eNarrative.01={narrative}",) if narrative else ()
    return Event("1", datetime(2026, 3, 7, tzinfo=UTC), codes=codes, texts=texts)


def test_an_overdose_of_several_drugs_is_found_by_its_impression_and_its_narrative() -> None:
    event = run("eSituation.11=F19", narrative="Overdose patient, alert on arrival.")
    assert OFFICIAL.matches(event) == ()
    assert WIDER.matches(event) == (Match("eSituation.11", "F19"), Match("eNarrative.01", "overdos"))


@pytest.mark.parametrize(
    ("event", "meets"),
    [
        (run("eSituation.11=T43.621A"), True),
        (run("eSituation.12=T40.5X5A"), False),  # an adverse effect
        (run("eSituation.11=T42.4X1D"), False),  # a later encounter
        (run("eArrest.02=3002005"), True),
        (run("eSituation.11=F19", "eDispatch.01=2301053"), True),
        (
            run("eSituation.11=R07.9", "eDispatch.01=2301053"),
            False,
        ),  # dispatched as an overdose, found to be none
        (run("eSituation.11=F10.92", narrative="Overdose of alcohol."), False),
        (run("eSituation.11=F11.20", narrative="Denies overdose, wants detox."), False),
    ],
)
def test_what_counts(event: Event, meets: bool) -> None:
    assert bool(WIDER.matches(event)) is meets
